package wire

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"augenmass/internal/problem"
)

// maxWrong bounds the list of wrong fields in one answer.
const maxWrong = 50

// Checker collects the wrong places of one input, up to fifty, so that a caller
// sees all of them at once.
type Checker struct {
	c     problem.Checks
	Wrong int // how many, also beyond fifty
}

// Field records a wrong place unless ok holds, and returns ok.
func (r *Checker) Field(ok bool, path, de, en string) bool {
	if !ok {
		if r.Wrong < maxWrong {
			r.c.Field(false, path, de, en)
		}
		r.Wrong++
	}
	return ok
}

// Is records a wrong place unless v is of kind k.
func (r *Checker) Is(v Value, k Kind, path string) bool {
	de := [...]string{"null", "true oder false", "eine Zahl", "ein Text", "eine Liste", "ein Objekt"}[k]
	en := [...]string{"null", "true or false", "a number", "a text", "a list", "an object"}[k]
	return r.Field(v.Kind == k, path, "Hier steht "+de+".", "Here stands "+en+".")
}

// Only records every field of an object that is not among names; at goes
// before its path.
func (r *Checker) Only(v Value, at string, names ...string) {
	for _, f := range v.Fields {
		if !slices.Contains(names, f.Name) {
			r.Field(false, at+Short(f.Name), "Dieses Feld gibt es nicht.", "There is no such field.")
		}
	}
}

// Text returns the text of a field that has to be there.
func (r *Checker) Text(v Value, name string) string {
	t, ok := v.Get(name)
	if r.Field(ok, name, "Diese Angabe fehlt.", "This entry is missing.") && r.Is(t, Text, name) {
		return t.Text
	}
	return ""
}

// Err returns nil if nothing was wrong, and one BadInput problem otherwise.
func (r *Checker) Err() error { return r.c.Err() }

// Short keeps a stranger's field name from filling the answer.
func Short(name string) string {
	if len(name) > 64 {
		return strconv.Quote(name[:61] + "...")
	}
	return name
}

// Body reads a JSON request of at most limit bytes. The problem is BadInput for
// another media type or a body that broke off, TooLarge beyond the limit; the
// status goes with it (400, 413, 415).
func Body(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, int, *problem.Problem) {
	plain := r.Header.Get("Content-Encoding")
	media := r.Header.Get("Content-Type")
	if media != "" {
		m, _, err := mime.ParseMediaType(media)
		if err == nil && m == "application/json" {
			media = ""
		}
	}
	if media != "" || (plain != "" && plain != "identity") {
		return nil, http.StatusUnsupportedMediaType, problem.New(problem.BadInput,
			"Die Anfrage ist nicht als einfaches JSON gekennzeichnet.", "The request is not marked as plain JSON.").
			WithHint("Bitte Content-Type: application/json und kein Content-Encoding senden.",
				"Please send Content-Type: application/json and no Content-Encoding.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err == nil {
		return body, 0, nil
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, http.StatusRequestEntityTooLarge, problem.Newf(problem.TooLarge,
			"Die Anfrage ist größer als %d Bytes.", "The request is larger than %d bytes.", limit).
			WithHint("Bitte weniger in einer Anfrage senden.", "Please send less in one request.")
	}
	return nil, http.StatusBadRequest, problem.New(problem.BadInput,
		"Die Anfrage brach ab.", "The request broke off.").Wrap(err)
}
