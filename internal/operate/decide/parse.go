package decide

import (
	"augenmass/internal/problem"
)

// Bounds on a request body. A batch is bounded so that one call cannot ask for
// thousands of journal entries.
const (
	maxBody  = 64 << 10
	maxDepth = 32
	maxBatch = 100
)

// Semantics of a batch (AuthZEN 1.0, section 7.1.2.1).
const (
	executeAll  = "execute_all"
	denyFirst   = "deny_on_first_deny"
	permitFirst = "permit_on_first_permit"
)

// batch is a parsed evaluations request. Items hold a request or what is wrong
// with it.
type batch struct {
	single   bool // no evaluations: answered like a single evaluation
	semantic string
	items    []item
}

type item struct {
	request Request
	err     error
}

// parseEvaluation reads the body of a single evaluation. Unknown fields are
// ignored; a missing or mistyped one is BadInput and named.
func parseEvaluation(body []byte) (Request, error) {
	if r, ok := usual(body); ok {
		return r, nil
	}
	obj, err := object(body)
	if err != nil {
		return Request{}, err
	}
	return toRequest(obj)
}

// parseEvaluations reads the body of a batch. The top-level subject, action,
// resource and context are defaults; an item that names one replaces it as a
// whole, nothing is merged (section 7.1.1). A broken item does not break the
// batch.
func parseEvaluations(body []byte) (batch, error) {
	obj, err := object(body)
	if err != nil {
		return batch{}, err
	}
	var c problem.Checks
	list, isList := obj["evaluations"].([]any)
	c.Field(obj["evaluations"] == nil || isList, "evaluations", "Hier steht eine Liste.", "Here stands a list.")
	c.Field(len(list) <= maxBatch, "evaluations", "Höchstens 100 Anfragen auf einmal.", "At most 100 requests at once.")
	for _, k := range parts {
		_, isObject := obj[k].(map[string]any)
		c.Field(obj[k] == nil || isObject, k, "Hier steht ein Objekt.", "Here stands an object.")
	}
	b := batch{semantic: executeAll, single: len(list) == 0}
	if o, ok := obj["options"].(map[string]any); ok && o["evaluations_semantic"] != nil {
		s, _ := o["evaluations_semantic"].(string)
		c.Field(s == executeAll || s == denyFirst || s == permitFirst, "options.evaluations_semantic",
			"Erlaubt sind execute_all, deny_on_first_deny und permit_on_first_permit.",
			"Allowed are execute_all, deny_on_first_deny and permit_on_first_permit.")
		b.semantic = s
	}
	if err := c.Err(); err != nil {
		return batch{}, err
	}
	if b.single {
		r, err := toRequest(obj)
		if err != nil {
			return batch{}, err
		}
		b.items = []item{{request: r}}
		return b, nil
	}
	for _, e := range list {
		own, ok := e.(map[string]any)
		if !ok {
			b.items = append(b.items, item{err: malformed("", "Hier steht ein Objekt.", "Here stands an object.")})
			continue
		}
		full := make(map[string]any, len(parts))
		for _, k := range parts {
			full[k] = obj[k]
			if v, named := own[k]; named {
				full[k] = v
			}
		}
		r, err := toRequest(full)
		b.items = append(b.items, item{request: r, err: err})
	}
	return b, nil
}

var parts = []string{"subject", "action", "resource", "context"}

// toRequest reads the four parts of a request and names all that is wrong.
func toRequest(obj map[string]any) (Request, error) {
	var r Request
	var c problem.Checks
	part := func(name string, required bool) map[string]any {
		v, ok := obj[name]
		if !ok || v == nil {
			c.Field(!required, name, "Diese Angabe fehlt.", "This entry is missing.")
			return nil
		}
		m, ok := v.(map[string]any)
		c.Field(ok, name, "Hier steht ein Objekt.", "Here stands an object.")
		return m
	}
	word := func(of map[string]any, at, name string) string {
		if of == nil {
			return ""
		}
		s, ok := of[name].(string)
		if ok && s != "" && len(s) <= maxName {
			return s
		}
		c.Field(ok && s != "", at+"."+name, "Hier steht ein Text.", "Here stands a text.")
		c.Field(len(s) <= maxName, at+"."+name, "Diese Angabe ist länger als 256 Zeichen.", "This entry is longer than 256 characters.")
		return s
	}
	properties := func(of map[string]any, at string) map[string]any {
		v, ok := of["properties"]
		if !ok || v == nil {
			return nil
		}
		m, ok := v.(map[string]any)
		c.Field(ok, at+".properties", "Hier steht ein Objekt.", "Here stands an object.")
		return m
	}
	subject, action, resource := part("subject", true), part("action", true), part("resource", true)
	r.Subject = Entity{Type: word(subject, "subject", "type"), ID: word(subject, "subject", "id"), Properties: properties(subject, "subject")}
	r.Action = Action{Name: word(action, "action", "name"), Properties: properties(action, "action")}
	r.Resource = Entity{Type: word(resource, "resource", "type"), ID: word(resource, "resource", "id"), Properties: properties(resource, "resource")}
	r.Context = part("context", false)
	return r, c.Err()
}

func malformed(path, de, en string) *problem.Problem {
	p := problem.New(problem.BadInput, "Die Anfrage hat nicht die vereinbarte Form.", "The request does not have the agreed shape.")
	return p.WithField(path, de, en)
}
