package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"augenmass/internal/problem"
)

// Merge applies a JSON merge patch (RFC 7396) to a document.
func Merge(doc, patch []byte) ([]byte, error) {
	d, err := tree(doc)
	if err != nil {
		return nil, err
	}
	p, err := tree(patch)
	if err != nil {
		return nil, broken(err)
	}
	if _, ok := p.(map[string]any); !ok {
		return nil, broken(errors.New("not an object"))
	}
	return json.Marshal(merge(d, p, 0))
}

// maxDepth is deeper than any declared document.
const maxDepth = 100

func merge(d, p any, depth int) any {
	members, ok := p.(map[string]any)
	if !ok || depth > maxDepth {
		return p
	}
	out, ok := d.(map[string]any)
	if !ok {
		out = map[string]any{}
	}
	for name, v := range members {
		if v == nil {
			delete(out, name)
			continue
		}
		out[name] = merge(out[name], v, depth+1)
	}
	return out
}

// Without returns the document without the places that are wrong, so that the
// rest can be checked too.
func Without(doc []byte, wrong []problem.Field) ([]byte, error) {
	d, err := tree(doc)
	if err != nil {
		return nil, broken(err)
	}
	for _, f := range wrong {
		remove(d, strings.Split(f.Path, "."))
	}
	return json.Marshal(d)
}

func remove(at any, path []string) {
	for i, name := range path {
		last := i == len(path)-1
		switch v := at.(type) {
		case map[string]any:
			if last {
				delete(v, name)
				return
			}
			at = v[name]
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil || n < 0 || n >= len(v) {
				return
			}
			if last {
				v[n] = nil
				return
			}
			at = v[n]
		}
	}
}

// tree reads JSON without losing digits of numbers.
func tree(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("data after the document")
	}
	return v, nil
}
