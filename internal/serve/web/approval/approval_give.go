package approval

import (
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
)

// approvalGive signs the dossier that the reader saw. What is refused is shown
// on the page, with the dossier as it is now and the remark kept.
func approvalGive(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	id := r.Param("id")
	_, err = r.Org.Approve.Give(r.Context(), id, in.Get("role"), in.Get("seen"), in.Get("remark"), r.Who.Method())
	if err == nil {
		return r.Go("/systems/"+id+"/approve", "approval.given")
	}
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict, problem.Denied:
		s, broken := read(r)
		if broken != nil {
			return err // the reader may not even see the dossier
		}
		return s.show(in, problem.From(err))
	}
	return err
}
