package public

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/public/pace"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// maxCode bounds a code; longer ones are wrong without a look.
const maxCode = 64

type cards struct{ limit *pace.Gate }

func newCards() *cards { return &cards{limit: pace.New()} }

// card is everything that the page may say about a system. Whatever is not a
// field here cannot get onto the page.
type card struct {
	Name     string
	Does     string
	Decides  string
	Excluded []string
	People   bool
	Mark     ui.Mark
	Says     string // what the state of the permit means
	Number   string // of the permit, empty before the first one
	Until    string // end of a valid permit, empty without one
	Said     show.Said
}

// show answers with the card of a code. The address of the page is all that
// the reader has to give.
func (s *cards) show(r *page.Request) error {
	if l, ok := text.ParseLang(r.Query("lang")); ok {
		r.C.Lang = l
	}
	r.C.Notice = nil // a card says nothing that its address tells it to say
	code := r.Param("code")
	wait, ok := s.limit.Take(code, r.C.Now)
	if !ok {
		r.W.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		return s.none(r, http.StatusTooManyRequests, "wait")
	}
	sys, found, err := s.find(r, code)
	if err != nil {
		return err
	}
	if !found {
		s.limit.Gone(code)
		return s.none(r, http.StatusNotFound, "none")
	}
	s.limit.Hit(code)
	p, _ := r.Org.Point.Permit(sys.ID)
	v := view(r.C, sys.Doc, p.At(r.C.Now))
	if v.Said, err = show.SaidOf(r.R.Context(), r.C, r.Org.DB, r.Org.Profile, sys.ID); err != nil {
		return err
	}
	return ui.Render(r.W, r.R, http.StatusOK, cardPage(r.C, v, other(r)))
}

func (s *cards) none(r *page.Request, status int, key string) error {
	return ui.Render(r.W, r.R, status, nonePage(r.C, key, other(r)))
}

// find reads the system of a code. The reader has no account, so the house
// itself reads, and only what card holds leaves this package.
func (s *cards) find(r *page.Request, code string) (store.Object[inventory.System], bool, error) {
	var none store.Object[inventory.System]
	if code == "" || len(code) > maxCode {
		return none, false, nil
	}
	ctx := store.WithActor(r.R.Context(), store.Actor{Kind: store.System})
	found, err := r.Org.Inventory.Systems.List(ctx, r.Org.DB, store.Query{Filters: []store.Filter{store.Where("code", "=", code)}, Limit: 1})
	if err != nil || len(found.Items) == 0 {
		return none, false, err
	}
	return found.Items[0], true, nil
}

func view(c ui.Ctx, s inventory.System, p permit.Permit) card {
	v := card{Name: s.Name, Does: ended(show.Say(c, s.Purpose)), Decides: ended(show.Say(c, s.Oversee.Decider)), People: s.People, Number: p.Number}
	for _, e := range s.Excluded {
		v.Excluded = append(v.Excluded, ended(show.Say(c, e)))
	}
	v.Mark = show.PermitMark(c, p.State, string(s.LifeCycle))
	switch {
	case s.LifeCycle == inventory.Retired:
		v.Mark, v.Says = ui.Mark{Kind: ui.None, Word: c.T("public.state.retired")}, c.T("public.says.retired")
	case p.State == permit.Valid:
		v.Says = c.T("public.says.valid")
		if s.LifeCycle == inventory.Trial {
			v.Says = c.T("public.says.trial")
		}
		if !p.ValidUntil.IsZero() {
			v.Until = c.Date(p.ValidUntil)
		}
	case p.State == permit.Suspended:
		v.Says = c.T("public.says.suspended")
	default:
		v.Says = c.T("public.says.none")
	}
	return v
}

// ended is a sentence with its full stop: people write purposes both ways.
func ended(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// other is the address of this page in the other language.
func other(r *page.Request) string {
	l := text.EN
	if r.C.Lang == text.EN {
		l = text.DE
	}
	return r.Base + "/card/" + url.PathEscape(r.Param("code")) + "?lang=" + string(l)
}
