package identity

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Language is the language that a person reads.
type Language string

// Values lists the languages of the product.
func (Language) Values() []string { return []string{"de", "en"} }

// Person is somebody who can sign in. Persons who leave are made inactive, not
// deleted: what they approved stays theirs.
type Person struct {
	SignIn   string       `json:"sign_in" store:"unique,personal,required,min=2,max=64"` // lower-case
	Name     string       `json:"name" store:"search,personal,required,max=120"`         // as others see it
	Roles    []roles.Role `json:"roles" store:"index,required"`
	Language Language     `json:"language" store:"required"`
	Active   bool         `json:"active" store:"index"`
	DeputyOf string       `json:"deputy_of" store:"ref=person"` // for whom this person stands in; grants nothing by itself
	// Functions are offices beside the roles, each with a place of its own among
	// the signatures of a permit (requirement 001-02).
	Functions []roles.Function `json:"functions,omitempty" store:"index"`
}

// Persons is the kind of persons.
func Persons() *store.Kind[Person] { return store.NewKind[Person](KindPerson, "usr") }

var signInForm = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{N}.@_+-]*$`)

// Default gives a person the house's first language.
func (p *Person) Default() {
	if p.Language == "" {
		p.Language = "de"
	}
	p.SignIn = foldName(p.SignIn)
}

// Title names the person in lists and links.
func (p *Person) Title() string { return p.Name }

// Validate checks the sign-in name and that no two roles are held that have to
// watch each other.
func (p *Person) Validate() error {
	var c problem.Checks
	c.Field(signInForm.MatchString(p.SignIn) && foldName(p.SignIn) == p.SignIn, "sign_in",
		"Ein Anmeldename besteht aus Kleinbuchstaben, Ziffern und . @ _ + - und beginnt mit Buchstabe oder Ziffer.",
		"A sign-in name consists of lower-case letters, digits and . @ _ + - and begins with a letter or digit.")
	for i, r := range p.Roles {
		c.Field(!slices.Contains(p.Roles[:i], r), fmt.Sprintf("roles.%d", i),
			"Diese Rolle steht schon da.", "This role is already there.")
	}
	for _, pair := range roles.Apart {
		if slices.Contains(p.Roles, pair[0]) && slices.Contains(p.Roles, pair[1]) {
			c.Field(false, "roles",
				fmt.Sprintf("Die Rollen %s und %s gehören in zwei Hände.", pair[0].Info().Title.DE, pair[1].Info().Title.DE),
				fmt.Sprintf("The roles %s and %s belong in two hands.", pair[0].Info().Title.EN, pair[1].Info().Title.EN))
		}
	}
	for i, f := range p.Functions {
		c.Field(!slices.Contains(p.Functions[:i], f), fmt.Sprintf("functions.%d", i),
			"Diese Funktion steht schon da.", "This function is already there.")
		for _, r := range p.Roles {
			if f.Bars(r) {
				c.Field(false, "functions",
					fmt.Sprintf("Die Funktion %s und die Rolle %s gehören in zwei Hände.", f.Info().Title.DE, r.Info().Title.DE),
					fmt.Sprintf("The function %s and the role %s belong in two hands.", f.Info().Title.EN, r.Info().Title.EN))
			}
		}
	}
	return c.Err()
}

// Held lists the roles and the functions of a person: what the person may do
// follows from both.
func (p *Person) Held() []string {
	out := p.roleNames()
	for _, f := range p.Functions {
		out = append(out, string(f))
	}
	return out
}

func (p *Person) roleNames() []string {
	out := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		out[i] = string(r)
	}
	return out
}

// standing is what a session was granted on. When it changes, the session ends.
func (p *Person) standing() string {
	r := p.Held()
	slices.Sort(r)
	return fmt.Sprintf("%s|%t|%s|%s", strings.Join(r, ","), p.Active, p.DeputyOf, p.SignIn)
}

// foldName is the form in which sign-in names are compared: case, composition
// and surrounding spaces do not matter.
func foldName(s string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(s))) }

// CreateFirst makes the first person of an organisation, with the role admin.
// It works only while there is nobody, in an atomic way: of two callers at once
// one gets a Conflict.
func (s *Service) CreateFirst(ctx context.Context, name, display, password string) (store.Object[Person], error) {
	return s.add(inHouse(ctx), Person{SignIn: name, Name: display, Roles: []roles.Role{roles.Admin}, Active: true}, password, false, true)
}

// NeedsFirst reports whether nobody exists yet, so that the first-run page is
// to be shown.
func (s *Service) NeedsFirst(ctx context.Context) (bool, error) {
	n, err := Persons().Count(inHouse(ctx), s.db)
	return n == 0, err
}

// AddPerson creates a person with a first password, which the person is asked
// to change when mustChange is set. It needs the action manage on persons.
func (s *Service) AddPerson(ctx context.Context, p Person, password string, mustChange bool) (store.Object[Person], error) {
	if _, err := may(ctx, roles.Manage, KindPerson); err != nil {
		return store.Object[Person]{}, err
	}
	return s.add(onBehalf(ctx), p, password, mustChange, false)
}

func (s *Service) add(ctx context.Context, p Person, password string, mustChange, first bool) (store.Object[Person], error) {
	var made store.Object[Person]
	p.Default()
	if err := secret.Check(password, p.SignIn); err != nil {
		return made, err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return made, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if first {
			n, err := Persons().Count(ctx, tx)
			if err != nil {
				return err
			}
			if n > 0 {
				return problem.New(problem.Conflict,
					"Die Organisation ist schon eingerichtet.", "The organisation is already set up.").
					WithHint("Bitte anmelden oder die Verwaltung um einen Zugang bitten.",
						"Please sign in, or ask an administrator for access.")
			}
		}
		if made, err = Persons().Create(ctx, tx, p); err != nil {
			return err
		}
		return credentials().Put(ctx, tx, credential{Person: made.ID, Hash: hash, ChangedAt: s.clock.now(), MustChange: mustChange})
	})
	return made, err
}

// UpdatePerson changes a person. It needs the action manage on persons; nobody
// changes their own roles or ends their own access, and one active
// administrator always remains. Sessions end with the change if roles, access,
// deputyship or sign-in name changed.
func (s *Service) UpdatePerson(ctx context.Context, id string, revision int64, p Person) (store.Object[Person], error) {
	var saved store.Object[Person]
	a, err := may(ctx, roles.Manage, KindPerson)
	if err != nil {
		return saved, err
	}
	ctx = onBehalf(ctx)
	p.Default()
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		have, err := Persons().Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.ID == id && have.Doc.standing() != p.standing() {
			return problem.New(problem.Denied,
				"Die eigenen Rollen und den eigenen Zugang ändert jemand anderes.",
				"Your own roles and access are changed by somebody else.").
				WithReason("person.own_roles", "Niemand gibt sich selbst Rechte.", "Nobody grants rights to themselves.")
		}
		if saved, err = Persons().Update(ctx, tx, id, revision, p); err != nil {
			return err
		}
		n, err := Persons().Count(ctx, tx, store.Where("roles", "has", string(roles.Admin)), store.Where("active", "=", true))
		if err == nil && n == 0 {
			err = problem.New(problem.Conflict,
				"Es braucht mindestens eine aktive Person mit der Rolle Verwaltung.",
				"At least one active person with the role administrator is needed.")
		}
		return err
	})
	return saved, err
}

// SetLanguage is what a person may change of themselves without anybody's help.
func (s *Service) SetLanguage(ctx context.Context, p Principal, l Language) error {
	if p.Kind != KindPerson || p.Session == "" {
		return errUnsigned()
	}
	ctx = onBehalf(store.WithActor(ctx, p.Actor()))
	return s.db.Write(ctx, func(tx *store.Tx) error {
		have, err := Persons().Get(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		have.Doc.Language = l
		_, err = Persons().Update(ctx, tx, p.ID, have.Revision, have.Doc)
		return err
	})
}

// byName finds a person by sign-in name. It makes the same query whether the
// name exists or not.
func (s *Service) byName(ctx context.Context, r store.Reader, name string) (store.Object[Person], bool, error) {
	p, err := Persons().List(ctx, r, store.Query{Filters: []store.Filter{store.Where("sign_in", "=", name)}, Limit: 2})
	if err != nil || len(p.Items) != 1 {
		return store.Object[Person]{}, false, err
	}
	return p.Items[0], true, nil
}
