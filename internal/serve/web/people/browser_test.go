package people_test

import (
	"io/fs"
	"os"
	"testing"

	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/benefit"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/people"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// signIn opens a tab of the person of a role.
func signIn(t *testing.T, base, role string) *webtest.Tab {
	t.Helper()
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", role)
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	return tab
}

// The pages of people, access and benefit in a real browser: nothing that axe
// finds, no sideways scroll, wide and light, narrow and dark.
func TestInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{account.Texts, people.Texts, objects.Texts, benefit.Texts}, account.Routes(), people.Routes(), benefit.Routes())
	s := h.System("Fräslinie: Ausfallvorhersage", nil)
	w, _ := workload(t, h, s.ID)
	_, _, err := h.Org.Identity.CreateToken(h.As("admin"), identity.Token{Name: "Fräslinie 4", Workload: w, Scopes: []string{identity.ScopeInfer + s.ID}})
	h.Must(err)
	ctx := h.As("ai_officer")
	var use store.Object[value.UseCase]
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) (err error) {
		use, err = h.Org.UseCases.Create(ctx, tx, value.UseCase{Name: "Werkzeugbruch vorhersehen", Problem: text.Bi{DE: "Der Fräser bricht zweimal in der Woche.", EN: "The cutter breaks twice a week."},
			System: s.ID, ExpectedHours: 410, ExpectedEuro: 23_000, MeasuredHours: 312, MeasuredEuro: 18_400, MeasureAt: h.Clock.Now()})
		return err
	}))
	h.Settle()
	base := h.Serve() + "/werk"
	for role, paths := range map[string][]string{
		"admin":      {"/people", "/people/persons/" + h.People["shift_lead"].ID, "/people/roles", "/people/access"},
		"ai_officer": {"/benefit", "/benefit/" + use.ID, "/people/responsibilities"},
	} {
		tab := signIn(t, base, role)
		for _, p := range paths {
			tab.Emulate(1280, 900, webtest.Light)
			tab.Open(base + p)
			tab.Check()
			tab.Emulate(390, 844, webtest.Dark)
			tab.NoSideScroll()
		}
	}
}

// A form works without script, says what is wrong, and keeps what was typed.
func TestFormWithoutScript(t *testing.T) {
	h := showtest.Open(t, []fs.FS{account.Texts, people.Texts, objects.Texts, benefit.Texts}, account.Routes(), people.Routes(), benefit.Routes())
	base := h.Serve() + "/werk"
	tab := signIn(t, base, "ai_officer")
	tab.NoScript(true)
	tab.Open(base + "/benefit/new")
	tab.Fill("#f-problem-de", "Späne verstopfen die Absaugung.")
	tab.Fill("#f-expected_hours", "viele")
	tab.Follow("form.form button.main")
	if !tab.Has("#f-name-error") || !tab.Has("#f-expected_hours-error") || tab.Value("#f-problem-de") != "Späne verstopfen die Absaugung." {
		t.Error("the refused form does not say what is wrong, or lost what was typed")
	}
	tab.NoScript(false)
	tab.Check()
	tab.Fill("#f-name", "Absaugung")
	tab.Fill("#f-expected_hours", "120")
	tab.Follow("form.form button.main")
	tab.WaitText("h1", "Absaugung")
}
