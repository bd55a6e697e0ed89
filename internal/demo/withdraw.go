package demo

import (
	"context"
	"fmt"

	"augenmass/internal/govern/approve"
	"augenmass/internal/record/store"
)

type approval = approve.Approval

// withdraw lets the safety specialist take back the approval of the milling
// line; the permit falls with it.
func (r *running) withdraw(ctx context.Context) (store.Object[approval], error) {
	var none store.Object[approval]
	ctx = store.WithActor(ctx, r.company.People["sicherheit"])
	g := r.company.Org
	d, err := g.Approve.Read(ctx, g.DB, r.company.Systems["mill"])
	if err != nil {
		return none, err
	}
	for _, a := range d.Approvals {
		if a.Doc.Role == "safety" && a.Doc.WithdrawnAt.IsZero() {
			return g.Approve.Withdraw(ctx, a.ID, a.Revision, "Neue Schutzhaube, die Anordnung wird neu geprüft.")
		}
	}
	return none, fmt.Errorf("the milling line has no approval to withdraw")
}

// giveAgain signs the unchanged dossier again.
func (r *running) giveAgain(ctx context.Context, was store.Object[approval]) error {
	ctx = store.WithActor(ctx, r.company.People["sicherheit"])
	_, err := r.company.Org.Approve.Give(ctx, was.Doc.System, was.Doc.Role, was.Doc.ContentHash, "", was.Doc.Method)
	return err
}
