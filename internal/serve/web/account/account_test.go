package account

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
)

// overview stands for the page that people come to.
func overview() []page.Route {
	return []page.Route{{Method: http.MethodGet, Path: "/overview", Handle: func(r *page.Request) error {
		return r.Show(ui.PageView{Title: r.Who.Name}, ui.Tag("x"))
	}}}
}

func house(t *testing.T) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{Texts}, Routes(), overview())
}

// totp is the code of an authenticator app (RFC 6238, SHA-1, six digits).
func totp(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(secret, " ", "")))
	if err != nil {
		t.Fatalf("secret %q: %v", secret, err)
	}
	m := hmac.New(sha1.New, key)
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	m.Write(step[:])
	sum := m.Sum(nil)
	o := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[o:o+4])&0x7fffffff%1_000_000)
}

func TestSignInAndOut(t *testing.T) {
	h := house(t)
	c := h.Nobody()
	p := c.Get("/overview")
	if p.Status != http.StatusSeeOther || p.Location != "/werk/signin?next=%2Fwerk%2Foverview" {
		t.Fatalf("without a session: %d %s", p.Status, p.Location)
	}
	p = c.Get("/signin?next=/werk/overview")
	p.Shows(t, "Anmelden", "Metallbau Muster")
	if got := p.Doc.One("input[name=next]").Attrs["value"]; got != "/werk/overview" {
		t.Errorf("next is %q", got)
	}
	p = c.Post("/signin", "name", "director", "password", showtest.Password, "next", "/werk/overview")
	if p.Status != http.StatusSeeOther || p.Location != "/werk/overview" {
		t.Fatalf("after signing in: %d %s", p.Status, p.Location)
	}
	c.Get("/overview").Shows(t, "Jonas Brandt")
	if p := c.Get("/signin"); p.Location != "/werk/overview" {
		t.Errorf("the sign-in page of somebody signed in leads to %q", p.Location)
	}
	p = c.Post("/sign-out")
	if p.Location != "/werk/signin?said=account.signedout" {
		t.Errorf("after signing out: %s", p.Location)
	}
	if p := c.Get("/overview"); p.Status != http.StatusSeeOther {
		t.Errorf("the session still works: %d", p.Status)
	}
	c.Get("/signin?said=account.signedout").Shows(t, "Sie sind abgemeldet.")
}

// What a page answers does not tell which names exist.
func TestUnknownNamesGetTheSameAnswer(t *testing.T) {
	h := house(t)
	try := func(name string) showtest.Page {
		return h.Nobody().Post("/signin", "name", name, "password", "falsches Passwort hier")
	}
	known, unknown := try("director"), try("direktor")
	if known.Status != http.StatusUnauthorized || unknown.Status != known.Status {
		t.Errorf("status %d and %d", known.Status, unknown.Status)
	}
	if strings.ReplaceAll(known.Body, "director", "x") != strings.ReplaceAll(unknown.Body, "direktor", "x") {
		t.Error("the two answers differ")
	}
	if got := known.Doc.One("input[name=name]").Attrs["value"]; got != "director" {
		t.Errorf("the name typed is lost: %q", got)
	}
	if v, ok := known.Doc.One("input[name=password]").Attrs["value"]; ok && v != "" {
		t.Errorf("the password stands in the page: %q", v)
	}
}

func TestTooManyFailuresWait(t *testing.T) {
	h := house(t)
	c := h.Nobody()
	var p showtest.Page
	for range 5 {
		p = c.Post("/signin", "name", "safety", "password", "falsches Passwort hier")
	}
	if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" {
		t.Fatalf("after five failures: %d, Retry-After %q", p.Status, p.Header.Get("Retry-After"))
	}
	p.Shows(t, "Zu viele Fehlversuche", "Sekunden warten")
	h.Clock.Add(10 * time.Minute)
	if p := c.Post("/signin", "name", "safety", "password", showtest.Password); p.Status != http.StatusSeeOther {
		t.Errorf("after the wait: %d", p.Status)
	}
}

