// Package plant keeps the process state of each zone: what the plant itself
// last said (running, setup, stopped …) and when. The result gate
// (operate/gateway) asks it whether results may be released in that state;
// "unknown" never may.
//
// A state counts while it is fresh. It is unknown again when the last signal is
// older than the configured age, when none came since the start, or when the
// clock stepped so far back that the signal would lie in the future: nothing is
// remembered over a restart, because an old state says nothing about now.
//
// Signals come in only (HTTP here, MQTT and OPC UA later). This package never
// writes to a controller and has no means to.
//
// Where several nodes serve one organisation, a signal reaches one of them. It
// tells the others through Options.Tell: a new state before the signal is
// acknowledged, the same state again six times within its age, so that a notice
// that was lost costs a sixth of it. The others take it through Heard, and
// whoever starts later is given Signals by those who run.
package plant

import (
	"context"
	"regexp"
	"slices"
	"sync"
	"time"

	"augenmass/internal/problem"
)

// Options of a plant. The zero value is sound.
type Options struct {
	MaxAge time.Duration // a signal counts this long; default 30 s
	Ahead  time.Duration // how far a device's clock may run ahead of ours; default 2 s
	States []string      // the states that exist; nil: any name
	Now    func() time.Time
	// Tell tells the other nodes of a signal; nil: there are none.
	Tell func(ctx context.Context, s Signal) error
	// Changed hears that a zone has another state than before, from whichever
	// node the signal came, before the signal is acknowledged; may be nil.
	Changed func(zone string)
}

// Signal is what one node tells another.
type Signal struct {
	Zone  string    `json:"zone"`
	State string    `json:"state"`
	At    time.Time `json:"at"` // by the device's clock
}

// Plant holds the last signal of each zone. It is safe for many callers.
type Plant struct {
	o  Options
	mu sync.RWMutex
	by map[string]signal
}

type signal struct {
	state    string
	at       time.Time // by the device's clock
	received time.Time // by ours
	told     time.Time // when the other nodes were told of this state; zero: never
}

// Zone is the state of one zone as a page shows it.
type Zone struct {
	Zone  string
	State string // last reported, even if it no longer counts
	At    time.Time
	Known bool
}

// New returns a plant of which nothing is known.
func New(o Options) *Plant {
	if o.MaxAge <= 0 {
		o.MaxAge = 30 * time.Second
	}
	if o.Ahead <= 0 {
		o.Ahead = 2 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Plant{o: o, by: map[string]signal{}}
}

var (
	zonePattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	statePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
)

// Signal takes the state of a zone at an instant of the device's clock, and
// tells the other nodes. When they cannot be told of a new state the signal
// counts here all the same and the error says so; the device sends it again. A
// signal from the future, an unknown state or a malformed name is BadInput; one older
// than the last of its zone is a Conflict and changes nothing (requirement: a
// clock that goes backwards never brings an old state back).
func (p *Plant) Signal(ctx context.Context, zone, state string, at time.Time) error {
	now := p.o.Now()
	if err := p.remember(now, zone, state, at); err != nil || p.o.Tell == nil {
		return err
	}
	if !p.worthTelling(zone, now) {
		return nil
	}
	if err := p.o.Tell(ctx, Signal{Zone: zone, State: state, At: at.UTC()}); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.by[zone]; ok && s.state == state {
		s.told = now
		p.by[zone] = s
	}
	return nil
}

// worthTelling holds for a state that the others do not know, and again after a
// sixth of a signal's age.
func (p *Plant) worthTelling(zone string, now time.Time) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	since := now.Sub(p.by[zone].told)
	return p.by[zone].told.IsZero() || since >= p.o.MaxAge/6 || since < 0
}

// Heard takes a signal that another node took. It is held to the same rules.
func (p *Plant) Heard(s Signal) error { return p.remember(p.o.Now(), s.Zone, s.State, s.At) }

