package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// desk is a person at a browser: it signs in and posts the forms of the pages,
// nothing more.
type desk struct {
	base   string
	client *http.Client
}

// signIn opens the desk of one of the people.
func signIn(ctx context.Context, base, name string) (*desk, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &desk{base: base, client: &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	return d, d.post(ctx, "/signin", url.Values{"name": {name}, "password": {Password}})
}

// post sends one form and expects to be sent on, as after every form that was
// accepted.
func (d *desk) post(ctx context.Context, path string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end below
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusSeeOther {
		return refused{path: path, status: res.StatusCode, said: excerpt(raw)}
	}
	return nil
}

// refused is a form that was not accepted.
type refused struct {
	path   string
	status int
	said   string
}

func (r refused) Error() string {
	return fmt.Sprintf("form %s: status %d: %s", r.path, r.status, r.said)
}

// decide confirms a review case after looking at it. A case whose model gave no
// result has nothing to confirm; it is rejected with the reason.
func (d *desk) decide(ctx context.Context, id string) error {
	path := "/operation/cases/" + id
	err := d.post(ctx, path, url.Values{"verdict": {"confirm"}, "revealed": {"yes"}})
	var no refused
	if !errors.As(err, &no) || no.status != http.StatusUnprocessableEntity {
		return err
	}
	return d.post(ctx, path, url.Values{"verdict": {"reject"}, "revealed": {"no"}, "reason": {"Das Modell hat kein Ergebnis geliefert."}})
}

func excerpt(raw []byte) string {
	s := strings.Join(strings.Fields(string(raw)), " ")
	if len(s) > 300 {
		s = s[:300] + "…"
	}
	return s
}
