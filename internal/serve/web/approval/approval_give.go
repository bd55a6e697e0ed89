package approval

import (
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
)

// approvalGive signs the dossier that the reader saw, with a passkey or with
// password and code. What is refused is shown
// on the page, with the dossier as it is now and the remark kept.
func approvalGive(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	id := r.Param("id")
	by, err := how(r, in)
	if err == nil {
		_, err = r.Org.Approve.Sign(r.Context(), id, in.Get("role"), in.Get("seen"), in.Get("remark"), by)
	}
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
