package frameworks

import (
	"slices"

	"augenmass/internal/govern/control"
	"augenmass/internal/serve/web/page"
)

// soaNext leads to the next row of the statement that lacks a decision, so that
// a whole statement can be decided row by row without going back to the list.
func (a *area) soaNext(r *page.Request) error {
	_, rows, err := a.soaRows(r)
	if err != nil {
		return err
	}
	said := r.Query("said")
	if said != "control.saved" {
		said = ""
	}
	// Begin behind the row that was looked at last, and go around once.
	at := slices.IndexFunc(rows, func(row control.Row) bool { return control.KeyOf(row.Framework, row.Clause) == r.Query("after") })
	for i := range rows {
		row := rows[(at+1+i)%len(rows)]
		if !row.Decided {
			return r.Go("/duties/frameworks/"+row.Framework+"/"+row.Clause+"?next=soa", said)
		}
	}
	return r.Go("/duties/soa?show=all", "soa.complete")
}
