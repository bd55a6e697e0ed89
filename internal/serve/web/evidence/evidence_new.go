package evidence

import (
	"net/url"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// evidenceNew asks for a new evidence object. What it is for may come with the
// address: ?clause=iso42001.5.2&type=document&back=/duties/frameworks/….
func evidenceNew(r *page.Request) error {
	if err := must(r, store.Create); err != nil {
		return err
	}
	lib := library(r)
	vals := url.Values{"type": {r.Query("type")}, "owner": {r.Who.ID}, "date": {day(r.C.Now)}, "systems": r.R.URL.Query()["system"], "back": {r.Query("back")}}
	if ids := r.R.URL.Query()["clause"]; len(ids) > 0 {
		vals.Set("clauses", citations(lib).write(r.C, lib, ids))
	}
	return ask(r, asking{vals: vals})
}

// evidenceCreate files a new evidence object, with its file in the vault.
func evidenceCreate(r *page.Request) error {
	if err := must(r, store.Create); err != nil {
		return err
	}
	vals, up, err := posted(r)
	if err != nil {
		return err
	}
	made, err := put(r, vals, up, store.Object[control.Evidence]{})
	if p, ok := formError(err); ok {
		return ask(r, asking{vals: vals, problem: p})
	}
	if err != nil {
		return err
	}
	if back := vals.Get("back"); back != "" && local(back) != base {
		return r.Go(local(back), "evidence.filed")
	}
	return r.Go(base+"/"+made.ID, "evidence.filed")
}
