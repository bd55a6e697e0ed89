package interview

import (
	"context"
	"time"

	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// The room is a source of permits.
var _ stand.Source = (*Room)(nil)

// Name is the room's name in content hashes.
func (r *Room) Name() string { return "impact" }

// Touches are the kinds whose change may touch a permit. Answers do not: only
// what was concluded counts.
func (r *Room) Touches() []string { return []string{r.Interviews.Name()} }

// SystemOf names the system of a wave.
func (r *Room) SystemOf(ctx context.Context, rd store.Reader, _, id string) (string, error) {
	o, err := r.Interviews.Get(ctx, rd, id)
	return o.Doc.System, err
}

// seen is what an approver approves of a concluded wave: what was answered, what
// follows from it, and how it was decided. No days, no names.
type seen struct {
	Wave       int        `json:"wave"`
	Version    string     `json:"version"`
	Depth      Depth      `json:"depth"`
	Answers    []Answer   `json:"answers"`
	Results    []seenItem `json:"results"`
	Say        string     `json:"say"`
	Conditions string     `json:"conditions"`
	Dissents   int        `json:"dissents"`
}

type seenItem struct {
	Result string   `json:"result"`
	Duty   Duty     `json:"duty"`
	Done   bool     `json:"done"`
	Level  int      `json:"level"`
	Rights []string `json:"rights"`
	Flags  int      `json:"flags"`
}

// Says reads the waves of the system: one query. An AI impact assessment is
// needed where much depends on the system, the two others where they are owed on
// the day; of any other only what it found wrong counts.
func (r *Room) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	waves, err := r.Of(ctx, rd, s.System.ID)
	if err != nil {
		return stand.Said{}, err
	}
	v, err := r.Questions(Impact)
	if err != nil {
		return stand.Said{}, err
	}
	var last *store.Object[Interview]
	for i := range waves {
		if !waves[i].Doc.Open() {
			last = &waves[i]
			break
		}
	}
	var said stand.Said
	var standing []Answer
	if last != nil {
		standing = last.Doc.Answers
		said.Objects, said.Seen = []string{last.ID}, sees(last.Doc)
	}
	owed, err := Owings(r.lib(), v, s.Grave(), s.Classification, standing, s.Now)
	if err != nil {
		return stand.Said{}, err
	}
	part := stand.Part{Title: v.Title, Path: "/systems/" + s.System.ID + "/impact"}
	for _, o := range owed {
		a, needed := assessment(v, o, last, s)
		if needed {
			said.Assessments = append(said.Assessments, a)
			part.Open = part.Open || !a.Done || a.RedFlag
		}
		if line, ok := paragraph(v, o, last, needed); ok {
			part.Lines = append(part.Lines, line)
		}
	}
	if len(part.Lines) > 0 {
		said.Parts = []stand.Part{part}
	}
	return said, nil
}

func sees(d Interview) seen {
	out := seen{Wave: d.Wave, Version: d.Version, Depth: d.Depth, Answers: d.Answers, Say: d.Say, Conditions: d.Conditions, Dissents: d.Dissents}
	for _, x := range d.Results {
		out.Results = append(out.Results, seenItem{x.Result, x.Duty, x.Done, x.Level, x.Rights, len(x.Flags)})
	}
	return out
}

// assessment is the state of one result as a permit needs it; needed is false
// where the permit need not know of it.
func assessment(v *packs.Interview, o Owing, last *store.Object[Interview], s stand.Subject) (a permit.Assessment, needed bool) {
	res, _ := v.Result(o.Result)
	a = permit.Assessment{Kind: o.Result, Clauses: res.Clauses}
	var until time.Time
	if last != nil {
		a.ID = last.ID
		if x, ok := last.Doc.Result(o.Result); ok {
			a.Done, a.RedFlag, until = x.Done, x.Done && len(x.Flags) > 0, last.Doc.ValidUntil
		}
	}
	must := o.Duty == Owed || o.Duty == Asked || o.Duty == Unclear && o.May(Owed) && s.Grave()
	switch {
	case must:
		a.ValidUntil = until
		if !a.Done {
			a.ValidUntil = time.Time{}
		}
		return a, true
	case o.Duty == Coming && !a.Done:
		// Nothing is missing until the day on which the duty begins; the permit
		// ends then unless the result is there.
		a.Done, a.ValidUntil = true, o.From
		return a, true
	case a.RedFlag:
		return a, true // found wrong; that it was voluntary does not make it right
	}
	return a, false
}

func paragraph(v *packs.Interview, o Owing, last *store.Object[Interview], needed bool) (text.Bi, bool) {
	res, _ := v.Result(o.Result)
	line := func(de, en string) (text.Bi, bool) {
		return text.Bi{DE: res.Title.DE + ": " + de, EN: res.Title.EN + ": " + en}, true
	}
	if last != nil {
		if x, ok := last.Doc.Result(o.Result); ok && x.Done {
			if x.Level == 0 {
				return line("abgeschlossen, kein Recht berührt.", "concluded, no right touched.")
			}
			l := v.Rights.Levels[x.Level-1]
			return line("abgeschlossen; es bleibt höchstens ein Risiko der Stufe „"+l.DE+"“.", "concluded; a risk of level '"+l.EN+"' remains at most.")
		}
	}
	if needed && o.Duty != Coming {
		return line("fehlt.", "missing.")
	}
	return text.Bi{}, false
}
