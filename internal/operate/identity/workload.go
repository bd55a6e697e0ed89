package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// PostureState says what a check of a device found.
type PostureState string

// A posture that is not known to be ok opens no door.
const (
	PostureOK       PostureState = "ok"
	PostureDegraded PostureState = "degraded"
	PostureUnknown  PostureState = "unknown"
)

// Values lists the states.
func (PostureState) Values() []string {
	return []string{string(PostureOK), string(PostureDegraded), string(PostureUnknown)}
}

// Posture is the last check of a device (catalogue ZTA-11, requirement 001-31).
type Posture struct {
	State        PostureState `json:"state"`
	CheckedAt    time.Time    `json:"checked_at"`
	PatchAgeDays int          `json:"patch_age_days" store:"min=0,max=36500"` // since the last security update
	Managed      bool         `json:"managed"`                                // under the organisation's own management
}

// At is the posture that counts at an instant: a check older than valid, or
// from the future, proves nothing.
func (p Posture) At(now time.Time, valid time.Duration) PostureState {
	age := now.Sub(p.CheckedAt)
	if p.State == "" || p.CheckedAt.IsZero() || age >= valid || age < -skew {
		return PostureUnknown
	}
	return p.State
}

// Device is a machine that workloads run on or that reports for itself: an edge
// computer, a controller, a tablet.
type Device struct {
	Name    string  `json:"name" store:"index,search,required,max=120"`
	Zone    string  `json:"zone" store:"index,required,max=100"`
	Posture Posture `json:"posture"`
}

// Devices is the kind of devices.
func Devices() *store.Kind[Device] { return store.NewKind[Device](KindDevice, "dev") }

// Default gives a device that nobody checked yet the posture unknown.
func (d *Device) Default() {
	if d.Posture.State == "" {
		d.Posture.State = PostureUnknown
	}
}

// Title names the device in lists and links.
func (d *Device) Title() string { return d.Name }

// Validate checks what the declaration cannot say.
func (d *Device) Validate() error {
	var c problem.Checks
	c.Field(scopeName(d.Zone), "zone", "Der Name der Zone enthält Zeichen, die nicht gehen.", "The zone's name holds characters that do not work.")
	c.Field(d.Posture.State == PostureUnknown || !d.Posture.CheckedAt.IsZero(), "posture.checked_at",
		"Ein Zustand braucht den Zeitpunkt der Prüfung.", "A posture needs the time of its check.")
	return c.Err()
}

// Workload is a program that calls models or reports signals: a control system,
// a camera station, an office application.
type Workload struct {
	Name    string   `json:"name" store:"index,search,required,max=120"`
	Zone    string   `json:"zone" store:"index,required,max=100"`
	Systems []string `json:"systems" store:"ref=system"` // AI systems that it may call
	Device  string   `json:"device" store:"ref=device"`  // that it runs on
	Active  bool     `json:"active" store:"index"`
}

// Workloads is the kind of workloads.
func Workloads() *store.Kind[Workload] { return store.NewKind[Workload](KindWorkload, "wkl") }

// Title names the workload in lists and links.
func (w *Workload) Title() string { return w.Name }

// Validate checks what the declaration cannot say.
func (w *Workload) Validate() error {
	var c problem.Checks
	c.Field(scopeName(w.Zone), "zone", "Der Name der Zone enthält Zeichen, die nicht gehen.", "The zone's name holds characters that do not work.")
	for i, s := range w.Systems {
		c.Field(!slices.Contains(w.Systems[:i], s), fmt.Sprintf("systems.%d", i), "Dieses System steht schon da.", "This system is already there.")
	}
	return c.Err()
}

