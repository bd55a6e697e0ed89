// Package tiles serves the published files of a journal as C2SP tlog-tiles, so
// that any standard client of a transparency log can follow it:
//
//	/{organisation}/journal/checkpoint
//	/{organisation}/journal/tile/<L>/<N>[.p/<W>]
//	/{organisation}/journal/tile/entries/<N>[.p/<W>]
//	/{organisation}/journal/keys            the keys that signed it, in order
//
// It needs nothing but a ledger.Book and therefore serves both journals. Entries
// tell what a firm does, hash tiles tell how much, so nothing here is public:
// it reads who may read the journal (package roles), by a signed-in session or
// a token of a person with api:read, or a token with journal:read, which is
// meant for a witness, a monitor or the copy in another house.
package tiles

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/wire"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store"
)

// Options say whose journal is served.
type Options struct {
	Book     ledger.Book
	Identity *identity.Service
	Base     string // "/metallwerk", for the session's cookie
	TLS      bool   // a proxy in front ends TLS
	Log      *slog.Logger
}

// Handler answers below Base + "/journal/".
func Handler(o Options) http.Handler { return face{o} }

type face struct{ o Options }

// ServeHTTP answers GET and HEAD.
func (f face) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Vary", "Authorization, Cookie, Accept-Encoding")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		f.refuse(w, r, http.StatusMethodNotAllowed, problem.New(problem.BadInput, "Das Journal wird hier nur gelesen.", "The journal is only read here."))
		return
	}
	if err := f.mayRead(r); err != nil {
		p := problem.From(err)
		f.refuse(w, r, wire.Status(p.Kind), p)
		return
	}
	if err := f.send(w, r, strings.TrimPrefix(r.URL.Path, f.o.Base+"/journal/")); err != nil {
		p := problem.From(err)
		f.refuse(w, r, wire.Status(p.Kind), p)
	}
}

func (f face) refuse(w http.ResponseWriter, r *http.Request, status int, p *problem.Problem) {
	w.Header().Set("Cache-Control", "no-store")
	if status >= http.StatusInternalServerError {
		f.o.Log.Error("journal over HTTP", "path", r.URL.Path, "err", p)
	}
	if err := wire.Problem(w, r, status, p, nil); err != nil {
		f.o.Log.Info("journal over HTTP: the caller left", "err", err)
	}
}

// mayRead finds out who asks and whether they may.
func (f face) mayRead(r *http.Request) error {
	var p identity.Principal
	var err error
	if token, ok := identity.BearerToken(r); ok {
		p, err = f.o.Identity.AuthenticateToken(r.Context(), token)
	} else if token, ok := identity.CookieToken(r, f.o.Base, r.TLS != nil || f.o.TLS); ok {
		p, err = f.o.Identity.Authenticate(r.Context(), token)
	} else {
		err = problem.New(problem.Unsigned, "Bitte mit einem Zugangsschlüssel anmelden.", "Please sign in with an access token.").
			WithHint("Kopfzeile: Authorization: Bearer …", "Header: Authorization: Bearer …")
	}
	if err != nil {
		return err
	}
	scoped := p.Has(identity.ScopeJournal)
	if p.Token != "" && !scoped && !p.Has(identity.ScopeRead) {
		return problem.New(problem.Denied, "Der Zugangsschlüssel gilt nicht für das Journal.", "The access token is not for the journal.").
			WithReason("token.scope", "Verlangt ist das Recht journal:read.", "The scope journal:read is required.", "zta.10", "zt.tenet.3")
	}
	// A program has no role; the scope is what it was given. A person's token
	// never reads more than the person.
	if p.Kind != identity.KindPerson && scoped || roles.Allowed(p.Roles, store.Read, "journal") {
		return nil
	}
	return roles.Access(r.Context(), p.Actor(), store.Read, "journal", nil)
}

// form is what may be asked for: the paths of C2SP tlog-tiles, in their only
// spelling.
var form = regexp.MustCompile(`^tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$`)

func (f face) send(w http.ResponseWriter, r *http.Request, name string) error {
	head := w.Header()
	parts := form.FindStringSubmatch(name)
	entries := false
	switch {
	case name == proof.CheckpointFile:
		// The book's own, not the file: what a reader is told is what proofs go against.
		msg, _ := f.o.Book.Checkpoint()
		head.Set("Content-Type", "text/plain; charset=utf-8")
		head.Set("Cache-Control", "no-store")
		return f.write(w, r, msg)
	case name == proof.KeysFile:
		head.Set("Content-Type", "text/plain; charset=utf-8")
		head.Set("Cache-Control", "no-store")
	case parts != nil:
		entries = parts[1] == "entries"
		head.Set("Content-Type", "application/octet-stream")
		head.Set("Cache-Control", "private, max-age=31536000, immutable")
		if parts[2] != "" {
			// A partial tile never changes either, but soon nobody asks for it.
			head.Set("Cache-Control", "private, max-age=3600, immutable")
		}
	default:
		return nothing()
	}
	data, err := fs.ReadFile(f.o.Book.TileFS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nothing() // a client then asks for the full tile (C2SP tlog-tiles, "Partial Tiles")
	}
	if err != nil {
		return problem.New(problem.Unavailable, "Die Datei des Journals lässt sich gerade nicht lesen.", "The file of the journal cannot be read now.").Wrap(err)
	}
	if entries && takesGzip(r) {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if _, err := z.Write(data); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		head.Set("Content-Encoding", "gzip")
		data = b.Bytes()
	}
	return f.write(w, r, data)
}

func (f face) write(w http.ResponseWriter, r *http.Request, data []byte) error {
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := w.Write(data); err != nil {
		f.o.Log.Info("journal over HTTP: the caller left", "err", err)
	}
	return nil
}

// takesGzip reports whether the client accepts gzip (RFC 9110 §12.5.3), by name
// and not with weight zero.
func takesGzip(r *http.Request) bool {
	for _, one := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q := strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(weight), " ", ""), "q=")
		return strings.Trim(q, "0.") != "" || weight == ""
	}
	return false
}

func nothing() error {
	return problem.New(problem.NotFound, "Diese Datei hat das Journal nicht.", "The journal has no such file.").
		WithHint("Welche es gibt, folgt aus der Größe im Prüfpunkt (C2SP tlog-tiles).", "Which ones exist follows from the size in the checkpoint (C2SP tlog-tiles).")
}
