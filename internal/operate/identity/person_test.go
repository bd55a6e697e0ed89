package identity

import (
	"context"
	"testing"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/throttle"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

func TestWhoAPersonMayBe(t *testing.T) {
	ctx := inHouse(context.Background())
	h := newHouse(t, "werk")
	add := func(p Person, pw string) error {
		p.Active = true
		if p.Name == "" {
			p.Name = "Frau Wer"
		}
		_, err := h.AddPerson(ctx, p, pw, false)
		return err
	}
	for name, p := range map[string]Person{
		"director and safety": {SignIn: "a1", Roles: []roles.Role{roles.Director, roles.Safety}},
		"umlauts":             {SignIn: "Jürgen.Groß", Roles: []roles.Role{roles.Worker}},
		"mail address":        {SignIn: "eva@werk.example", Roles: []roles.Role{roles.Admin}},
		"decomposed":          {SignIn: "mu\u0308ller", Roles: []roles.Role{roles.Worker}},
	} {
		if err := add(p, password); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]Person{
		"no name":        {SignIn: "", Roles: []roles.Role{roles.Worker}},
		"space":          {SignIn: "eva maria", Roles: []roles.Role{roles.Worker}},
		"dot first":      {SignIn: ".eva", Roles: []roles.Role{roles.Worker}},
		"control":        {SignIn: "eva\x00", Roles: []roles.Role{roles.Worker}},
		"no role":        {SignIn: "eva"},
		"unknown role":   {SignIn: "eva", Roles: []roles.Role{"root"}},
		"read_only":      {SignIn: "eva", Roles: []roles.Role{roles.ReadOnly}},
		"twice a role":   {SignIn: "eva", Roles: []roles.Role{roles.Worker, roles.Worker}},
		"admin director": {SignIn: "eva", Roles: []roles.Role{roles.Admin, roles.Director}},
		"auditor safety": {SignIn: "eva", Roles: []roles.Role{roles.Safety, roles.Auditor}},
		"two functions":  {SignIn: "eva", Roles: []roles.Role{roles.Worker}, Functions: []roles.Function{roles.Ethics, roles.Ethics}},
		"no function":    {SignIn: "eva", Roles: []roles.Role{roles.Worker}, Functions: []roles.Function{"dpo"}},
		"own watchdog":   {SignIn: "eva", Roles: []roles.Role{roles.Director}, Functions: []roles.Function{roles.DataProtection}},
		"admin signs":    {SignIn: "eva", Roles: []roles.Role{roles.Admin}, Functions: []roles.Function{roles.Ethics}},
		"language":       {SignIn: "eva", Roles: []roles.Role{roles.Worker}, Language: "fr"},
		"unknown deputy": {SignIn: "eva", Roles: []roles.Role{roles.Worker}, DeputyOf: "usr_none"},
	} {
		if err := add(p, password); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := add(Person{SignIn: "MÜLLER", Roles: []roles.Role{roles.Worker}}, password); err == nil {
		t.Error("two persons of one sign-in name")
	}
	wantKind(t, add(Person{SignIn: "eva", Roles: []roles.Role{roles.Worker}}, "eva-eva-eva-eva"), problem.BadInput)
	if n, err := credentials().Count(ctx, h.db); n != 4 || err != nil {
		t.Errorf("%d credentials for 4 persons, %v", n, err)
	}
}

// Who manages persons, who does not, and nobody.
// A function counts like a role: for who may sign, and for the sessions that end
// when it changes; a person without any has the same standing as before.
func TestFunctionsAreHeld(t *testing.T) {
	p := Person{SignIn: "eva", Roles: []roles.Role{roles.Council}, Active: true}
	before := p.standing()
	if before != "council|true||eva" {
		t.Errorf("%q", before)
	}
	p.Functions = []roles.Function{roles.DataProtection}
	if got := p.Held(); len(got) != 2 || got[1] != "data_protection" || len(p.roleNames()) != 1 {
		t.Errorf("%v", got)
	}
	if p.standing() == before || !roles.MayApprove(p.Held()) {
		t.Error("the function changes nothing")
	}
}

func TestWhoMayManagePersons(t *testing.T) {
	h := newHouse(t, "werk")
	first, err := h.CreateFirst(context.Background(), "chef", "Frau Chef", password)
	if err != nil {
		t.Fatal(err)
	}
	o := h.person("hannelore", roles.Safety)
	_, chef := h.signIn("chef")
	_, p := h.signIn("hannelore")
	eva := Person{SignIn: "eva", Name: "Frau Eva", Roles: []roles.Role{roles.Worker}, Active: true}
	for _, r := range roles.All() {
		ctx := store.WithActor(context.Background(), store.Actor{ID: "usr_x", Kind: KindPerson, Roles: []string{string(r.Role)}})
		if r.Role == roles.Admin {
			continue
		}
		_, err := h.AddPerson(ctx, eva, password, true)
		wantKind(t, err, problem.Denied)
		_, err = h.UpdatePerson(ctx, o.ID, o.Revision, o.Doc)
		wantKind(t, err, problem.Denied)
		wantKind(t, h.ResetPassword(ctx, o.ID, "vier rote Bohrer"), problem.Denied)
		wantKind(t, h.ResetTOTP(ctx, o.ID), problem.Denied)
	}
	_, err = h.AddPerson(context.Background(), eva, password, true)
	wantKind(t, err, problem.Unsigned)
	made, err := h.AddPerson(as(chef), eva, password, true)
	if err != nil || made.CreatedBy != first.ID {
		t.Fatalf("created by %s, %v", made.CreatedBy, err)
	}
	// Not even the administrator writes persons past these rules.
	eva.SignIn = "eva2"
	err = h.db.Write(as(chef), func(tx *store.Tx) error { _, err := Persons().Create(as(chef), tx, eva); return err })
	wantKind(t, err, problem.Denied)

	// Nobody grants rights to themselves, or locks everybody out.
	self := first
	self.Doc.Roles = []roles.Role{roles.Director}
	_, err = h.UpdatePerson(as(chef), first.ID, first.Revision, self.Doc)
	wantKind(t, err, problem.Denied)
	self = first
	self.Doc.Name = "Frau Dr. Chef"
	if first, err = h.UpdatePerson(as(chef), first.ID, first.Revision, self.Doc); err != nil {
		t.Errorf("the own name: %v", err)
	}
	first.Doc.Active = false
	_, err = h.UpdatePerson(chiefCtx, first.ID, first.Revision, first.Doc)
	wantKind(t, err, problem.Conflict)
	_, err = h.UpdatePerson(as(chef), o.ID, o.Revision+7, o.Doc)
	wantKind(t, err, problem.Conflict)
	wantKind(t, h.SetLanguage(context.Background(), Principal{Kind: KindPerson, ID: p.ID, Token: "tok_1"}, "en"), problem.Unsigned)
}

func TestPasswordsAreChanged(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	if _, err := h.CreateFirst(ctx, "chef", "Frau Chef", password); err != nil {
		t.Fatal(err)
	}
	_, chef := h.signIn("chef")
	o, err := h.AddPerson(as(chef), Person{SignIn: "hannelore", Name: "Frau Voss", Roles: []roles.Role{roles.Director}, Active: true}, "Anfang mit Zufall", true)
	if err != nil {
		t.Fatal(err)
	}
	s, p, err := h.try("hannelore", "Anfang mit Zufall", "")
	if err != nil || !s.MustChange || !p.MustChange || !h.accepted(s.Token).MustChange {
		t.Fatalf("a first password has to be changed: %+v, %v", p, err)
	}
	other, _, err := h.try("hannelore", "Anfang mit Zufall", "")
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, h.SetPassword(ctx, p, "falsch falsch", password), problem.Unsigned)
	wantKind(t, h.SetPassword(ctx, p, "Anfang mit Zufall", "Anfang mit Zufall"), problem.BadInput)
	wantKind(t, h.SetPassword(ctx, p, "Anfang mit Zufall", "hannelore-2026"), problem.BadInput)
	if err := h.SetPassword(ctx, p, "Anfang mit Zufall", password); err != nil {
		t.Fatal(err)
	}
	if h.accepted(s.Token).MustChange {
		t.Error("it still has to be changed")
	}
	h.refused(other.Token)
	if _, _, err := h.try("hannelore", "Anfang mit Zufall", ""); !problem.Is(err, problem.Unsigned) {
		t.Errorf("the old password: %v", err)
	}
	s, _ = h.signIn("hannelore")

	// Set by somebody else: all sessions end, and the journal says who it was.
	wantKind(t, h.ResetPassword(as(chef), chef.ID, "vier rote Bohrer"), problem.Denied)
	wantKind(t, h.ResetPassword(as(chef), o.ID, "kurz"), problem.BadInput)
	if err := h.ResetPassword(as(chef), o.ID, "vier rote Bohrer"); err != nil {
		t.Fatal(err)
	}
	h.refused(s.Token)
	s, _, err = h.try("hannelore", "vier rote Bohrer", "")
	if err != nil || !s.MustChange {
		t.Errorf("%+v, %v", s, err)
	}
	if err := h.ResetTOTP(as(chef), o.ID); err != nil {
		t.Fatal(err)
	}
	ev := entries[CredentialChanged](h, TypeCredentialChanged)
	if len(ev) != 3 || ev[0].By != o.ID || ev[1].What != "password_reset" || ev[1].By != chef.ID || ev[2].What != "totp_reset" {
		t.Errorf("journal: %+v", ev)
	}
}

func TestBorrowedScreensAreSlowedDownToo(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	_, p := h.signIn("hannelore")
	for range 4 {
		wantKind(t, h.SetPassword(ctx, p, "falsch falsch", "vier rote Bohrer"), problem.Unsigned)
	}
	wantKind(t, h.SetPassword(ctx, p, password, "vier rote Bohrer"), problem.Denied)
	// A clock that is set back far locks nobody out for longer than the limit.
	h.clock.add(-30 * 24 * time.Hour)
	_, _, err := h.try("hannelore", password, "")
	wantKind(t, err, problem.Denied)
	if w, ok := RetryAfter(err); !ok || w > 5*time.Minute {
		t.Errorf("waits %v", w)
	}
	if n, err := throttle.Table().Count(ctx, h.db); n == 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	h := newHouse(t, "werk")
	for name, o := range map[string]Options{
		"no key":    {DB: h.db, Source: "/x"},
		"short key": {DB: h.db, Source: "/x", Key: make([]byte, 31)},
		"no source": {DB: h.db, Key: make([]byte, 32)},
		"no db":     {Source: "/x", Key: make([]byte, 32)},
	} {
		if _, err := New(o); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
