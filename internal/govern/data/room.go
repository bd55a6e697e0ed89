package data

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Seal answers with the organisation's seal: who signs, and its verifier key.
// The signer is nil while the organisation is not open.
type Seal func() (signer note.Signer, vkey string)

// Room keeps data sets, flows and model checks of one organisation.
type Room struct {
	Datasets *store.Kind[Dataset]
	Flows    *store.Kind[Flow]
	Checks   *store.Kind[ModelCheck]
	Files    *store.Kind[File]

	inv  *inventory.Room
	seal Seal
	now  func() time.Time
	db   *store.DB
}

// New declares the room's kinds; Open gives it the database.
func New(inv *inventory.Room, seal Seal, now func() time.Time) *Room {
	return &Room{Datasets: Datasets(), Flows: Flows(), Checks: ModelChecks(), Files: SystemFiles(), inv: inv, seal: seal, now: now}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind {
	return []store.AnyKind{r.Datasets, r.Flows, r.Checks, r.Files}
}

// Open gives the room its database; it puts nothing into the vault.
func (r *Room) Open(db *store.DB, _ *vault.Vault) { r.db = db }

// keys are the organisation's seal and what verifies it.
func (r *Room) keys() (note.Signer, note.Verifier, error) {
	signer, vkey := r.seal()
	v, err := note.NewVerifier(vkey)
	if err != nil || signer == nil {
		return nil, nil, problem.New(problem.Unavailable, "Das Siegel der Organisation ist nicht lesbar.", "The organisation's seal cannot be read.").Wrap(err)
	}
	return signer, v, nil
}

// Of are the data sets of a system, by name.
func (r *Room) Of(ctx context.Context, rd store.Reader, system string) ([]store.Object[Dataset], error) {
	return r.Datasets.All(ctx, rd, store.Query{Filters: []store.Filter{store.Where("systems", "=", system)}, Sort: "name"})
}

// ChecksOf are the model checks of a system, the latest first.
func (r *Room) ChecksOf(ctx context.Context, rd store.Reader, system string) ([]store.Object[ModelCheck], error) {
	return r.Checks.All(ctx, rd, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}, Sort: "-created_at"})
}
