package intake

import (
	"context"

	"augenmass/internal/prove/exchange"
)

// table reads a file with requirement tables. What becomes of its citations is
// in Given.Choices.
func (g Given) table(ctx context.Context) (t Taken, err error) {
	if t.Result, err = exchange.Read(g.Name, g.Data, g.Library); err != nil {
		return t, t.fails(err)
	}
	if !t.Result.OK() {
		return t, nil
	}
	a := g.Choices
	a.File, a.Raw, a.AsOf = g.Name, g.Data, g.Today
	if t.Draft, err = t.Result.Draft(a); err != nil {
		return t, t.fails(err)
	}
	return t, t.checked(ctx, g)
}
