package law

import (
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// everyPack in the form adopts all packs that were never adopted.
const everyPack = "*"

// packAdopt adopts the version of a pack whose difference was shown.
func packAdopt(r *page.Request) error {
	if err := mustAccess(r, store.Create, "adoption"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	pack := in.Get("pack")
	if pack == everyPack {
		if _, err := r.Org.Duty.AdoptAll(r.Context()); err != nil {
			return err
		}
		return r.Go("/duties/law/changes", "law.adopted")
	}
	_, tasks, err := r.Org.Duty.Adopt(r.Context(), pack, in.Get("hash"))
	if err != nil {
		return err
	}
	if len(tasks) > 0 {
		return r.Go("/duties/law/tasks", "law.adopted.tasks")
	}
	return r.Go("/duties/law/changes", "law.adopted")
}

func noPack() error {
	return problem.New(problem.NotFound, "Dieses Wissenspaket gibt es nicht.", "There is no such content pack.").
		WithHint("Die Liste der Fassungen nennt alle.", "The list of versions names them all.")
}