// Nothing that a link says leads away from the organisation.
func TestRedirectsStayInside(t *testing.T) {
	bad := []string{"", "https://evil.example/werk/x", "//evil.example/werk/", `/\evil.example`, "/werk/../other/overview", "/other/overview",
		"/werkstatt/overview", "javascript:alert(1)", "/werk/overview\r\nX: y", "/werk//evil.example", "http:/werk/x", "/werk/signin", "/werk/sign-out",
		"/werk/%2e%2e/other", "/werk/./x", "\t//evil.example", "werk/overview", "/werk/"}
	for _, next := range bad {
		if got := inside("/werk", next); got != "/overview" {
			t.Errorf("inside(%q) = %q", next, got)
		}
	}
	for next, want := range map[string]string{"/werk/overview": "/overview", "/werk/systems/sys_1?tab=may": "/systems/sys_1?tab=may", "/werk/systems/": "/systems/",
		"/werk/systems?q=a%26b": "/systems?q=a%26b"} {
		if got := inside("/werk", next); got != want {
			t.Errorf("inside(%q) = %q, want %q", next, got, want)
		}
	}
	h := house(t)
	if p := h.Nobody().Post("/signin", "name", "director", "password", showtest.Password, "next", "https://evil.example/"); p.Location != "/werk/overview" {
		t.Errorf("signed in and sent to %q", p.Location)
	}
}

func FuzzInside(f *testing.F) {
	for _, s := range []string{"/werk/overview", "//x", `/werk/\\x`, "/werk/%2f%2fx", "/werk/a/../../b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, next string) {
		to := "/werk" + inside("/werk", next)
		u, err := url.Parse(to)
		if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/werk/") || strings.Contains(to, `\`) || strings.Contains(u.Path, "/../") {
			t.Errorf("%q leads to %q", next, to)
		}
	})
}

func TestLanguageComesBack(t *testing.T) {
	h := house(t)
	c := h.Nobody()
	p := c.Post("/language", "lang", "en", "back", "/werk/signin?next=%2Fwerk%2Foverview&said=account.signedout")
	if p.Location != "/werk/signin?next=%2Fwerk%2Foverview" {
		t.Errorf("back to %q", p.Location)
	}
	c.Get("/signin").Shows(t, "Sign in", "Password")
	if p := c.Post("/language", "lang", "fr"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown language: %d", p.Status)
	}
	if p := c.Post("/language", "lang", "de", "back", "//evil.example/"); p.Location != "/werk/overview" {
		t.Errorf("back to %q", p.Location)
	}
	// A person's choice stays with the person.
	in := h.Client("council")
	in.Post("/language", "lang", "en", "back", "/werk/overview")
	again := h.Client("council")
	again.Header.Del("Accept-Language")
	again.Get("/account").Shows(t, "My access")
}

func TestChangePassword(t *testing.T) {
	h := house(t)
	c, other := h.Client("worker"), h.Client("worker")
	const fresh = "vier-gruene-Bohrmaschinen"
	for _, bad := range []struct {
		old, new, again, field string
	}{
		{"falsch", fresh, fresh, "old"},
		{showtest.Password, fresh, fresh + "x", "again"},
		{showtest.Password, "kurz", "kurz", "password"},
		{showtest.Password, showtest.Password, showtest.Password, "password"},
	} {
		p := c.Post("/account/password", "old", bad.old, "password", bad.new, "again", bad.again)
		if p.Status != http.StatusUnprocessableEntity || !p.Doc.Has("#password-"+bad.field+"-error") {
			t.Errorf("%+v: status %d, errors at %v", bad, p.Status, p.Doc.All("p.fault"))
		}
		for _, secret := range []string{bad.old, bad.new} {
			if strings.Contains(p.Body, `value="`+secret) {
				t.Error("a password stands in the page")
			}
		}
	}
	if p := c.Post("/account/password", "old", showtest.Password, "password", fresh, "again", fresh); p.Location != "/werk/account?said=account.password" {
		t.Fatalf("changed: %d %s", p.Status, p.Location)
	}
	if p := c.Get("/account"); p.Status != 200 {
		t.Errorf("the own session ended: %d", p.Status)
	}
	if p := other.Get("/account"); p.Status != http.StatusSeeOther {
		t.Errorf("the other session lives: %d", p.Status)
	}
	if p := h.Nobody().Post("/signin", "name", "worker", "password", fresh); p.Status != http.StatusSeeOther {
		t.Errorf("the new password does not open: %d", p.Status)
	}
}

