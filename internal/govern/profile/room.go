package profile

import (
	"context"
	"sync"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Judge lets the rules of classification read answers as of a date: who owes a
// transparency notice is theirs to say (classify.Room.Judge).
type Judge func(at time.Time, verdict string, answers []classify.Answer) (classify.Result, error)

// Room is the profiles of one organisation.
type Room struct {
	Profiles *store.Kind[Profile]
	systems  *store.Kind[inventory.System]
	tasks    *store.Kind[duty.Task]
	lib      func() *packs.Library
	judge    Judge
	now      func() time.Time
	db       *store.DB

	mu    sync.Mutex
	of    *packs.Library // that lists was read from
	lists Lists
}

// New declares the room's kind; Open gives it the database. lib answers with the
// library as it is now.
func New(lib func() *packs.Library, judge Judge, now func() time.Time) *Room {
	return &Room{Profiles: Profiles(), systems: inventory.Systems(), tasks: duty.Tasks(), lib: lib, judge: judge, now: now}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Profiles} }

// Open gives the room its database; it keeps nothing in the vault.
func (r *Room) Open(db *store.DB, _ *vault.Vault) { r.db = db }

// Lists are the lists of the packs as they are now.
func (r *Room) Lists() Lists {
	lib := r.lib()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of != lib {
		r.of, r.lists = lib, ListsOf(lib)
	}
	return r.lists
}

// Of returns the profile of a system, or NotFound.
func (r *Room) Of(ctx context.Context, rd store.Reader, system string) (store.Object[Profile], error) {
	p, err := r.Profiles.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}, Limit: 1, Uncounted: true})
	if err != nil {
		return store.Object[Profile]{}, err
	}
	if len(p.Items) == 0 {
		return store.Object[Profile]{}, problem.New(problem.NotFound, "Für das System gibt es noch keinen Steckbrief.", "There is no profile of the system yet.")
	}
	return p.Items[0], nil
}

// Save changes the profile of a system in one step; revision 0 makes it. A red
// line that is switched on gets its day. Errors: BadInput with the fields,
// Conflict when somebody else changed it meanwhile, Denied.
func (r *Room) Save(ctx context.Context, system string, revision int64, change func(*Profile)) (store.Object[Profile], error) {
	var saved store.Object[Profile]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		have, err := r.Of(ctx, tx, system)
		if problem.Is(err, problem.NotFound) {
			have, err = store.Object[Profile]{Doc: Profile{System: system}}, nil
		}
		if err != nil {
			return err
		}
		if have.ID != "" && revision == 0 {
			return problem.New(problem.Conflict, "Jemand anderes hat den Steckbrief inzwischen angelegt.", "Somebody else made the profile meanwhile.").
				WithHint("Ihre Eingabe steht noch im Formular. Bitte noch einmal speichern.", "Your input is still in the form. Please save again.")
		}
		before := have.Doc.Lines
		doc := have.Doc
		change(&doc)
		doc.Lines = r.dated(before, doc.Lines)
		if have.ID == "" {
			saved, err = r.Profiles.Create(ctx, tx, doc)
		} else {
			saved, err = r.Profiles.Update(ctx, tx, have.ID, revision, doc)
		}
		return err
	})
	return saved, err
}

// dated gives every red line that is on the instant since when it is.
func (r *Room) dated(before, after []Line) []Line {
	out := make([]Line, len(after))
	for i, l := range after {
		l.Since = time.Time{}
		if l.State == Yes {
			l.Since = r.now().UTC()
			for _, was := range before {
				if was.Line == l.Line && was.State == Yes && !was.Since.IsZero() {
					l.Since = was.Since
				}
			}
		}
		out[i] = l
	}
	return out
}
