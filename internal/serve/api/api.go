// Package api is the REST face of the objects: for every kind that the store
// knows it answers lists, single objects, their history, and, for kinds that
// people may write without a room's own ceremony, creating, replacing, merging
// and deleting. The description (OpenAPI 3.1) comes from the same declarations.
//
// What a kind holds and who may do what is declared elsewhere; a new kind costs
// nothing here. Approvals, permits, classifications and assessments are read
// only: they come about on pages where a person sees what is signed.
package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/wire"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// writable are the kinds that may be written here.
var writable = []string{"system", "model", "vendor", "usecase", "agreement", "workload", "device"}

// maxBody is the largest document in bytes.
const maxBody = 1 << 20

// mergePatch is the media type of RFC 7396.
const mergePatch = "application/merge-patch+json"

type face struct {
	o    *org.Org
	base string // "/metallwerk/api/v1"
	org  string // "/metallwerk"
	tls  bool
	log  *slog.Logger
}

// Handler answers below base + "/api/v1". tls says that a proxy in front ends
// TLS, for the session cookie.
func Handler(o *org.Org, base string, tls bool, log *slog.Logger) http.Handler {
	f := &face{o: o, base: base + "/api/v1", org: base, tls: tls, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc(f.base+"/openapi.json", f.answer(f.describe))
	for _, k := range o.DB.Kinds() {
		path := f.base + "/" + Plural(k.Name())
		mux.HandleFunc(path, f.answer(func(c *call) error { return c.collection(k) }))
		mux.HandleFunc(path+"/{id}", f.answer(func(c *call) error { return c.item(k) }))
		mux.HandleFunc(path+"/{id}/history", f.answer(func(c *call) error { return c.history(k) }))
	}
	mux.HandleFunc(f.base+"/", f.answer(func(*call) error {
		return problem.New(problem.NotFound, "Diese Adresse gibt es hier nicht.", "This address does not exist here.").
			WithHint("openapi.json beschreibt, was es gibt.", "openapi.json describes what there is.")
	}))
	guarded := http.NewCrossOriginProtection()
	guarded.SetDenyHandler(f.answer(func(*call) error {
		return problem.New(problem.Denied, "Eine fremde Seite darf hier nichts auslösen.", "Another site may not cause anything here.").
			WithHint("Programme senden einen Zugangsschlüssel und keine Kennung einer Seite (Origin).", "Programs send an access token and no mark of a page (Origin).")
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		guarded.Handler(mux).ServeHTTP(w, r)
	})
}

// Plural is the path segment of a kind.
func Plural(kind string) string {
	if rest, ok := strings.CutSuffix(kind, "y"); ok {
		return rest + "ies"
	}
	return kind + "s"
}

// call is one request.
type call struct {
	*face
	w http.ResponseWriter
	r *http.Request
}

// stated is a problem with a status of its own.
type stated struct {
	status int
	*problem.Problem
}

// Unwrap gives the problem to errors.As.
func (s stated) Unwrap() error { return s.Problem }

func (f *face) answer(do func(*call) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{face: f, w: w, r: r}
		err := c.sign()
		if err == nil {
			err = do(c)
		}
		if err == nil {
			return
		}
		p := problem.From(err)
		if p.Kind == problem.Internal || p.Kind == problem.Unavailable || p.Kind == problem.Corrupt {
			f.log.Error("api", "path", r.URL.Path, "err", err)
		}
		extra := map[string]any{}
		if p.Have != nil {
			extra["have"] = p.Have
		}
		status := wire.Status(p.Kind)
		var s stated
		if errors.As(err, &s) {
			status = s.status
		}
		if err := wire.Problem(w, r, status, p, extra); err != nil {
			f.log.Info("api: the caller left", "err", err)
		}
	}
}

// sign finds out who asks: an API token, or the session of a signed-in page.
func (c *call) sign() error {
	var p identity.Principal
	var err error
	if token, ok := identity.BearerToken(c.r); ok {
		p, err = c.o.Identity.AuthenticateToken(c.r.Context(), token)
		if err == nil && !p.Has(identity.ScopeRead) {
			err = problem.New(problem.Denied, "Der Zugangsschlüssel gilt nicht für diese Schnittstelle.", "The access token is not for this interface.").
				WithReason("token.scope", "Lesen dürfen hier Zugangsschlüssel von Personen.", "Tokens of people may read here.", "zta.10", "zt.tenet.3")
		}
	} else if token, ok := identity.CookieToken(c.r, c.org, c.r.TLS != nil || c.tls); ok {
		p, err = c.o.Identity.Authenticate(c.r.Context(), token)
	} else {
		err = problem.New(problem.Unsigned, "Bitte mit einem Zugangsschlüssel anmelden.", "Please sign in with an access token.").
			WithHint("Kopfzeile: Authorization: Bearer …", "Header: Authorization: Bearer …")
	}
	if err != nil {
		return err
	}
	c.r = c.r.WithContext(store.WithActor(c.r.Context(), p.Actor()))
	return nil
}

func (c *call) method(allowed ...string) error {
	if slices.Contains(allowed, c.r.Method) || c.r.Method == http.MethodHead {
		return nil
	}
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return stated{http.StatusMethodNotAllowed, problem.Newf(problem.BadInput, "Diese Adresse nimmt nur %s an.", "This address takes %s only.", strings.Join(allowed, ", "))}
}

// reads reports whether the request only asks.
func (c *call) reads() bool { return c.r.Method == http.MethodGet || c.r.Method == http.MethodHead }

// body reads a document.
func (c *call) body() ([]byte, error) {
	body, status, p := wire.Body(c.w, c.r, maxBody)
	if p != nil {
		return nil, stated{status, p}
	}
	return body, nil
}

// collection lists objects, or creates one.
func (c *call) collection(k store.AnyKind) error {
	allowed := []string{http.MethodGet}
	if slices.Contains(writable, k.Name()) {
		allowed = append(allowed, http.MethodPost)
	}
	if err := c.method(allowed...); err != nil {
		return err
	}
	if c.r.Method == http.MethodPost {
		return c.create(k)
	}
	q, err := query(k, c.r.URL.Query())
	if err != nil {
		return err
	}
	page, err := k.ListJSON(c.r.Context(), c.o.DB, q)
	if err != nil {
		return err
	}
	return wire.Answer(c.w, http.StatusOK, page)
}

func (c *call) create(k store.AnyKind) error {
	body, err := c.body()
	if err != nil {
		return err
	}
	if err := guard(k.Name(), nil, body); err != nil {
		return err
	}
	var made store.Record
	err = c.o.DB.Write(c.r.Context(), func(tx *store.Tx) (err error) {
		made, err = k.CreateJSON(c.r.Context(), tx, body)
		return err
	})
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", c.base+"/"+Plural(k.Name())+"/"+made.ID)
	return c.object(http.StatusCreated, made)
}

// item answers, replaces, merges or deletes one object.
func (c *call) item(k store.AnyKind) error {
	allowed := []string{http.MethodGet}
	if slices.Contains(writable, k.Name()) {
		allowed = append(allowed, http.MethodPut, http.MethodPatch, http.MethodDelete)
	}
	if err := c.method(allowed...); err != nil {
		return err
	}
	id := c.r.PathValue("id")
	if c.reads() {
		o, err := k.GetJSON(c.r.Context(), c.o.DB, id)
		if err != nil {
			return err
		}
		return c.object(http.StatusOK, o)
	}
	revision, err := c.revision()
	if err != nil {
		return err
	}
	return c.change(k, id, revision)
}

func (c *call) change(k store.AnyKind, id string, revision int64) error {
	ctx := c.r.Context()
	var body []byte
	var err error
	if c.r.Method != http.MethodDelete {
		if media, _, merr := mime.ParseMediaType(c.r.Header.Get("Content-Type")); merr == nil && media == mergePatch && c.r.Method == http.MethodPatch {
			c.r.Header.Set("Content-Type", "application/json")
		}
		if body, err = c.body(); err != nil {
			return err
		}
	}
	var o, have store.Record
	err = c.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if have, err = k.GetJSON(ctx, tx, id); err != nil {
			return err
		}
		switch c.r.Method {
		case http.MethodDelete:
			return k.DeleteJSON(ctx, tx, id, revision)
		case http.MethodPatch:
			if err := guardPatch(k.Name(), body); err != nil {
				return err
			}
			o, err = k.PatchJSON(ctx, tx, id, revision, body)
		default:
			if err := guard(k.Name(), have.Doc, body); err != nil {
				return err
			}
			o, err = k.UpdateJSON(ctx, tx, id, revision, body)
		}
		return err
	})
	var p *problem.Problem
	if errors.As(err, &p) && p.Kind == problem.Conflict && have.Revision != revision {
		p.Have = have
	}
	if err != nil {
		return err
	}
	if c.r.Method == http.MethodDelete {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return c.object(http.StatusOK, o)
}

