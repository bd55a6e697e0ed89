package show

import (
	"context"

	"augenmass/internal/govern/profile"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Said is what everybody may read of a system's profile, with or without an
// account: the declaration of intent with differing expectations, what the system
// can and cannot do, where it typically errs, and its notices about AI
// (requirements 001-45, 002-08, 002-40, 004-07). Nothing else of a profile is a
// field here, so nothing else gets onto a public page.
type Said struct {
	Statement    string
	Hopes, Wants string
	Can, Cannot  []string
	Errors       []string
	Notices      []string
}

// SaidOf reads it in one query, for the house itself: who asks needs no right to
// the profile. A system without a profile says nothing.
func SaidOf(ctx context.Context, c ui.Ctx, db *store.DB, room *profile.Room, system string) (Said, error) {
	o, err := room.Of(store.WithActor(ctx, store.Actor{Kind: store.System}), db, system)
	if problem.Is(err, problem.NotFound) {
		return Said{}, nil
	}
	if err != nil {
		return Said{}, err
	}
	p := o.Doc
	s := Said{Statement: Say(c, p.Intent.Statement), Hopes: Say(c, p.Intent.Hopes), Wants: Say(c, p.Intent.Wants),
		Can: all(c, p.Sheet.Can), Cannot: all(c, p.Sheet.Cannot), Errors: all(c, p.Sheet.Errors)}
	for _, n := range p.Notices {
		if !n.Text.IsZero() {
			s.Notices = append(s.Notices, Say(c, n.Text))
		}
	}
	return s, nil
}

func all(c ui.Ctx, lines []text.Bi) []string {
	var out []string
	for _, b := range lines {
		out = append(out, Say(c, b))
	}
	return out
}