// ReportPosture stores the check of a device: by the device itself with the
// scope posture:report, or by who may change devices. A check older than the
// stored one is a Conflict, so that a delayed report hides nothing.
func (s *Service) ReportPosture(ctx context.Context, by Principal, device string, p Posture) error {
	ctx = store.WithActor(ctx, by.Actor())
	if !(by.Kind == KindDevice && by.ID == device && by.Has(ScopePosture)) {
		if _, err := may(ctx, store.Update, KindDevice); err != nil {
			return err
		}
	}
	var c problem.Checks
	c.Field(!p.CheckedAt.IsZero() && !p.CheckedAt.After(s.o.Now().Add(skew)), "checked_at",
		"Der Zeitpunkt der Prüfung fehlt oder liegt in der Zukunft.", "The time of the check is missing or in the future.")
	if err := c.Err(); err != nil {
		return err
	}
	ctx = onBehalf(ctx)
	return s.db.Write(ctx, func(tx *store.Tx) error {
		d, err := Devices().Get(ctx, tx, device)
		if err != nil {
			return err
		}
		if p.CheckedAt.Before(d.Doc.Posture.CheckedAt) {
			return problem.New(problem.Conflict, "Es gibt schon eine neuere Prüfung dieses Geräts.", "There is already a newer check of this device.")
		}
		d.Doc.Posture = p
		_, err = Devices().Update(ctx, tx, device, d.Revision, d.Doc)
		return err
	})
}

// subject is what the cache holds for Subject.
type subject struct {
	attributes map[string]any
	device     bool // posture follows from it
	posture    Posture
}

// Subject returns what the house knows about a person, workload or device, for
// the decision point (decide.Trusted): roles, zone, device, posture, systems,
// mfa, active. An inactive subject has no roles and no systems. A missing one
// is NotFound. Posture is judged at the instant of the call.
//
// A person's mfa is true while a session with a second factor lives: the only
// thing the house itself can say when another enforcement point asks.
func (s *Service) Subject(ctx context.Context, typ, id string) (map[string]any, error) {
	now := s.clock.now()
	key := typ + "\x00" + id
	sub, gen, ok := s.subjects.get(key, now)
	if !ok {
		var err error
		if sub, err = s.loadSubject(inHouse(ctx), typ, id, now); err != nil {
			return nil, err
		}
		s.subjects.put(key, sub, now, gen)
	}
	out := maps.Clone(sub.attributes)
	if sub.device {
		out["posture"] = string(sub.posture.At(now, s.o.PostureValid))
	}
	return out, nil
}

func (s *Service) loadSubject(ctx context.Context, typ, id string, now time.Time) (sub subject, err error) {
	switch typ {
	case KindPerson:
		o, err := Persons().Get(ctx, s.db, id)
		if err != nil {
			return sub, err
		}
		sub.attributes = map[string]any{"roles": []string{}, "active": o.Doc.Active, "mfa": false}
		if !o.Doc.Active {
			return sub, nil
		}
		sub.attributes["roles"] = o.Doc.roleNames()
		page, err := sessionRows().List(ctx, s.db, store.Query{Filters: []store.Filter{store.Where("person", "=", id)}, Sort: "-seen", Limit: store.MaxLimit})
		if err != nil {
			return sub, err
		}
		for _, row := range page.Items {
			if row.MFA && s.over(row, now) == "" {
				sub.attributes["mfa"] = true
			}
		}
		return sub, nil
	case KindWorkload:
		o, err := Workloads().Get(ctx, s.db, id)
		if err != nil {
			return sub, err
		}
		sub.attributes = map[string]any{"zone": o.Doc.Zone, "active": o.Doc.Active, "roles": []string{}, "systems": []string{}}
		if o.Doc.Active {
			sub.attributes["systems"] = slices.Clone(o.Doc.Systems)
		}
		if o.Doc.Device == "" {
			return sub, nil
		}
		sub.attributes["device"] = o.Doc.Device
		return s.withDevice(ctx, sub, o.Doc.Device)
	case KindDevice:
		sub.attributes = map[string]any{"device": id, "roles": []string{}}
		return s.withDevice(ctx, sub, id)
	}
	return sub, problem.Newf(problem.NotFound, "Diese Art von Handelnden gibt es nicht: %s.", "There is no such kind of subject: %s.", typ)
}

func (s *Service) withDevice(ctx context.Context, sub subject, id string) (subject, error) {
	d, err := Devices().Get(ctx, s.db, id)
	if err != nil {
		return sub, err
	}
	sub.device, sub.posture = true, d.Doc.Posture
	sub.attributes["managed"] = d.Doc.Posture.Managed
	if _, ok := sub.attributes["zone"]; !ok {
		sub.attributes["zone"] = d.Doc.Zone
	}
	return sub, nil
}
