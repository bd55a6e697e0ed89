// Package ceremony is what the pages share on which a passkey is asked for: the
// first step, whose answer is JSON for a few lines of script, and the fields and
// the button of the form that carries the second step. The second step is the
// form itself, so what is refused there shows as on every form.
//
// Without script the button stays hidden, and the form's other way serves:
// password and code.
//
// What is signed, and whether it is true, others say (operate/identity/passkey,
// govern/approve).
package ceremony

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Field is the hidden field with the answer of browser and device.
const Field = "passkey"

// Button asks for a passkey. A script shows it where the browser knows passkeys.
type Button struct {
	Text   string
	Begin  string // address of the first step, without the base
	Name   string // name and value that the form sends with it
	Value  string
	Failed string // what is said when the person stopped, or the device has no fitting key
}

// Answer is what the form carries when a passkey was asked.
type Answer struct {
	Ceremony   string          `json:"ceremony"`
	BegunAt    time.Time       `json:"begun_at"`
	Credential json.RawMessage `json:"credential"` // as PublicKeyCredential.toJSON gave it
}

// Read reads the answer from a form; ok is false when no passkey was asked.
func Read(in url.Values) (a Answer, ok bool, err error) {
	raw := in.Get(Field)
	if raw == "" {
		return a, false, nil
	}
	if json.Unmarshal([]byte(raw), &a) != nil || a.Ceremony == "" {
		return a, true, problem.New(problem.BadInput, "Die Antwort des Browsers ist nicht lesbar.", "The browser's answer cannot be read.").
			WithHint("Bitte noch einmal versuchen.", "Please try again.")
	}
	return a, true, nil
}

// Site is where the browser of a request is; a problem says why passkeys do not
// work there.
func Site(r *page.Request) (passkey.Site, error) { return passkey.SiteOf(r.R.Host, r.Secure()) }

// begun is the answer to the first step.
type begun struct {
	Kind     string         `json:"kind"` // create or get
	Options  map[string]any `json:"options"`
	Ceremony string         `json:"ceremony"`
	BegunAt  time.Time      `json:"begun_at,omitzero"`
}

// Create answers the first step of adding a passkey, Get that of signing.
func Create(r *page.Request, b passkey.Begun, err error) error {
	return answer(r, begun{Kind: "create", Options: b.Options, Ceremony: b.Ceremony}, err)
}

// Get answers the first step of a signature that began at an instant.
func Get(r *page.Request, b passkey.Begun, at time.Time, err error) error {
	return answer(r, begun{Kind: "get", Options: b.Options, Ceremony: b.Ceremony, BegunAt: at}, err)
}

// answer writes JSON; a problem is one sentence or two that the page shows.
func answer(r *page.Request, b begun, err error) error {
	status, body := http.StatusOK, any(b)
	if err != nil {
		p := problem.From(err)
		switch p.Kind {
		case problem.Internal, problem.Corrupt, problem.Unavailable:
			r.Log.Error("page: a ceremony did not begin", "path", r.R.URL.Path, "err", err)
		}
		status, body = ui.Status(p), map[string]string{"say": sentence(r.C, p)}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("ceremony: encode: %w", err)
	}
	r.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	r.W.WriteHeader(status)
	_, err = r.W.Write(raw)
	return err
}

// sentence is a problem for an area that holds text alone.
func sentence(c ui.Ctx, p *problem.Problem) string {
	out := []string{c.In(p.Say)}
	for _, f := range p.Fields {
		out = append(out, c.In(f.Say))
	}
	if !p.Hint.IsZero() {
		out = append(out, c.In(p.Hint))
	}
	return strings.Join(out, " ")
}
