package register

import (
	"context"
	"fmt"
	"io"
	"strings"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// House is the organisation that takes a list in.
type House struct {
	DB        *store.DB
	Inventory *inventory.Room
	Rand      io.Reader // for the codes of public cards
}

// Line is one system with what happens to it.
type Line struct {
	Row   int    `json:"row"`
	Name  string `json:"name"`
	New   bool   `json:"new"`              // false: the register has a system of this name, which stays as it is
	Have  string `json:"have,omitempty"`   // its id
	Open  int    `json:"open"`             // of inventory.Wanted entries, how many are still missing
	Owner string `json:"owner,omitempty"`  // id of the person that was found
	Said  string `json:"said,omitempty"`   // owner as written, where nobody was found
	Firm  string `json:"vendor,omitempty"` // as written
}

// Plan is what taking a list in changes, or changed.
type Plan struct {
	Lines   []Line    `json:"lines"`   // never null
	New     int       `json:"new"`     // systems that are added
	Have    int       `json:"have"`    // that the register has already
	Vendors int       `json:"vendors"` // that are added
	Notes   []text.Bi `json:"notes"`   // never null
}

// draft is a plan with what would be stored.
type draft struct {
	Plan
	systems []inventory.System
	firms   []string          // vendors to add, as written
	vendor  []string          // of each system: id, or "+" and the position in firms; empty: none
	known   map[string]string // vendor by name → id
}

// Compare says what taking the list in would change. Nothing is stored.
func Compare(ctx context.Context, h House, l List) (Plan, error) {
	d, err := plan(ctx, h, h.DB, l)
	return d.Plan, err
}

// Apply stores the systems that the register does not have, with their vendors: all
// of them or, with an error, none.
func Apply(ctx context.Context, h House, l List) (Plan, error) {
	var done Plan
	err := h.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := plan(ctx, h, tx, l)
		if err != nil {
			return err
		}
		done = d.Plan
		ids := map[string]string{}
		for _, name := range d.firms {
			made, err := h.Inventory.Vendors.Create(ctx, tx, inventory.Vendor{Name: name})
			if err != nil {
				return err
			}
			ids[Key(name)] = made.ID
		}
		for i := range d.systems {
			if d.systems[i].Code, err = inventory.CardCode(h.Rand); err != nil {
				return err
			}
			if v := d.vendor[i]; strings.HasPrefix(v, "+") {
				d.systems[i].Vendor = ids[v[1:]]
			} else {
				d.systems[i].Vendor = v
			}
		}
		if len(d.systems) == 0 {
			return nil
		}
		_, err = h.Inventory.Systems.CreateMany(ctx, tx, d.systems)
		return err
	})
	return done, err
}

// plan holds a list against the register: three queries whatever its length, as
// long as each kind fits one page.
func plan(ctx context.Context, h House, rd store.Reader, l List) (draft, error) {
	d := draft{Plan: Plan{Lines: []Line{}, Notes: []text.Bi{}}, known: map[string]string{}}
	have, err := names(ctx, rd, h.Inventory.Systems)
	if err != nil {
		return draft{}, err
	}
	if d.known, err = names(ctx, rd, h.Inventory.Vendors); err != nil {
		return draft{}, err
	}
	people, err := owners(ctx, rd)
	if err != nil {
		return draft{}, err
	}
	fresh := map[string]bool{}
	for _, r := range l.Rows {
		line := Line{Row: r.Line, Name: r.Doc.Name, Firm: r.Vendor, Open: len(r.Doc.Missing())}
		if id, ok := have[Key(r.Doc.Name)]; ok {
			line.Have = id
			d.Have++
			d.Lines = append(d.Lines, line)
			continue
		}
		s := r.Doc
		if r.Owner != "" {
			s.RiskOwner = people[Key(r.Owner)]
			if line.Owner = s.RiskOwner; line.Owner == "" {
				line.Said = r.Owner
				d.note("Zeile %d: „%s“ ist unter den Personen nicht oder nicht eindeutig zu finden; die Verantwortung bleibt offen.", "Line %d: '%s' is not found among the people, or not for certain; the owner stays open.", r.Line, cut(r.Owner, 60))
			}
		}
		line.Open, line.New = len(s.Missing()), true
		d.New++
		d.vendor = append(d.vendor, d.firm(r.Vendor, fresh))
		d.systems, d.Lines = append(d.systems, s), append(d.Lines, line)
	}
	d.Vendors = len(d.firms)
	return d, nil
}

// firm is the vendor of a row; a new one is remembered.
func (d *draft) firm(written string, fresh map[string]bool) string {
	key := Key(written)
	if key == "" {
		return ""
	}
	if id, ok := d.known[key]; ok {
		return id
	}
	if !fresh[key] {
		fresh[key] = true
		d.firms = append(d.firms, written)
	}
	return "+" + key
}

func (d *draft) note(de, en string, args ...any) {
	if len(d.Notes) < 100 {
		d.Notes = append(d.Notes, text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)})
	}
}

// names are the objects of a kind by name.
func names[T any](ctx context.Context, rd store.Reader, k *store.Kind[T]) (map[string]string, error) {
	all, err := k.All(ctx, rd, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, o := range all {
		out[Key(o.Title)] = o.ID
	}
	return out, nil
}

// owners are the active people by sign-in name and by name; a name that two
// people share finds nobody.
func owners(ctx context.Context, rd store.Reader) (map[string]string, error) {
	all, err := identity.Persons().All(ctx, rd, store.Query{Filters: []store.Filter{store.Where("active", "=", true)}, Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, o := range all {
		for _, key := range []string{Key(o.Doc.SignIn), Key(o.Doc.Name)} {
			if id, ok := out[key]; ok && id != o.ID {
				out[key] = ""
				continue
			}
			out[key] = o.ID
		}
	}
	return out, nil
}