// object answers with one object and its revision as entity tag.
func (c *call) object(status int, o store.Record) error {
	c.w.Header().Set("ETag", strconv.Quote(strconv.FormatInt(o.Revision, 10)))
	return wire.Answer(c.w, status, o)
}

// revision reads If-Match, which every change needs, so that nobody overwrites
// what they did not see (RFC 9110 section 13.1.1; 428 is RFC 6585).
func (c *call) revision() (int64, error) {
	h := c.r.Header.Values("If-Match")
	n, err := int64(0), error(nil)
	if len(h) == 1 {
		tag := strings.TrimSpace(h[0])
		if len(tag) > 2 && tag[0] == '"' && tag[len(tag)-1] == '"' {
			tag = tag[1 : len(tag)-1]
		}
		n, err = strconv.ParseInt(tag, 10, 64)
	}
	if len(h) == 1 && err == nil && n >= 1 {
		return n, nil
	}
	p := problem.New(problem.BadInput, "Die Kopfzeile If-Match mit der gelesenen Fassung fehlt oder passt nicht.", "The header If-Match with the revision that was read is missing or does not fit.").
		WithField("If-Match", `Erwartet wird die Fassung aus ETag, zum Beispiel "3".`, `Expected is the revision from ETag, for example "3".`)
	if len(h) == 0 {
		return 0, stated{http.StatusPreconditionRequired, p}
	}
	return 0, p
}

