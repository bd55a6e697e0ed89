package approval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/operate/identity/passkey/passkeytest"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/approval"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

// signHouse is a house in which people keep passkeys and sign with them.
func signHouse(t *testing.T) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{approval.Texts, account.Texts}, approval.Routes(), account.Routes())
}

// newest is the approval that was given last.
func newest(t *testing.T, h *showtest.House, system string) approve.Approval {
	t.Helper()
	d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, system)
	h.Must(err)
	if len(d.Approvals) == 0 {
		t.Fatal("nobody approved")
	}
	return d.Approvals[0].Doc
}

// verified writes a case file of the house and has the offline verifier check it.
func verified(t *testing.T, h *showtest.House) verify.Report {
	t.Helper()
	var b bytes.Buffer
	_, err := h.Org.WriteCase(h.As("auditor"), casefile.Period{}, &b)
	h.Must(err)
	rep, err := verify.Reader(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), "case.zip", verify.Options{Key: h.Org.SealKey})
	h.Must(err)
	return rep
}

// Two people sign in a real browser, each with a device: the passkey is set up,
// the permit becomes valid, and the offline verifier checks both signatures
// (001-02). A device that verifies nobody or knows no key signs nothing, and the
// page says so; a key of another person is not asked.
func TestSigningWithAPasskeyInTheBrowser(t *testing.T) {
	h := signHouse(t)
	id := ready(h, "Fräslinie: Ausfallvorhersage")
	pages := h.Pages
	for i, role := range []string{"director", "safety"} {
		h.Pages = pages
		tab, base := enter(t, h, role)
		device := tab.Authenticator()
		tab.Open(base + "/systems/" + id + "/approve")
		if tab.Has("button[data-passkey]") {
			t.Fatal("a passkey is asked for that nobody has")
		}
		tab.Open(base + "/account/passkeys")
		tab.Fill("input[name=name]", "Telefon")
		tab.Fill("input[name=password]", showtest.Password)
		tab.Click("button[data-passkey]")
		tab.WaitFor("#mine table")
		tab.Open(base + "/systems/" + id + "/approve")
		look(tab, fmt.Sprintf("approve-passkey-%d", i))
		device.Verifies(false)
		tab.Click("button[data-passkey]")
		tab.WaitUntil("document.querySelector('[data-ceremony-say]').textContent.includes('nichts unterschrieben')")
		device.Verifies(true)
		tab.Click("button[data-passkey]")
		tab.WaitGone("form#approve") // the page before has a notice, too
		said(tab, "Ihre Freigabe ist unterschrieben.")
		if a := newest(t, h, id); a.Method != "passkey" || a.Role != role || a.Assertion.RPID != "localhost" || a.Nonce == "" {
			t.Errorf("%+v", a)
		}
		tab.WaitText("#given", "Passkey")
		h.Clock.Add(time.Minute)
	}
	if p, ok := h.Org.Point.Permit(id); !ok || p.State != "valid" {
		t.Fatalf("the permit is %q: %v", p.State, p.Lapses)
	}
	rep := verified(t, h)
	if !rep.OK || rep.Checked.Signatures.Passkey != 2 || rep.Checked.Approvals != 2 {
		t.Fatalf("%+v %+v", rep.Break, rep.Checked)
	}
	if say := rep.Text(text.DE); !strings.Contains(say, "2 Freigaben mit Passkey") {
		t.Error(say)
	}
}

