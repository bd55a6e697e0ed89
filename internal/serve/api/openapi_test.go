package api_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/api"
)

var update = flag.Bool("update", false, "write the golden files anew")

// description asks for the OpenAPI document as a client does.
func (h *house) description() map[string]any {
	h.T.Helper()
	a := h.must(h.send("GET", "/openapi.json", "", h.as("auditor")), 200)
	var doc map[string]any
	h.Must(json.Unmarshal([]byte(a.raw), &doc))
	return doc
}

// walk visits every object of a JSON value.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, inner := range v {
			walk(inner, visit)
		}
	case []any:
		for _, inner := range v {
			walk(inner, visit)
		}
	}
}

// The list of routes is the contract with other programs; it changes on
// purpose only (go test ./internal/serve/api -update).
func TestRoutes(t *testing.T) {
	h := open(t)
	paths := h.description()["paths"].(map[string]any)
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		b.WriteString(path)
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if _, ok := paths[path].(map[string]any)[method]; ok {
				b.WriteString(" " + strings.ToUpper(method))
			}
		}
		b.WriteString("\n")
	}
	const golden = "testdata/routes.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != b.String() {
		t.Errorf("the routes are\n%s%v", b.String(), err)
	}
}

// Whatever the description refers to is in it, and operations have names of
// their own.
func TestTheDescriptionIsWhole(t *testing.T) {
	h := open(t)
	doc := h.description()
	if doc["openapi"] != "3.1.0" {
		t.Errorf("openapi %v", doc["openapi"])
	}
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	used, seen := map[string]bool{}, map[string]bool{}
	walk(doc, func(o map[string]any) {
		if ref, ok := o["$ref"].(string); ok {
			name, local := strings.CutPrefix(ref, "#/components/schemas/")
			if _, known := schemas[name]; !local || !known {
				t.Errorf("%s leads nowhere", ref)
			}
			used[name] = true
		}
		if id, ok := o["operationId"].(string); ok {
			if seen[id] {
				t.Errorf("two operations are called %s", id)
			}
			seen[id] = true
		}
	})
	for name := range schemas {
		if !used[name] {
			t.Errorf("nothing refers to %s", name)
		}
	}
}

// Every described address answers with the described method, and one that is
// not described is refused by name.
func TestEveryDescribedAddressAnswers(t *testing.T) {
	h := open(t)
	auditor := h.as("auditor")
	for path, ops := range h.description()["paths"].(map[string]any) {
		at := strings.ReplaceAll(path, "{id}", "x_1")
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			_, described := ops.(map[string]any)[strings.ToLower(method)]
			a := h.send(method, at, map[bool]string{true: "{}"}[method != "GET"], auditor, match("1"))
			switch {
			case !described && a.status != 405:
				t.Errorf("%s %s is not described and answers %d", method, at, a.status)
			case described && (a.status == 405 || a.status >= 500):
				t.Errorf("%s %s: %d %s", method, at, a.status, a.raw)
			}
		}
	}
	for _, path := range []string{"/", "", "/sessions", "/systems/x/y", "/systems/x/history/y", "/../v1/systems"} {
		if a := h.send("GET", path, "", auditor); a.status == 200 {
			t.Errorf("%q is not described and answers: %.200s", path, a.raw)
		}
	}
}

// The schema of a kind says what its declaration says.
func TestSchemasFollowTheDeclarations(t *testing.T) {
	h := open(t)
	doc := h.description()
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	for _, k := range h.Org.DB.Kinds() {
		s := schemas[k.Name()].(map[string]any)
		if s["additionalProperties"] != false {
			t.Errorf("%s allows what it does not know", k.Name())
		}
		properties := s["properties"].(map[string]any)
		var required []string
		for _, f := range k.Fields() {
			p, ok := properties[f.Name].(map[string]any)
			if !ok {
				t.Errorf("%s.%s is not described", k.Name(), f.Name)
				continue
			}
			if f.List != (p["type"] == "array") {
				t.Errorf("%s.%s: list %v, described as %v", k.Name(), f.Name, f.List, p["type"])
			}
			if f.Required {
				required = append(required, f.Name)
			}
		}
		if len(properties) != len(k.Fields()) {
			t.Errorf("%s has %d fields, %d are described", k.Name(), len(k.Fields()), len(properties))
		}
		if have, _ := s["required"].([]any); len(have) != len(required) {
			t.Errorf("%s demands %v, described are %v", k.Name(), required, have)
		}
		if patch, ok := schemas[k.Name()+"_patch"].(map[string]any); ok && patch["required"] != nil {
			t.Errorf("a merge patch of %s need not be whole", k.Name())
		}
	}
}

// What the declaration can say of a field is in its schema.
func TestSchemaOfAField(t *testing.T) {
	type part struct {
		Name string `json:"name" store:"required"`
	}
	type doc struct {
		Short string   `json:"short" store:"max=5,index"`
		Count int      `json:"count" store:"min=1,max=9"`
		Maybe *float64 `json:"maybe"`
		Mail  string   `json:"mail" store:"personal,format=email"`
		Parts []part   `json:"parts" store:"max=3"`
		Other string   `json:"other" store:"ref=thing"`
	}
	thing := store.NewKind[doc]("thing", "thg")
	d := api.Describe([]store.AnyKind{thing}, "/werk/api/v1", "Werk")
	raw, err := json.Marshal(d["components"].(map[string]any)["schemas"].(map[string]any)["thing"])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"additionalProperties":false,"properties":{` +
		`"count":{"maximum":9,"minimum":1,"type":"integer"},` +
		`"mail":{"format":"email","type":"string","x-personal":true},` +
		`"maybe":{"anyOf":[{"type":"number"},{"type":"null"}]},` +
		`"other":{"description":"id of a thing","type":"string"},` +
		`"parts":{"items":{"additionalProperties":false,"properties":{"name":{"type":"string"}},"required":["name"],"type":"object"},"maxItems":3,"type":"array"},` +
		`"short":{"maxLength":5,"type":"string"}},"type":"object"}`
	if string(raw) != want {
		t.Errorf("%s\nwant %s", raw, want)
	}
}

func TestPlural(t *testing.T) {
	for one, many := range map[string]string{"system": "systems", "policy": "policies", "usecase": "usecases"} {
		if got := api.Plural(one); got != many {
			t.Errorf("%s: %s", one, got)
		}
	}
}
