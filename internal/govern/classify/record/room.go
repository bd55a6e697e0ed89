// Package record keeps what a classification rests on beyond its answers, and
// speaks for it to permits (stand.Source "class"): exceptions of Art. 6(3) with
// criterion, reason, evidence, reviewer and day (requirement 001-12), the yearly
// signed declaration that no prohibited system exists (001-43), the route of
// conformity assessment and what came of it (001-44), the security level of each
// zone as an axis of its own (target, capable, achieved; IEC 62443), and the
// watch: when purpose, data, model, market or law changed since a classification,
// a review becomes a task for every system, and for those on which much depends
// the permit rests until it is done.
//
// Which class a system has is govern/classify's to say; the room changes none.
// Which route the law provides for is the packs' (rule set conformity-route).
package record

import (
	"context"
	"fmt"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
	"augenmass/internal/text"
)

// Room is the records around classification of one organisation.
type Room struct {
	Exceptions   *store.Kind[Exception]
	Declarations *store.Kind[Declaration]
	Conformities *store.Kind[Conformity]
	Zones        *store.Kind[ZoneLevel]

	cls *classify.Room
	lib func() *packs.Library
	now func() time.Time
	db  *store.DB
}

// New declares the room's kinds; Open gives it the database.
func New(cls *classify.Room, lib func() *packs.Library, now func() time.Time) *Room {
	r := &Room{Exceptions: Exceptions(), Conformities: Conformities(), Zones: Zones(), cls: cls, lib: lib, now: now}
	r.Declarations = store.NewKind[Declaration]("declaration", "dcl", store.Guard(r.declared))
	return r
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind {
	return []store.AnyKind{r.Exceptions, r.Declarations, r.Conformities, r.Zones}
}

// Open gives the room its database; it keeps nothing in the vault.
func (r *Room) Open(db *store.DB, _ *vault.Vault) { r.db = db }

// Name is the room's name among the sources of permits.
func (r *Room) Name() string { return "class" }

// Touches are the kinds whose change may touch a permit. Changes of systems,
// models and classifications touch it anyway.
func (r *Room) Touches() []string { return []string{r.Exceptions.Name(), r.Conformities.Name()} }

// SystemOf names the system of an exception or a conformity assessment.
func (r *Room) SystemOf(ctx context.Context, rd store.Reader, kind, id string) (string, error) {
	if kind == r.Exceptions.Name() {
		o, err := r.Exceptions.Get(ctx, rd, id)
		return o.Doc.System, err
	}
	o, err := r.Conformities.Get(ctx, rd, id)
	return o.Doc.System, err
}

// seen is what an approver approves of these records.
type seen struct {
	Exceptions []seenException `json:"exceptions,omitempty"`
	Conformity *seenConformity `json:"conformity,omitempty"`
}

type seenException struct {
	Criterion Criterion `json:"criterion"`
	Reason    string    `json:"reason"`
	Evidence  string    `json:"evidence"`
	Reviewer  string    `json:"reviewer"`
	Date      time.Time `json:"date"`
}

type seenConformity struct {
	Route       Route     `json:"route"`
	Standards   bool      `json:"standards"`
	Body        string    `json:"body"`
	Certificate string    `json:"certificate"`
	Date        time.Time `json:"date"`
}

// Says reads what the records say about a system, in two queries.
func (r *Room) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	var said stand.Said
	if s.Classification == nil {
		return said, nil
	}
	of := store.Query{Filters: []store.Filter{store.Where("system", "=", s.System.ID)}, Sort: "-date", Limit: store.MaxLimit, Uncounted: true}
	exceptions, err := r.Exceptions.List(ctx, rd, of)
	if err != nil {
		return said, err
	}
	assessed, err := r.Conformities.List(ctx, rd, of)
	if err != nil {
		return said, err
	}
	var saw seen
	if d := excepted(s, exceptions.Items, &saw); d != nil {
		said.Demands = append(said.Demands, *d)
		said.Parts = append(said.Parts, part(*d, text.Bi{DE: "Ausnahme nach Art. 6(3)", EN: "Exception under Art. 6(3)"}, "/duties/exceptions"))
	}
	d, err := r.assessed(s, assessed.Items, &saw)
	if err != nil {
		return said, err
	}
	if d != nil {
		said.Demands = append(said.Demands, *d)
		said.Parts = append(said.Parts, part(*d, text.Bi{DE: "Konformitätsbewertung", EN: "Conformity assessment"}, "/duties/conformity"))
	}
	if s.Grave() {
		if d, err = r.watched(s); err != nil {
			return said, err
		}
		said.Demands = append(said.Demands, *d)
		if !d.Met {
			said.Parts = append(said.Parts, part(*d, text.Bi{DE: "Einstufung neu prüfen", EN: "Look at the classification again"}, "/systems/"+s.System.ID+"/classify"))
		}
	}
	for _, o := range exceptions.Items {
		said.Objects = append(said.Objects, o.ID)
	}
	for _, o := range assessed.Items {
		said.Objects = append(said.Objects, o.ID)
	}
	if len(saw.Exceptions) > 0 || saw.Conformity != nil {
		said.Seen = saw
	}
	return said, nil
}

func part(d permit.Demand, title text.Bi, path string) stand.Part {
	return stand.Part{Title: title, Lines: []text.Bi{d.Detail}, Path: path, Open: !d.Met}
}

// excepted is the demand that an exception which the result rests on has its
// record: same criterion, dated, reviewed. It is asked of every system, because a
// claimed exception without its record is found wrong. nil: none is claimed.
func excepted(s stand.Subject, have []store.Object[Exception], saw *seen) *permit.Demand {
	claim := Criterion(s.Classification.Doc.Claims())
	if claim == "" {
		return nil
	}
	d := &permit.Demand{Code: permit.DemandException, Since: s.Classification.Doc.AsOf, Clauses: []string{claim.Clause()},
		Detail: text.Bi{DE: "Es fehlt: Begründung mit Nachweis, Prüfer und Tag.", EN: "Missing: the reason with evidence, reviewer and day."}}
	for _, o := range have { // newest first
		if o.Doc.Criterion != claim || o.Doc.Date.After(s.Now) {
			continue
		}
		d.Met, d.Object, d.Since, d.Until = true, o.ID, o.Doc.Date, o.Doc.Until
		d.Detail = text.Bi{DE: "Begründet: " + o.Doc.Reason, EN: "Reason: " + o.Doc.Reason}
		saw.Exceptions = append(saw.Exceptions, seenException{o.Doc.Criterion, o.Doc.Reason, o.Doc.Evidence, o.Doc.Reviewer, o.Doc.Date})
		break
	}
	return d
}

// watched is the demand that nothing changed on which the class of a grave system
// rests. While nothing did, it holds until the next day on which the law says
// something else about the same answers.
func (r *Room) watched(s stand.Subject) (*permit.Demand, error) {
	c := s.Classification.Doc
	d := &permit.Demand{Code: permit.DemandReclassify, Met: true, Object: s.Classification.ID}
	found, err := r.Triggers(s.System.Doc, s.Models, c, s.Now)
	if err != nil {
		return nil, err
	}
	found = weighty(found)
	if len(found) > 0 {
		d.Met, d.Detail = false, Tell(found)
		return d, nil
	}
	next, err := r.cls.NextDay(s.Now)
	if err != nil || next.IsZero() {
		return d, err
	}
	moved, err := r.cls.Moved(c, next)
	if err != nil {
		return nil, fmt.Errorf("read a classification on the next day of law: %w", err)
	}
	if moved == classify.ByLaw {
		d.Until = next
	}
	return d, nil
}