// A device that lost its key signs nothing, and the fallback still works: with
// the password, marked as the weakest.
func TestWithoutThePasskeyThePasswordSigns(t *testing.T) {
	h := signHouse(t)
	id := ready(h, "Fräslinie: Ausfallvorhersage")
	tab, base := enter(t, h, "director")
	device := tab.Authenticator()
	tab.Open(base + "/account/passkeys")
	tab.Fill("input[name=name]", "Telefon")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Click("button[data-passkey]")
	tab.WaitFor("#mine table")
	device.Forget()
	tab.Open(base + "/systems/" + id + "/approve")
	tab.Click("button[data-passkey]")
	tab.WaitUntil("document.querySelector('[data-ceremony-say]').textContent.includes('nichts unterschrieben')")
	tab.Fill("input[name=password]", "falsches Passwort")
	tab.Follow("form#approve button[name=role]:not([data-passkey])")
	tab.WaitFor(".summary")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("form#approve button[name=role]:not([data-passkey])")
	said(tab, "Ihre Freigabe ist unterschrieben.")
	tab.WaitText("#given", "am schwächsten")
	if a := newest(t, h, id); a.Method != "password" || !a.Assertion.IsZero() {
		t.Errorf("%+v", a)
	}
	if rep := verified(t, h); !rep.OK || rep.Checked.Signatures.Password != 1 {
		t.Errorf("%+v %+v", rep.Break, rep.Checked)
	}
}

// local has the pages believe that they are at http://ki.localhost.
func local(h *showtest.House) {
	next := h.Pages
	h.Pages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "ki.localhost"
		next.ServeHTTP(w, r)
	})
}

// What a page is told wrongly is refused, and nothing is signed: another page's
// origin, a replayed answer, another role's statement, a dossier that changed,
// an answer of another organisation (001-02).
func TestSignaturesThatDoNotFit(t *testing.T) {
	h, other := signHouse(t), signHouse(t)
	id, theirs := ready(h, "Fräslinie: Ausfallvorhersage"), ready(other, "Presse: Ausfallvorhersage")
	site := passkey.Site{RPID: "ki.localhost", Origin: "http://ki.localhost"}
	device := passkeytest.New(t, site.RPID, site.Origin)
	local(h)
	local(other)
	c, foreign := h.Client("director"), other.Client("director")
	register := func(h *showtest.House, c *showtest.Client) {
		t.Helper()
		begun := step(t, c.Post("/account/passkeys/begin", "password", showtest.Password))
		answer, err := json.Marshal(map[string]any{"ceremony": begun.Ceremony, "credential": json.RawMessage(device.Create(begun.Options))})
		h.Must(err)
		if p := c.Post("/account/passkeys", "name", "Telefon", "passkey", string(answer)); p.Status != 303 {
			t.Fatalf("register: %d %s", p.Status, p.Doc.Text())
		}
	}
	register(h, c)
	register(other, foreign)
	seen := func(h *showtest.House, id string) string {
		d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, id)
		h.Must(err)
		hash, err := d.Hash()
		h.Must(err)
		return hash
	}
	post := func(c *showtest.Client, id, seen string, b begun) showtest.Page {
		t.Helper()
		answer, err := json.Marshal(map[string]any{"ceremony": b.Ceremony, "begun_at": b.BegunAt, "credential": json.RawMessage(device.Get(b.Options))})
		h.Must(err)
		return c.Post("/systems/"+id+"/approve", "role", "director", "seen", seen, "passkey", string(answer))
	}
	begin := func(c *showtest.Client, id, seen string) begun {
		t.Helper()
		return step(t, c.Post("/systems/"+id+"/approve/passkey", "role", "director", "seen", seen))
	}
	refused := func(what string, p showtest.Page) {
		t.Helper()
		if p.Status < 400 || p.Status >= 500 {
			t.Errorf("%s: %d %s", what, p.Status, p.Location)
		}
		for _, x := range []struct {
			h  *showtest.House
			id string
		}{{h, id}, {other, theirs}} {
			if d, err := x.h.Org.Approve.Read(x.h.As(""), x.h.Org.DB, x.id); err != nil || len(d.Approvals) != 0 {
				t.Fatalf("%s: %d approvals, %v", what, len(d.Approvals), err)
			}
		}
	}
	hash := seen(h, id)
	device.Origin = "https://evil.example"
	refused("another page", post(c, id, hash, begin(c, id, hash)))
	device.Origin = site.Origin
	device.Flags = 0x01
	refused("nobody verified", post(c, id, hash, begin(c, id, hash)))
	device.Flags = 0x05
	theirHash := seen(other, theirs)
	refused("an answer to another organisation", post(c, id, hash, begin(foreign, theirs, theirHash)))
	b := begin(c, id, hash)
	b.BegunAt = b.BegunAt.Add(time.Second)
	refused("another beginning than was signed", post(c, id, hash, b))
	b = begin(c, id, hash)
	h.Clock.Add(passkey.Life)
	refused("too late", post(c, id, hash, b))
	// A role that may not sign gets no challenge; a dossier that changed neither.
	if p := h.Client("council").Post("/systems/"+id+"/approve/passkey", "role", "director", "seen", hash); p.Status != 403 {
		t.Errorf("the council begins: %d", p.Status)
	}
	if p := c.Post("/systems/"+id+"/approve/passkey", "role", "director", "seen", "sha256:old"); p.Status != 409 {
		t.Errorf("begun over what is gone: %d", p.Status)
	}
	b = begin(c, id, hash)
	h.Must(h.Org.DB.Write(h.As("ai_officer"), func(tx *store.Tx) error {
		o, err := h.Org.Inventory.Systems.Get(h.As("ai_officer"), tx, id)
		if err != nil {
			return err
		}
		o.Doc.Purpose = text.Bi{DE: "Etwas ganz anderes planen", EN: "Plan something else"}
		_, err = h.Org.Inventory.Systems.Update(h.As("ai_officer"), tx, id, o.Revision, o.Doc)
		return err
	}))
	refused("a document that changed since", post(c, id, hash, b))
	// The sound one passes once, and not a second time.
	hash = seen(h, id)
	b = begin(c, id, hash)
	if p := post(c, id, hash, b); p.Status != 303 {
		t.Fatalf("the sound one: %d %s", p.Status, p.Doc.Text())
	}
	if p := post(c, id, hash, b); p.Status != 409 {
		t.Errorf("a second time: %d", p.Status)
	}
	if rep := verified(t, h); !rep.OK || rep.Checked.Signatures.Passkey != 1 {
		t.Errorf("%+v", rep.Break)
	}
}