// A password that somebody else set is changed before anything else.
func TestMustChange(t *testing.T) {
	h := house(t)
	_, err := h.Org.Identity.AddPerson(h.As("admin"), identity.Person{SignIn: "neu", Name: "Neu", Roles: []roles.Role{roles.Worker}, Active: true}, showtest.Password, true)
	h.Must(err)
	c := h.Nobody()
	p := c.Post("/signin", "name", "neu", "password", showtest.Password, "next", "/werk/overview?x=1")
	if !strings.HasPrefix(p.Location, "/werk/account?next=") {
		t.Fatalf("sent to %q", p.Location)
	}
	c.Get(strings.TrimPrefix(p.Location, "/werk")).Shows(t, "Ihr Passwort hat jemand anderes gesetzt")
	p = c.Post("/account/password", "old", showtest.Password, "password", "vier-gruene-Bohrmaschinen", "again", "vier-gruene-Bohrmaschinen", "next", "/werk/overview?x=1")
	if p.Location != "/werk/overview?x=1&said=account.password" {
		t.Errorf("afterwards sent to %q", p.Location)
	}
	c.Get("/account").Hides(t, "jemand anderes gesetzt")
}

var secretText = regexp.MustCompile(`[A-Z2-7]{4}( ?[A-Z2-7]{4}){7}`)

// The whole life of a second factor.
func TestSecondFactor(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/account").Shows(t, "nicht eingerichtet", "Ihre Rolle soll")
	if p := c.Post("/account/factor", "password", "falsch"); p.Status != 422 || !p.Doc.Has("#enrol-password-error") {
		t.Errorf("a wrong password: %d", p.Status)
	}
	p := c.Post("/account/factor", "password", showtest.Password)
	if !p.Doc.Has("svg.qr") {
		t.Fatal("no QR code")
	}
	secret := secretText.FindString(p.Doc.Text())
	if p := c.Post("/account/factor/confirm", "code", "000000"); p.Status != 422 || !p.Doc.Has("#confirm-code-error") {
		t.Errorf("a wrong code: %d", p.Status)
	}
	p = c.Post("/account/factor/confirm", "code", totp(t, secret, h.Clock.Now()))
	codes := p.Doc.All("ol li.num")
	if p.Status != 200 || len(codes) != 8 {
		t.Fatalf("confirmed: %d, %d recovery codes", p.Status, len(codes))
	}
	c.Get("/account").Shows(t, "eingerichtet", "8 Wiederherstellungscodes", "Passwort und Code")

	n := h.Nobody()
	h.Clock.Add(time.Minute)
	p = n.Post("/signin", "name", "ai_officer", "password", showtest.Password, "next", "/werk/overview")
	if p.Status != 200 || p.Doc.Has("[role=alert]") {
		t.Fatalf("the code is asked for without reproach: %d", p.Status)
	}
	if strings.Contains(p.Body, showtest.Password) {
		t.Fatal("the password stands in the page")
	}
	waiting := p.Doc.One("input[name=pending]").Attrs["value"]
	p = n.Post("/signin", "pending", waiting, "code", "000000", "next", "/werk/overview")
	if p.Status != http.StatusUnauthorized || !p.Doc.Has("#code-code-error") {
		t.Errorf("a wrong code: %d", p.Status)
	}
	if p := n.Post("/signin", "pending", waiting, "code", totp(t, secret, h.Clock.Now()), "next", "/werk/overview"); p.Location != "/werk/overview" {
		t.Errorf("the right code: %d %s", p.Status, p.Location)
	}
	// A recovery code works instead, once.
	one := codes[0].Text()
	for i, want := range []int{http.StatusSeeOther, http.StatusUnauthorized} {
		if p := h.Nobody().Post("/signin", "name", "ai_officer", "password", showtest.Password, "code", one); p.Status != want {
			t.Errorf("recovery code, use %d: %d", i+1, p.Status)
		}
	}
	h.Clock.Add(time.Minute)
	if p := n.Post("/account/factor/remove", "password", showtest.Password, "code", "111111"); p.Status != 422 || !p.Doc.Has("#remove-code-error") {
		t.Errorf("removing with a wrong code: %d", p.Status)
	}
	if p := n.Post("/account/factor/remove", "password", showtest.Password, "code", totp(t, secret, h.Clock.Now())); p.Location != "/werk/account?said=account.factoroff" {
		t.Errorf("removed: %d %s", p.Status, p.Location)
	}
}