// Signals lists the last signal of each zone that still counts, by zone.
func (p *Plant) Signals() []Signal {
	var out []Signal
	for _, z := range p.Zones() {
		if z.Known {
			out = append(out, Signal{Zone: z.Zone, State: z.State, At: z.At})
		}
	}
	return out
}

// remember takes a signal and says so where it changed something.
func (p *Plant) remember(now time.Time, zone, state string, at time.Time) error {
	before, _, _ := p.State(zone)
	err := p.keep(now, zone, state, at)
	if after, _, _ := p.State(zone); after != before && p.o.Changed != nil {
		p.o.Changed(zone)
	}
	return err
}

// keep holds a signal against the rules and remembers it.
func (p *Plant) keep(now time.Time, zone, state string, at time.Time) error {
	var c problem.Checks
	c.Field(zonePattern.MatchString(zone), "zone", "Die Zone fehlt oder enthält unerlaubte Zeichen.", "The zone is missing or holds characters that are not allowed.")
	c.Field(statePattern.MatchString(state), "state", "Der Zustand fehlt oder enthält unerlaubte Zeichen.", "The state is missing or holds characters that are not allowed.")
	c.Field(len(p.o.States) == 0 || slices.Contains(p.o.States, state), "state", "Diesen Zustand kennt die Anlage nicht.", "The plant does not know this state.")
	c.Field(!at.IsZero(), "at", "Der Zeitpunkt fehlt.", "The instant is missing.")
	c.Field(at.IsZero() || !at.After(now.Add(p.o.Ahead)), "at",
		"Der Zeitpunkt liegt in der Zukunft; bitte die Uhr des Geräts prüfen.", "The instant lies in the future; please check the device's clock.")
	c.Field(at.IsZero() || now.Sub(at) <= p.o.MaxAge, "at",
		"Der Zeitpunkt liegt zu lange zurück; bitte die Uhr des Geräts prüfen.", "The instant is too long ago; please check the device's clock.")
	if err := c.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A last signal that by now lies in the future was taken before our own
	// clock was set back; it must not lock the zone.
	if last, ok := p.by[zone]; ok && at.Before(last.at) && !last.at.After(now.Add(p.o.Ahead)) {
		return problem.New(problem.Conflict,
			"Für diese Zone liegt schon ein neueres Signal vor; dieses wurde nicht übernommen.",
			"There is a newer signal for this zone already; this one was not taken.").
			WithHint("Läuft die Uhr des Geräts rückwärts oder kommen Signale verspätet an?",
				"Is the device's clock going backwards, or do signals arrive late?")
	}
	next := signal{state: state, at: at.UTC(), received: now}
	if last := p.by[zone]; last.state == state {
		next.told = last.told
	}
	p.by[zone] = next
	return nil
}

// State returns the state of a zone and when the device reported it. Known is
// false when it may not be relied on; state and time are then empty, so that
// nobody can use them by mistake.
func (p *Plant) State(zone string) (state string, at time.Time, known bool) {
	p.mu.RLock()
	s, ok := p.by[zone]
	p.mu.RUnlock()
	if !ok || !p.fresh(s) {
		return "", time.Time{}, false
	}
	return s.state, s.at, true
}

// fresh holds for a signal within its age by both clocks: ours since it was
// received (monotonic where the clock is), and the device's own time.
func (p *Plant) fresh(s signal) bool {
	now := p.o.Now()
	since, age := now.Sub(s.received), now.Sub(s.at)
	return since <= p.o.MaxAge && age <= p.o.MaxAge && since >= -p.o.Ahead && age >= -p.o.Ahead
}

// Zones lists every zone that ever reported, by name.
func (p *Plant) Zones() []Zone {
	p.mu.RLock()
	defer p.mu.RUnlock()
	zones := make([]Zone, 0, len(p.by))
	for name, s := range p.by {
		zones = append(zones, Zone{Zone: name, State: s.state, At: s.at, Known: p.fresh(s)})
	}
	slices.SortFunc(zones, func(a, b Zone) int {
		if a.Zone < b.Zone {
			return -1
		}
		return 1
	})
	return zones
}
