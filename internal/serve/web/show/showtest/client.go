package showtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"augenmass/internal/operate/identity"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Client asks pages as one person, or as nobody. It keeps cookies and follows
// no redirect.
type Client struct {
	h       *House
	Cookies map[string]*http.Cookie
	Header  http.Header
}

// Nobody is a client that is not signed in.
func (h *House) Nobody() *Client {
	return &Client{h: h, Cookies: map[string]*http.Cookie{}, Header: http.Header{"Accept-Language": {"de"}}}
}

// Client is a client signed in as the person of a role.
func (h *House) Client(role string) *Client {
	h.T.Helper()
	c := h.Nobody()
	s, _, err := h.Org.Identity.SignIn(c.h.As(""), identity.Attempt{Name: h.People[role].SignIn, Password: Password, Address: "127.0.0.1"})
	h.Must(err)
	cookie := s.Cookie(h.Site.Base, false)
	c.Cookies[cookie.Name] = cookie
	return c
}

// In is the client with another language.
func (c *Client) In(l text.Lang) *Client {
	c.Header.Set("Accept-Language", string(l))
	c.Cookies["augenmass_language"] = &http.Cookie{Name: "augenmass_language", Value: string(l)}
	return c
}

// Page is an answer.
type Page struct {
	Status   int
	Location string
	Header   http.Header
	Body     string
	Doc      *Node // nil when the answer is no HTML
	Queries  int64 // of the handler and the frame around it
}

// Get asks for a page below the organisation.
func (c *Client) Get(path string) Page { return c.do(http.MethodGet, path, nil) }

// Post posts a form; pairs are name, value.
func (c *Client) Post(path string, pairs ...string) Page {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return c.do(http.MethodPost, path, form)
}

// PostForm posts a form.
func (c *Client) PostForm(path string, form url.Values) Page {
	return c.do(http.MethodPost, path, form)
}

func (c *Client) do(method, path string, form url.Values) Page {
	c.h.T.Helper()
	r := httptest.NewRequest(method, c.h.Site.Base+path, strings.NewReader(form.Encode()))
	for k, v := range c.Header {
		r.Header[k] = v
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range c.Cookies {
		r.AddCookie(cookie)
	}
	ctx, n := store.CountQueries(r.Context())
	w := httptest.NewRecorder()
	c.h.Pages.ServeHTTP(w, r.WithContext(ctx))
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(c.Cookies, cookie.Name)
			continue
		}
		c.Cookies[cookie.Name] = cookie
	}
	p := Page{Status: w.Code, Location: w.Header().Get("Location"), Header: w.Header(), Body: w.Body.String(), Queries: *n}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Body.Len() > 0 {
		doc, err := Parse(p.Body)
		if err != nil {
			c.h.T.Fatalf("%s %s: %v", method, path, err)
		}
		p.Doc = doc
		if i := strings.Index(p.Body, "⟦"); i >= 0 {
			c.h.T.Errorf("%s %s: a text is missing: %.60s", method, path, p.Body[i:])
		}
	}
	return p
}

// Shows fails unless the page is there and its text holds all words.
func (p Page) Shows(t interface {
	Helper()
	Errorf(string, ...any)
}, words ...string) {
	t.Helper()
	if p.Doc == nil {
		t.Errorf("no page: status %d, %s", p.Status, p.Location)
		return
	}
	all := p.Doc.Text()
	for _, w := range words {
		if !strings.Contains(all, w) {
			t.Errorf("the page does not say %q; it says:\n%s", w, all)
		}
	}
}

// Hides fails if the text of the page holds one of the words.
func (p Page) Hides(t interface {
	Helper()
	Errorf(string, ...any)
}, words ...string) {
	t.Helper()
	if p.Doc == nil {
		return
	}
	all := p.Doc.Text()
	for _, w := range words {
		if strings.Contains(all, w) {
			t.Errorf("the page says %q", w)
		}
	}
}