// A sign-in that waits for its code ends after a while, and is of no use to
// another organisation or to another process.
func TestPendingEnds(t *testing.T) {
	s, at := newSeal(), showtest.Start
	sealed, err := s.close(pending{Base: "/werk", Name: "n", Password: "geheim", Until: at.Add(pendingFor)})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "geheim") {
		t.Error("the password is readable")
	}
	if p, ok := s.open(sealed, "/werk", at); !ok || p.Password != "geheim" {
		t.Error("it does not open")
	}
	if _, ok := s.open(sealed, "/werk", at.Add(pendingFor)); ok {
		t.Error("it opens after its end")
	}
	if _, ok := s.open(sealed, "/other", at); ok {
		t.Error("it opens elsewhere")
	}
	if _, ok := newSeal().open(sealed, "/werk", at); ok {
		t.Error("another process opens it")
	}
	for _, broken := range []string{"", "x", sealed[1:], sealed + "A"} {
		if _, ok := s.open(broken, "/werk", at); ok {
			t.Errorf("%q opens", broken)
		}
	}
}

func TestSessions(t *testing.T) {
	h := house(t)
	c, other, third := h.Client("safety"), h.Client("safety"), h.Client("safety")
	p := c.Get("/account")
	p.Shows(t, "diese Sitzung")
	forms := p.Doc.All("input[name=session]")
	if len(forms) != 2 {
		t.Fatalf("%d sessions to end, want the two others", len(forms))
	}
	if p := c.Post("/account/sessions/revoke", "session", forms[0].Attrs["value"]); p.Status != http.StatusSeeOther {
		t.Errorf("revoked: %d", p.Status)
	}
	alive := 0
	for _, o := range []*showtest.Client{other, third} {
		if o.Get("/account").Status == 200 {
			alive++
		}
	}
	if alive != 1 {
		t.Errorf("%d of two others live, want one", alive)
	}
	// Somebody else's session does not exist for a person.
	foreign := h.Client("director").Post("/account/sessions/revoke", "session", forms[1].Attrs["value"])
	if foreign.Status != http.StatusNotFound {
		t.Errorf("another person's session: %d", foreign.Status)
	}
	c.Post("/account/sessions/others")
	if n := len(c.Get("/account").Doc.All("input[name=session]")); n != 0 {
		t.Errorf("%d others left", n)
	}
}

