package people

import (
	"strconv"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// personChange stores changed data or roles of a person. Whether the access is
// active stays as it is; that is a step of its own.
func personChange(r *page.Request) error {
	if err := must(r, roles.Manage, identity.KindPerson); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	id := r.Param("id")
	have, err := identity.Persons().Get(r.Context(), r.Org.DB, id)
	if err != nil {
		return err
	}
	doc := personOf(in)
	doc.Active = have.Doc.Active
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		revision = 0 // nobody can have seen it: a conflict
	}
	_, err = r.Org.Identity.UpdatePerson(r.Context(), id, revision, doc)
	if p, ok := formError(err); ok {
		return showPerson(r, ui.Status(p), asked{form: "person", in: in, problem: told(r, p)})
	}
	if err != nil {
		return err
	}
	return r.Go("/people/persons/"+id, "people.changed")
}

// told adds to a conflict what is stored now, so that the reader sees both: the
// form keeps what was typed.
func told(r *page.Request, p *problem.Problem) *problem.Problem {
	have, ok := p.Have.(store.Object[identity.Person])
	if !ok {
		return p
	}
	q := *p
	d := have.Doc
	for _, side := range []struct {
		to *string
		c  ui.Ctx
	}{{&q.Hint.DE, in(r.C, "de")}, {&q.Hint.EN, in(r.C, "en")}} {
		*side.to = side.c.T("people.conflict", "name", d.Name, "sign_in", d.SignIn, "roles", titles(side.c, joined(roleNames(d))),
			"language", side.c.T("objects.in."+string(d.Language)))
	}
	return &q
}

// activeSet ends or gives back a person's access. What the person did stays.
func activeSet(r *page.Request) error {
	if err := must(r, roles.Manage, identity.KindPerson); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	id := r.Param("id")
	have, err := identity.Persons().Get(r.Context(), r.Org.DB, id)
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		revision = 0
	}
	doc := have.Doc
	doc.Active = in.Get("active") == "true"
	if _, err := r.Org.Identity.UpdatePerson(r.Context(), id, revision, doc); err != nil {
		return err
	}
	if doc.Active {
		return r.Go("/people/persons/"+id, "people.activated")
	}
	return r.Go("/people/persons/"+id, "people.deactivated")
}

// passwordReset gives somebody a new first password and ends their sessions.
func passwordReset(r *page.Request) error {
	if err := must(r, roles.Manage, identity.KindPerson); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Org.Identity.ResetPassword(r.Context(), r.Param("id"), in.Get("password"))
	if p, ok := formError(err); ok {
		return showPerson(r, ui.Status(p), asked{form: "password", in: in, problem: p})
	}
	if err != nil {
		return err
	}
	return r.Go("/people/persons/"+r.Param("id"), "people.password.reset")
}

// factorReset takes a lost second factor away.
func factorReset(r *page.Request) error {
	if err := must(r, roles.Manage, identity.KindPerson); err != nil {
		return err
	}
	if err := r.Org.Identity.ResetTOTP(r.Context(), r.Param("id")); err != nil {
		return err
	}
	return r.Go("/people/persons/"+r.Param("id"), "people.factor.reset.done")
}

// sessionsEnd ends every session of a person.
func sessionsEnd(r *page.Request) error {
	if err := must(r, roles.Manage, identity.KindPerson); err != nil {
		return err
	}
	id := r.Param("id")
	if _, err := identity.Persons().Get(r.Context(), r.Org.DB, id); err != nil {
		return err
	}
	if err := r.Org.Identity.RevokeAll(r.Context(), id, keepOwn(r, id)); err != nil {
		return err
	}
	return r.Go("/people/persons/"+id, "people.sessions.ended")
}

// keepOwn is the reader's own session, when it is the reader's own person.
func keepOwn(r *page.Request, id string) string {
	if id == r.Who.ID {
		return r.Who.Session
	}
	return ""
}
