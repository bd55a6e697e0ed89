package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Room is the records, evidence and targets of one organisation.
type Room struct {
	Controls  *store.Kind[Record]
	Evidences *store.Kind[Evidence]
	Targets   *store.Kind[Target]
	lib       func() *packs.Library
	roles     []string
	now       func() time.Time
	db        *store.DB
}

// New declares the room's kinds; Open gives it the database. lib is asked on
// every write, because an organisation may add packs while it runs. roles are
// the roles of the register that may be responsible.
func New(lib func() *packs.Library, roles []string, now func() time.Time) *Room {
	return &Room{Controls: Records(), Evidences: EvidenceKind(), Targets: Targets(), lib: lib, roles: slices.Clone(roles), now: now}
}

// Kinds lists what the room stores. Evidence refers to the kinds person and
// system.
func (r *Room) Kinds() []store.AnyKind {
	return []store.AnyKind{r.Controls, r.Evidences, r.Targets}
}

// Open gives the room its database.
func (r *Room) Open(db *store.DB) { r.db = db }

// Roles are the roles that may be responsible, in the order of the register.
func (r *Room) Roles() []string { return slices.Clone(r.roles) }

// Sayings are records by their key (KeyOf).
type Sayings map[string]store.Object[Record]

// Of returns the record of one requirement; ok is false while nobody has said
// anything about it.
func (s Sayings) Of(framework, clause string) (store.Object[Record], bool) {
	o, ok := s[KeyOf(framework, clause)]
	return o, ok
}

// Records returns the records of the frameworks named, of all without a name:
// one query for every 500.
func (r *Room) Records(ctx context.Context, rd store.Reader, frameworks ...string) (Sayings, error) {
	var filters []store.Filter
	if len(frameworks) > 0 {
		f := store.Where("framework", "in")
		for _, id := range frameworks {
			f.Values = append(f.Values, id)
		}
		filters = append(filters, f)
	}
	all, err := r.Controls.All(ctx, rd, store.Query{Filters: filters})
	if err != nil {
		return nil, err
	}
	out := make(Sayings, len(all))
	for _, o := range all {
		out[o.Doc.Key] = o
	}
	return out, nil
}

// Record returns the record of one requirement; ok is false while nobody has
// said anything about it.
func (r *Room) Record(ctx context.Context, rd store.Reader, framework, clause string) (o store.Object[Record], ok bool, err error) {
	return first(ctx, rd, r.Controls, store.Where("key", "=", KeyOf(framework, clause)))
}

// Evidence returns all evidence objects, oldest first: one query for every 500.
func (r *Room) Evidence(ctx context.Context, rd store.Reader) ([]store.Object[Evidence], error) {
	return r.Evidences.All(ctx, rd, store.Query{})
}

// Target returns the target of a framework; ok is false without one.
func (r *Room) Target(ctx context.Context, rd store.Reader, framework string) (o store.Object[Target], ok bool, err error) {
	return first(ctx, rd, r.Targets, store.Where("framework", "=", framework))
}

// AllTargets returns the targets by framework.
func (r *Room) AllTargets(ctx context.Context, rd store.Reader) (map[string]store.Object[Target], error) {
	all, err := r.Targets.All(ctx, rd, store.Query{})
	if err != nil {
		return nil, err
	}
	out := make(map[string]store.Object[Target], len(all))
	for _, o := range all {
		out[o.Doc.Framework] = o
	}
	return out, nil
}

func first[T any](ctx context.Context, rd store.Reader, k *store.Kind[T], filters ...store.Filter) (o store.Object[T], ok bool, err error) {
	p, err := k.List(ctx, rd, store.Query{Filters: filters, Limit: 1, Uncounted: true})
	if err != nil || len(p.Items) == 0 {
		return o, false, err
	}
	return p.Items[0], true, nil
}

// Framework returns a framework of the packs, or NotFound.
func (r *Room) Framework(id string) (packs.Framework, error) {
	fw, ok := r.lib().Framework(id)
	if !ok {
		return packs.Framework{}, problem.Newf(problem.NotFound, "Das Regelwerk „%s“ steht in keinem Paket.", "No pack has the framework '%s'.", id).
			WithHint("Die Übersicht der Regelwerke zeigt alle.", "The overview of frameworks shows all.")
	}
	return fw, nil
}

