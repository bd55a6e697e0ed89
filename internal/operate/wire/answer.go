package wire

import (
	"encoding/json"
	"net/http"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

type sayField struct {
	Path string  `json:"path"`
	Say  text.Bi `json:"say"`
}

type sayReason struct {
	Code    string   `json:"code"`
	Clauses []string `json:"clauses"`
	Say     text.Bi  `json:"say"`
}

// Status is the HTTP status that goes with a kind of problem.
func Status(k problem.Kind) int {
	switch k {
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Conflict:
		return http.StatusConflict
	case problem.BadInput:
		return http.StatusBadRequest
	case problem.Denied:
		return http.StatusForbidden
	case problem.Unsigned:
		return http.StatusUnauthorized
	case problem.TooLarge:
		return http.StatusRequestEntityTooLarge
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Problem answers with problem details (RFC 9457): type, title, status, detail
// in the reader's language, and beside them say and hint in both, the wrong
// fields, the reasons with their clauses, and extra members. The cause stays
// inside. The error is the writer's: the caller left.
func Problem(w http.ResponseWriter, r *http.Request, status int, p *problem.Problem, extra map[string]any) error {
	lang, _ := text.ParseLang(r.Header.Get("Accept-Language"))
	body := map[string]any{
		"type": "urn:augenmass:problem:" + string(p.Kind), "title": http.StatusText(status), "status": status,
		"detail": p.Say.In(lang), "say": p.Say,
	}
	if !p.Hint.IsZero() {
		body["hint"] = p.Hint
	}
	if len(p.Fields) > 0 {
		fields := make([]sayField, len(p.Fields))
		for i, f := range p.Fields {
			fields[i] = sayField(f)
		}
		body["fields"] = fields
	}
	if len(p.Reasons) > 0 {
		reasons := make([]sayReason, len(p.Reasons))
		for i, r := range p.Reasons {
			reasons[i] = sayReason{Code: r.Code, Clauses: append([]string{}, r.Clauses...), Say: r.Say}
		}
		body["reasons"] = reasons
	}
	for k, v := range extra {
		body[k] = v
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", string(lang))
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="augenmass"`)
	}
	return write(w, status, body)
}

// Answer answers with JSON that nobody may cache.
func Answer(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/json")
	return write(w, status, body)
}

func write(w http.ResponseWriter, status int, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(raw)
	return err
}