// begun is the answer to a first step.
type begun struct {
	Ceremony string         `json:"ceremony"`
	BegunAt  time.Time      `json:"begun_at"`
	Options  map[string]any `json:"options"`
}

func step(t *testing.T, p showtest.Page) begun {
	t.Helper()
	var b begun
	if err := json.Unmarshal([]byte(p.Body), &b); err != nil || p.Status != 200 || b.Ceremony == "" {
		t.Fatalf("first step: %d %s", p.Status, p.Body)
	}
	return b
}

// Without a passkey the person proves the password once more: none, or a wrong
// one, signs nothing, and what was typed does not come back.
func TestSigningTakesThePasswordAgain(t *testing.T) {
	h := open(t)
	id := ready(h, "Fräslinie: Ausfallvorhersage")
	c := h.Client("director")
	seen := hidden(c.Get("/systems/"+id+"/approve"), "approve", "seen")
	for _, password := range []string{"", "falsches Passwort"} {
		p := c.Post("/systems/"+id+"/approve", "role", "director", "seen", seen, "password", password, "remark", "Nur für Halle 2.")
		if p.Status != 422 || !p.Doc.Has(".field.bad input[name=password]") || !strings.Contains(p.Body, "Nur für Halle 2.") {
			t.Errorf("%q: %d", password, p.Status)
		}
		if password != "" && strings.Contains(p.Body, password) {
			t.Error("the password stands in the page")
		}
	}
	if d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, id); err != nil || len(d.Approvals) != 0 {
		t.Errorf("%d approvals, %v", len(d.Approvals), err)
	}
}
