package life

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Stage is a stage that has a gate.
type Stage string

// Values lists the stages with a gate.
func (Stage) Values() []string {
	return []string{string(inventory.Trial), string(inventory.Operation), string(inventory.Retired)}
}

// Workflow is what the organisation itself wants before a stage, beyond what
// everybody needs (requirement 000-17). The history gives its versions; each has
// its reason.
type Workflow struct {
	Stage  Stage  `json:"stage" store:"unique,required"`
	Steps  []Step `json:"steps" store:"max=20"`
	Reason string `json:"reason" store:"required,long,max=2000"` // of this version
}

// Step is one step of a workflow. Its name is what is confirmed: under another
// name it is another step.
type Step struct {
	Name text.Bi `json:"name" store:"required"`
	Who  string  `json:"who" store:"max=120"` // who confirms it, in words; empty: anybody who may
}

// Title names the workflow in lists and links.
func (w *Workflow) Title() string { return string(w.Stage) }

// Validate: every step once, and a reason in words.
func (w *Workflow) Validate() error {
	var c problem.Checks
	seen := map[string]bool{}
	for _, s := range w.Steps {
		c.Field(!seen[s.Name.DE], "steps", "Ein Schritt steht doppelt.", "A step stands twice.")
		seen[s.Name.DE] = true
	}
	c.Field(len([]rune(strings.TrimSpace(w.Reason))) >= 10, "reason", "Bitte in einem Satz sagen, warum der Ablauf so ist.", "Please say in one sentence why the workflow is like this.")
	return c.Err()
}

// reasoned guards workflows: a change comes with a reason of its own.
func reasoned(_ context.Context, _ *store.Tx, _ string, before, after *Workflow) error {
	if before == nil || before.Reason != after.Reason {
		return nil
	}
	var c problem.Checks
	c.Field(false, "reason", "Bitte für diese Änderung einen eigenen Grund nennen.", "Please give this change a reason of its own.")
	return c.Err()
}

// Confirmed is one step of a workflow that somebody confirmed for a system.
type Confirmed struct {
	System string    `json:"system" store:"ref=system,index,required"`
	Stage  Stage     `json:"stage" store:"index,required"`
	Step   string    `json:"step" store:"required,max=400"` // German side of the step's name
	Date   time.Time `json:"date" store:"required"`
	Who    string    `json:"who" store:"ref=person,required"`
	Note   string    `json:"note" store:"long,max=2000"`
}

// Title names the confirmation in lists and links.
func (c *Confirmed) Title() string { return c.Step }

// Confirmations is the kind of confirmed steps.
func Confirmations() *store.Kind[Confirmed] {
	return store.NewKind[Confirmed]("stage_step", "sgs")
}

// own are the steps of the organisation's workflow.
func (r *Room) own(ctx context.Context, rd store.Reader, system string, to inventory.LifeCycle) ([]Item, error) {
	flows, err := r.Workflows.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("stage", "=", string(to))}, Limit: 1, Uncounted: true})
	if err != nil || len(flows.Items) == 0 || len(flows.Items[0].Doc.Steps) == 0 {
		return nil, err
	}
	have, err := of(ctx, rd, r.Confirmed, system)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, s := range flows.Items[0].Doc.Steps {
		met := slices.ContainsFunc(have, func(o store.Object[Confirmed]) bool {
			return o.Doc.Step == s.Name.DE && string(o.Doc.Stage) == string(to) && !o.Doc.Date.After(r.n.Now())
		})
		out = append(out, Item{Code: "step", Say: s.Name, Met: met, Path: "/systems/" + system + "/life#own"})
	}
	return out, nil
}

// Confirm notes that the person who acts confirms a step of the workflow for a
// system.
func (r *Room) Confirm(ctx context.Context, system string, stage inventory.LifeCycle, step, note string) error {
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		asked, err := r.own(ctx, tx, system, stage)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(asked, func(i Item) bool { return i.Say.DE == step })
		if i < 0 {
			return problem.New(problem.NotFound, "Diesen Schritt gibt es im Ablauf nicht.", "The workflow has no such step.")
		}
		if asked[i].Met {
			return nil
		}
		_, err = r.Confirmed.Create(ctx, tx, Confirmed{System: system, Stage: Stage(stage), Step: step, Date: r.n.Now().UTC(), Who: a.ID, Note: strings.TrimSpace(note)})
		return err
	})
}

// Workflows is the kind of workflows, to read and write; the room's own one
// guards them.
func Workflows() *store.Kind[Workflow] { return store.NewKind[Workflow]("workflow", "wfl") }
