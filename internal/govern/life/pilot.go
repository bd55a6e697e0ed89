package life

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Pilot keeps a system to an area and a time (requirements 000-53, 000-57). Its
// rollout extends the area step by step; what was learnt goes into the process as
// a task.
type Pilot struct {
	System  string    `json:"system" store:"ref=system,index,required"`
	Area    string    `json:"area" store:"search,required,max=200"` // as people call it
	Zones   []string  `json:"zones" store:"index,max=40"`           // of the plant; empty: the area has none of its own
	From    time.Time `json:"from" store:"index,required"`
	End     time.Time `json:"end" store:"index,required"`
	Goal    string    `json:"goal" store:"long,max=2000"` // by what one will see whether it worked
	Lessons string    `json:"lessons" store:"long,max=4000"`
	Rollout []Extend  `json:"rollout" store:"max=40"`
}

// Extend is one step of a rollout.
type Extend struct {
	Zones []string  `json:"zones" store:"max=40"`
	Day   time.Time `json:"day"` // from which they count
	Say   string    `json:"say" store:"max=400"`
}

// Title names the pilot in lists and links.
func (p *Pilot) Title() string { return p.Area }

// Validate: a pilot ends, a step of the rollout has zones and a day, and what was
// learnt comes before what is extended.
func (p *Pilot) Validate() error {
	var c problem.Checks
	c.Field(p.End.After(p.From), "end", "Das Ende liegt nach dem Beginn.", "The end lies after the start.")
	for i, s := range p.Rollout {
		at := "rollout." + string(rune('0'+i%10))
		c.Field(len(s.Zones) > 0, at+".zones", "Welche Zonen kommen hinzu?", "Which zones are added?")
		c.Field(!s.Day.IsZero(), at+".day", "Ab wann?", "From when?")
	}
	c.Field(len(p.Rollout) == 0 || strings.TrimSpace(p.Lessons) != "", "lessons",
		"Vor dem Ausweiten bitte festhalten, was der Pilot gezeigt hat.", "Before extending please note what the pilot has shown.")
	return c.Err()
}

// Allowed are the zones in which the system may be used on a day.
func (p *Pilot) Allowed(at time.Time) []string {
	out := slices.Clone(p.Zones)
	for _, s := range p.Rollout {
		if !s.Day.After(at) {
			out = append(out, s.Zones...)
		}
	}
	return out
}

// Beyond are the zones of a system that lie outside its pilot on a day. A pilot
// without zones keeps nothing out.
func (p *Pilot) Beyond(zones []string, at time.Time) []string {
	if len(p.Zones) == 0 {
		return nil
	}
	allowed := p.Allowed(at)
	return slices.DeleteFunc(slices.Clone(zones), func(z string) bool { return slices.Contains(allowed, z) })
}

// lessonsWithin is how soon lessons become changes; our own convention.
const lessonsWithin = 30 * 24 * time.Hour

// learnt guards pilots: new lessons become a task to change the process.
func (r *Room) learnt(ctx context.Context, tx *store.Tx, _ string, before, after *Pilot) error {
	lessons := strings.TrimSpace(after.Lessons)
	if lessons == "" || before != nil && strings.TrimSpace(before.Lessons) == lessons {
		return nil
	}
	s, err := inventory.Systems().Get(ctx, tx, after.System)
	if err != nil {
		return err
	}
	called := text.Bi{DE: "Lehren des Piloten übernehmen: " + s.Doc.Name, EN: "Take over the lessons of the pilot: " + s.Doc.Name}
	_, err = duty.Tasks().Create(ctx, tx, duty.Task{Name: called.DE, Called: called, Phase: duty.Act, Cause: duty.ByPilot, Due: r.n.Now().UTC().Add(lessonsWithin),
		Owner: s.Doc.RiskOwner, Systems: []string{s.ID}, About: []string{"iso42001.10.1"}, Say: text.Bi{
			DE: "Bitte Ablauf, Regeln oder Unterlagen anpassen. Gelernt wurde: " + lessons,
			EN: "Please adapt workflow, rules or documents. What was learnt: " + lessons}})
	return err
}

// Name is the room's name among the sources of permits.
func (r *Room) Name() string { return "life" }

// Touches are the kinds whose change may touch a permit.
func (r *Room) Touches() []string { return []string{r.Pilots.Name()} }

// SystemOf names the system of a pilot.
func (r *Room) SystemOf(ctx context.Context, rd store.Reader, _, id string) (string, error) {
	o, err := r.Pilots.Get(ctx, rd, id)
	return o.Doc.System, err
}

// seenPilot is what an approver approves of a pilot.
type seenPilot struct {
	Area    string    `json:"area"`
	Zones   []string  `json:"zones"`
	From    time.Time `json:"from"`
	End     time.Time `json:"end"`
	Rollout []Extend  `json:"rollout"`
}

// Says reads the pilot of a system: one query. Without one nothing is demanded.
func (r *Room) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	var said stand.Said
	all, err := of(ctx, rd, r.Pilots, s.System.ID)
	if err != nil || len(all) == 0 {
		return said, err
	}
	for _, o := range all {
		said.Objects = append(said.Objects, o.ID)
	}
	o := all[0]
	p := o.Doc
	d := permit.Demand{Code: permit.DemandPilot, Met: true, Object: o.ID}
	switch beyond := p.Beyond(s.System.Doc.Zones, s.Now); {
	case len(beyond) > 0:
		names := strings.Join(beyond, ", ")
		d.Met, d.Detail = false, text.Bi{DE: "Nicht freigegeben: " + names + ".", EN: "Not released: " + names + "."}
	case strings.TrimSpace(p.Lessons) == "": // over without a result is beyond its time
		d.Until = p.End
		d.Detail = text.Bi{DE: "Nach dem Ende des Piloten fehlt, was er gezeigt hat.", EN: "After the end of the pilot it is missing what it has shown."}
	}
	said.Demands = []permit.Demand{d}
	said.Seen = seenPilot{p.Area, p.Zones, p.From, p.End, p.Rollout}
	line := text.Bi{DE: "Pilot „" + p.Area + "“ bis " + p.End.UTC().Format("02.01.2006") + ".", EN: "Pilot '" + p.Area + "' until " + p.End.UTC().Format(time.DateOnly) + "."}
	said.Parts = []stand.Part{{Title: text.Bi{DE: "Pilot", EN: "Pilot"}, Lines: []text.Bi{line}, Path: "/systems/" + s.System.ID + "/life", Open: !d.Met}}
	return said, nil
}

// Pilots is the kind of pilots, to read and write; the room's own one guards them.
func Pilots() *store.Kind[Pilot] { return store.NewKind[Pilot]("pilot", "plt") }