func (c *call) history(k store.AnyKind) error {
	if err := c.method(http.MethodGet); err != nil {
		return err
	}
	versions, err := c.o.DB.History(c.r.Context(), k.Name(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return wire.Answer(c.w, http.StatusOK, map[string]any{"items": versions})
}

// comparisons are words for operators that an address would have to encode.
var comparisons = map[string]string{"ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}

// query reads list parameters: q, sort, limit, cursor, and any indexed field as
// field=value or field[op]=value; several values of one field are alternatives.
func query(k store.AnyKind, v url.Values) (store.Query, error) {
	q := store.Query{Search: v.Get("q"), Sort: v.Get("sort"), Cursor: v.Get("cursor")}
	var c problem.Checks
	if s := v.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		c.Field(err == nil && n >= 1 && n <= store.MaxLimit, "limit", "Zwischen 1 und 500.", "Between 1 and 500.")
		q.Limit = n
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if slices.Contains([]string{"q", "sort", "limit", "cursor"}, name) {
			continue
		}
		field, op, ok := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		if !ok {
			op = "="
		}
		values := make([]any, len(v[name]))
		for i, s := range v[name] {
			values[i] = s
		}
		if word, ok := comparisons[op]; ok {
			op = word
		}
		if op == "=" && len(values) > 1 {
			op = "in"
		}
		c.Field(slices.Contains(k.Indexes(), field), name, "Nach diesem Feld lässt sich nicht filtern.", "This field cannot be filtered by.")
		q.Filters = append(q.Filters, store.Filter{Field: field, Op: op, Values: values})
	}
	return q, c.Err()
}

// guarded are the fields of a system that only its own actions change: the stop
// button, the life cycle that skips no step, number and code given once.
var guarded = map[string][]string{"system": {"stop", "life_cycle", "number", "code"}}

// guard refuses a document that changes what has an action of its own. have is
// nil when it is created.
func guard(kind string, have, body json.RawMessage) error {
	names := guarded[kind]
	if len(names) == 0 {
		return nil
	}
	var was, now map[string]json.RawMessage
	if json.Unmarshal(body, &now) != nil {
		return nil // the store names what is wrong with it
	}
	if have != nil {
		if err := json.Unmarshal(have, &was); err != nil {
			return err
		}
	}
	var c problem.Checks
	for _, n := range names {
		v, given := now[n]
		same := given && was != nil && equal(v, was[n]) || (!given || empty(n, v)) && empty(n, was[n])
		c.Field(same, n, "Dieses Feld ändert sich nur durch seine eigene Handlung auf der Seite des Systems.",
			"This field changes only by its own action on the system's page.")
	}
	return c.Err()
}

// guardPatch is guard for a merge patch: guarded fields may not appear at all.
func guardPatch(kind string, patch json.RawMessage) error {
	var now map[string]json.RawMessage
	if json.Unmarshal(patch, &now) != nil {
		return nil // the store names what is wrong with it
	}
	var c problem.Checks
	for _, n := range guarded[kind] {
		_, given := now[n]
		c.Field(!given, n, "Dieses Feld ändert sich nur durch seine eigene Handlung auf der Seite des Systems.",
			"This field changes only by its own action on the system's page.")
	}
	return c.Err()
}

// empty reports whether a guarded field has the value that a new system has:
// it is absent, or nothing in it says anything.
func empty(name string, v json.RawMessage) bool {
	var x any
	if len(v) == 0 {
		return true
	}
	if json.Unmarshal(v, &x) != nil {
		return false
	}
	return blank(x) || name == "life_cycle" && x == "idea"
}

// blank reports whether a JSON value is null, false, zero, the zero time, an
// empty text, or made of such.
func blank(x any) bool {
	switch x := x.(type) {
	case nil:
		return true
	case bool:
		return !x
	case float64:
		return x == 0
	case string:
		return x == "" || x == "0001-01-01T00:00:00Z"
	case map[string]any:
		for _, v := range x {
			if !blank(v) {
				return false
			}
		}
		return true
	case []any:
		return len(x) == 0
	}
	return false
}

func equal(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	p, err1 := json.Marshal(x)
	q, err2 := json.Marshal(y)
	return err1 == nil && err2 == nil && string(p) == string(q)
}
