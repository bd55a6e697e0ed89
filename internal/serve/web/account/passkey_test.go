package account

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// seat signs the person of a role in to a browser that reaches the pages by a
// name, and returns the tab and the address of the organisation.
func seat(t *testing.T, h *showtest.House, role string) (*webtest.Tab, string) {
	t.Helper()
	tab, client := browser.Tab(t), h.Client(role)
	mux := http.NewServeMux()
	mux.HandleFunc("/enter", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "augenmass_language", Value: "de", Path: "/"})
		for _, c := range client.Cookies {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/"})
		}
	})
	mux.Handle("/", h.Pages)
	h.Pages = mux
	base := strings.Replace(h.Serve(), "127.0.0.1", "localhost", 1)
	tab.Open(base + "/enter")
	return tab, base + "/werk"
}

// A person adds a passkey in a real browser with a device, names and revokes it
// (001-02). The password comes first; without verification by the device there
// is none; the same device is not taken twice.
func TestPasskeyInTheBrowser(t *testing.T) {
	h := house(t)
	tab, base := seat(t, h, "director")
	device := tab.Authenticator()
	tab.Open(base + "/account")
	tab.Check()
	tab.Open(base + "/account/passkeys")
	tab.Check()
	add := func(password string) {
		t.Helper()
		tab.Fill("input[name=name]", "Telefon")
		tab.Fill("input[name=password]", password)
		tab.Click("button[data-passkey]")
	}
	add("falsches Passwort")
	tab.WaitUntil("!document.querySelector('[data-ceremony-say]').hidden")
	if got := tab.Text("[data-ceremony-say]"); !strings.Contains(got, "Passwort stimmt nicht") {
		t.Errorf("a wrong password: %q", got)
	}
	device.Verifies(false)
	add(showtest.Password)
	tab.WaitUntil("document.querySelector('[data-ceremony-say]').textContent.includes('kein Passkey eingerichtet')")
	if all, err := h.Org.Passkeys.Of(h.As("director"), h.Org.DB, h.People["director"].ID); err != nil || len(all) != 0 {
		t.Fatalf("a device that verifies nobody: %v %v", all, err)
	}
	device.Verifies(true)
	add(showtest.Password)
	tab.WaitFor("#mine table")
	tab.Check()
	all, err := h.Org.Passkeys.Of(h.As("director"), h.Org.DB, h.People["director"].ID)
	if err != nil || len(all) != 1 || all[0].Doc.Name != "Telefon" || all[0].Doc.RPID != "localhost" || all[0].Doc.Algorithm != -7 {
		t.Fatalf("%+v %v", all, err)
	}
	add(showtest.Password) // the device knows that it has one already
	tab.WaitUntil("document.querySelector('[data-ceremony-say]').textContent.includes('kennt schon einen')")
	tab.Follow("#mine form button")
	tab.WaitFor(".notice")
	if all, err := h.Org.Passkeys.Of(h.As("director"), h.Org.DB, h.People["director"].ID); err != nil || len(all) != 0 {
		t.Errorf("after revoking: %v %v", all, err)
	}
}

// Where passkeys cannot work the page says why and what serves instead; without
// script nothing is promised; nobody sees or ends somebody else's.
func TestPasskeyPage(t *testing.T) {
	h := house(t)
	c := h.Client("director")
	c.Get("/account").Shows(t, "Passkeys", "noch keiner eingerichtet")
	p := c.Get("/account/passkeys") // the test's own address is not encrypted
	p.Shows(t, "Passkeys brauchen eine verschlüsselte Verbindung", "gelten Passwort und Code")
	if p.Doc.Has("button[data-passkey]") {
		t.Error("there is a button that cannot work")
	}
	if p := c.Post("/account/passkeys/begin", "password", showtest.Password); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "verschlüsselte Verbindung") {
		t.Errorf("begun without encryption: %d %s", p.Status, p.Body)
	}
	if p := c.Post("/account/passkeys", "name", "Telefon", "password", showtest.Password); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "Skripte") {
		t.Errorf("without script: %d", p.Status)
	}
	if p := c.Post("/account/passkeys/pky_nothing/revoke"); p.Status != http.StatusNotFound {
		t.Errorf("revoking what is not there: %d", p.Status)
	}
	if p := h.Nobody().Get("/account/passkeys"); p.Status != http.StatusSeeOther {
		t.Errorf("without a session: %d", p.Status)
	}
}