// Put saves what is said about one requirement. Revision 0 says it for the
// first time; otherwise it must be the stored one's (Conflict if not). It sets
// key, version and day itself, and status or decision where only one of them
// says "not applicable". BadInput names every wrong field: a clause that the
// framework does not have, a role that the register does not have, a decision
// of the statement of applicability without reason or role.
func (r *Room) Put(ctx context.Context, revision int64, rec Record) (store.Object[Record], error) {
	var saved store.Object[Record]
	fw, err := r.Framework(rec.Framework)
	if err != nil {
		return saved, err
	}
	rec.Default()
	switch {
	case rec.Applicable == No && rec.Status == Open:
		rec.Status = NotApplicable
	case rec.Status == NotApplicable && rec.Applicable == Undecided:
		rec.Applicable = No
	}
	rec.Reason, rec.Implementation = strings.TrimSpace(rec.Reason), strings.TrimSpace(rec.Implementation)
	rec.Key, rec.Version, rec.AsOf = KeyOf(rec.Framework, rec.Clause), fw.Version, r.now().UTC()
	if err := r.check(fw, rec); err != nil {
		return saved, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		have, ok, err := r.Record(ctx, tx, rec.Framework, rec.Clause)
		if err != nil {
			return err
		}
		if ok {
			saved, err = r.Controls.Update(ctx, tx, have.ID, revision, rec)
			return err
		}
		if revision != 0 {
			return gone()
		}
		saved, err = r.Controls.Create(ctx, tx, rec)
		return err
	})
	return saved, err
}

// gone is what a change gets whose object was deleted meanwhile.
func gone() error {
	return problem.New(problem.Conflict, "Jemand hat das inzwischen gelöscht.", "Somebody deleted it meanwhile.").
		WithHint("Bitte die Seite neu laden und neu anlegen.", "Please load the page again and enter it anew.")
}

func (r *Room) check(fw packs.Framework, rec Record) error {
	var c problem.Checks
	_, at, ok := fw.Item(rec.Clause)
	c.Field(ok, "clause", "Diese Fundstelle gehört nicht zum Regelwerk.", "This clause is not part of the framework.")
	c.Field(rec.Responsible == "" || slices.Contains(r.roles, rec.Responsible), "responsible",
		"Diese Rolle gibt es im Verzeichnis nicht.", "The register has no such role.")
	decided := rec.Applicable == Yes || rec.Applicable == No
	if ok && decided && Stated(fw, at) {
		c.Field(rec.Reason != "", "reason",
			"Eine Entscheidung in der Erklärung zur Anwendbarkeit braucht eine Begründung.", "A decision of the statement of applicability needs a reason.")
		c.Field(rec.Responsible != "", "responsible",
			"Eine Entscheidung in der Erklärung zur Anwendbarkeit braucht eine verantwortliche Rolle.", "A decision of the statement of applicability needs a responsible role.")
	}
	if err := c.Err(); err != nil {
		return err
	}
	return rec.Validate()
}

// PutEvidence saves an evidence object: id "" and revision 0 for a new one.
// BadInput names every wrong field, among them clauses that no pack has and a
// date that lies ahead.
func (r *Room) PutEvidence(ctx context.Context, id string, revision int64, e Evidence) (store.Object[Evidence], error) {
	var saved store.Object[Evidence]
	e.Name, e.Hash = strings.TrimSpace(e.Name), strings.ToLower(strings.TrimSpace(e.Hash))
	var c problem.Checks
	lib := r.lib()
	for _, clause := range e.Clauses {
		_, _, _, ok := lib.Cited(clause)
		c.Field(ok, "clauses", "Diese Fundstelle steht in keinem Paket: "+clause+".", "No pack has this clause: "+clause+".")
	}
	// A day that has begun somewhere on earth is today, not tomorrow.
	c.Field(!e.Date.After(r.now().Add(14*time.Hour)), "date", "Das Datum liegt in der Zukunft.", "The date lies in the future.")
	if err := c.Err(); err != nil {
		return saved, err
	}
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if id == "" {
			saved, err = r.Evidences.Create(ctx, tx, e)
			return err
		}
		saved, err = r.Evidences.Update(ctx, tx, id, revision, e)
		return err
	})
	return saved, err
}

// RemoveEvidence deletes an evidence object; its history stays. The file in the
// vault is the caller's to erase.
func (r *Room) RemoveEvidence(ctx context.Context, id string, revision int64) error {
	return r.db.Write(ctx, func(tx *store.Tx) error { return r.Evidences.Delete(ctx, tx, id, revision) })
}

// PutTarget saves the target of a framework. Revision as in Put. A day that is
// not ahead is BadInput.
func (r *Room) PutTarget(ctx context.Context, revision int64, t Target) (store.Object[Target], error) {
	var saved store.Object[Target]
	if _, err := r.Framework(t.Framework); err != nil {
		return saved, err
	}
	var c problem.Checks
	c.Field(t.Date.After(r.now()), "date", "Der Zieltermin liegt in der Zukunft.", "The target date lies in the future.")
	if err := c.Err(); err != nil {
		return saved, err
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		have, ok, err := r.Target(ctx, tx, t.Framework)
		if err != nil {
			return err
		}
		if ok {
			saved, err = r.Targets.Update(ctx, tx, have.ID, revision, t)
			return err
		}
		if revision != 0 {
			return gone()
		}
		saved, err = r.Targets.Create(ctx, tx, t)
		return err
	})
	return saved, err
}