func TestFirstRun(t *testing.T) {
	h := showtest.Empty(t, []fs.FS{Texts}, Routes(), overview())
	c := h.Nobody()
	if p := c.Get("/signin"); p.Location != "/werk/setup" {
		t.Fatalf("with nobody there, sign-in leads to %q", p.Location)
	}
	c.Get("/setup").Shows(t, "Hier gibt es noch niemanden", "Metallbau Muster")
	p := c.Post("/setup", "name", "Tom Arndt", "sign_in", "Tom Arndt", "password", "kurz", "again", "kurz")
	if p.Status != 422 || p.Doc.One("input[name=sign_in]").Attrs["value"] != "Tom Arndt" {
		t.Errorf("wrong input: %d", p.Status)
	}
	if p := c.Post("/setup", "name", "Tom Arndt", "sign_in", "tom", "password", showtest.Password, "again", showtest.Password); p.Location != "/werk/setup/officer" {
		t.Fatalf("set up: %d %s", p.Status, p.Location)
	}
	if p := c.Post("/setup", "name", "Eve", "sign_in", "eve", "password", showtest.Password, "again", showtest.Password); p.Status != http.StatusConflict {
		t.Errorf("set up twice: %d", p.Status)
	}
	if p := h.Nobody().Get("/setup"); p.Location != "/werk/signin" {
		t.Errorf("the first-run page is still there: %s", p.Location)
	}
	c.Get("/setup/officer").Shows(t, "Wer führt das Register")
	if p := c.Post("/setup/officer", "name", "Sabine Keller", "sign_in", "tom", "password", showtest.Password); p.Status != 409 && p.Status != 422 {
		t.Errorf("a taken name: %d", p.Status)
	}
	if p := c.Post("/setup/officer", "name", "Sabine Keller", "sign_in", "s.keller", "password", showtest.Password); p.Location != "/werk/setup/done?said=account.officer" {
		t.Fatalf("officer: %d %s", p.Status, p.Location)
	}
	c.Get("/setup/done").Shows(t, "Drei nächste Schritte")
	o := h.Nobody()
	if p := o.Post("/signin", "name", "s.keller", "password", showtest.Password); !strings.HasPrefix(p.Location, "/werk/account") {
		t.Errorf("the officer comes to %q", p.Location)
	}
	// Somebody else knows this password: until it is changed, every page leads
	// to the one that changes it, and nothing else is done.
	for _, path := range []string{"/setup/done", "/setup/officer"} {
		if p := o.Get(path); p.Location != "/werk/account" {
			t.Errorf("%s with a password that has to be changed: %d %s", path, p.Status, p.Location)
		}
	}
	const own = "Sieben-Brücken-1736"
	if p := o.Post("/account/password", "old", showtest.Password, "password", own, "again", own); p.Status != http.StatusSeeOther {
		t.Fatalf("the officer's own password: %d", p.Status)
	}
	for _, path := range []string{"/setup/officer", "/setup/done"} {
		if p := o.Get(path); p.Status != http.StatusForbidden {
			t.Errorf("the officer at %s: %d", path, p.Status)
		}
	}
	if p := o.Post("/setup/officer", "name", "X", "sign_in", "x1", "password", showtest.Password); p.Status != http.StatusForbidden {
		t.Errorf("the officer adds people: %d", p.Status)
	}
}

// Behind a proxy the last address counts, which the proxy itself wrote.
func TestAddress(t *testing.T) {
	h := house(t)
	r, err := http.NewRequest(http.MethodGet, "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "10.0.0.9:4711"
	r.Header.Set("X-Forwarded-For", "1.2.3.4, 192.0.2.7")
	q := &page.Request{Site: h.Site, R: r}
	if got := address(q); got != "10.0.0.9" {
		t.Errorf("without a proxy: %q", got)
	}
	site := *h.Site
	site.TLS = true
	q.Site = &site
	if got := address(q); got != "192.0.2.7" {
		t.Errorf("behind a proxy: %q", got)
	}
}

func TestBothLanguages(t *testing.T) {
	h := house(t)
	for _, l := range showtest.Langs {
		c := h.Client("admin").In(l)
		for _, path := range []string{"/account", "/account/factor", "/setup/officer", "/setup/done"} {
			if p := c.Get(path); p.Status != 200 || p.Doc.One("html").Attrs["lang"] != string(l) {
				t.Errorf("%s in %s: %d", path, l, p.Status)
			}
		}
		if p := h.Nobody().In(l).Get("/signin"); p.Status != 200 {
			t.Errorf("sign-in in %s: %d", l, p.Status)
		}
	}
}

func TestWording(t *testing.T) { showtest.Wording(t, Texts) }
