package api

import (
	"fmt"
	"net/http"
	"slices"

	"augenmass/internal/operate/wire"
	"augenmass/internal/record/store"
)

type object = map[string]any

// Describe makes the OpenAPI 3.1 document for kinds served under base.
func Describe(kinds []store.AnyKind, base, name string) map[string]any {
	paths, schemas := object{}, object{"problem": problemSchema}
	for _, k := range kinds {
		schemas[k.Name()] = documentSchema(k.Fields(), true)
		schemas[k.Name()+"_object"] = objectSchema(k.Name())
		path := "/" + Plural(k.Name())
		write := slices.Contains(writable, k.Name())
		if write {
			schemas[k.Name()+"_patch"] = documentSchema(k.Fields(), false)
		}
		paths[path] = collectionPath(k, write)
		paths[path+"/{id}"] = itemPath(k, write)
		paths[path+"/{id}/history"] = object{"parameters": []object{idParameter},
			"get": operation("history_"+k.Name(), "Every version with readable differences and its place in the journal.", object{"type": "object"})}
	}
	return object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Augenmass: " + name, "version": "1", "description": "Objects of one organisation. Every change needs If-Match; conflicts carry the stored object."},
		"servers":    []object{{"url": base}},
		"paths":      paths,
		"components": object{"schemas": schemas, "securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}}},
		"security":   []object{{"token": []string{}}},
	}
}

var idParameter = object{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}}

func ref(schema string) object { return object{"$ref": "#/components/schemas/" + schema} }

// operation is an operation that answers 200 with a schema.
func operation(id, summary string, schema object) object {
	return object{"operationId": id, "summary": summary, "responses": responses("200", schema)}
}

func responses(status string, schema object) object {
	fail := object{"description": "Problem details (RFC 9457)", "content": object{"application/problem+json": object{"schema": ref("problem")}}}
	r := object{"default": fail}
	if schema == nil {
		r[status] = object{"description": "Done"}
	} else {
		r[status] = object{"description": "Answer", "content": object{"application/json": object{"schema": schema}}}
	}
	return r
}

func body(media, schema string) object {
	return object{"required": true, "content": object{media: object{"schema": ref(schema)}}}
}

func collectionPath(k store.AnyKind, write bool) object {
	parameters := []object{parameter("q", "Full text"), parameter("sort", "Indexed field, minus for descending"),
		parameter("cursor", "next of the page before"), parameter("limit", "1 to 500")}
	for _, name := range k.Indexes() {
		parameters = append(parameters, parameter(name, "Filter: equal, or one of several; "+name+"[op] with ne, lt, le, gt, ge, has, prefix for others"))
	}
	list := operation("list_"+k.Name(), "One page.", object{"type": "object", "properties": object{
		"items": object{"type": "array", "items": ref(k.Name() + "_object")}, "next": object{"type": "string"}, "total": object{"type": "integer"}}})
	list["parameters"] = parameters
	p := object{"get": list}
	if write {
		p["post"] = object{"operationId": "create_" + k.Name(), "summary": "Create.", "requestBody": body("application/json", k.Name()),
			"responses": responses("201", ref(k.Name()+"_object"))}
	}
	return p
}

func parameter(name, what string) object {
	return object{"name": name, "in": "query", "description": what, "schema": object{"type": "string"}}
}

func itemPath(k store.AnyKind, write bool) object {
	p := object{"parameters": []object{idParameter}, "get": operation("get_"+k.Name(), "One object.", ref(k.Name()+"_object"))}
	if !write {
		return p
	}
	match := []object{{"name": "If-Match", "in": "header", "required": true, "description": "Revision that was read", "schema": object{"type": "string"}}}
	add := func(method, id, summary, status string, schema, content object) {
		op := object{"operationId": id + "_" + k.Name(), "summary": summary, "parameters": match, "responses": responses(status, schema)}
		if content != nil {
			op["requestBody"] = content
		}
		p[method] = op
	}
	add("put", "replace", "Replace.", "200", ref(k.Name()+"_object"), body("application/json", k.Name()))
	add("patch", "merge", "Merge (RFC 7396): null takes a member away.", "200", ref(k.Name()+"_object"), body(mergePatch, k.Name()+"_patch"))
	add("delete", "delete", "Delete.", "204", nil, nil)
	return p
}

func objectSchema(kind string) object {
	text, date := object{"type": "string"}, object{"type": "string", "format": "date-time"}
	return object{"type": "object", "properties": object{"id": text, "revision": object{"type": "integer"},
		"created_at": date, "created_by": text, "updated_at": date, "updated_by": text, "doc": ref(kind)}}
}

// documentSchema is the JSON Schema of a document; or, if it need not be whole,
// of a merge patch to one, in which null takes a member away.
func documentSchema(fields []store.Field, whole bool) object {
	properties, required := object{}, []string{}
	for _, f := range fields {
		s := fieldSchema(f)
		if !whole {
			s = object{"anyOf": []object{s, {"type": "null"}}}
		}
		properties[f.Name] = s
		if f.Required && whole {
			required = append(required, f.Name)
		}
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func fieldSchema(f store.Field) object {
	s := object{"type": f.Type}
	switch {
	case f.Bilingual:
		s = object{"type": "object", "properties": object{"de": object{"type": "string"}, "en": object{"type": "string"}}, "additionalProperties": false}
	case f.Type == "object":
		s = documentSchema(f.Fields, true)
	}
	if f.Format != "" {
		s["format"] = f.Format
	}
	if f.Enum != nil {
		s["enum"] = append([]string{""}, f.Enum...)
	}
	if f.Ref != "" {
		s["description"] = fmt.Sprintf("id of a %s", f.Ref)
	}
	if f.Personal {
		s["x-personal"] = true
	}
	if f.List {
		s = object{"type": "array", "items": s}
	}
	bounds(s, f)
	if f.Optional {
		return object{"anyOf": []object{s, {"type": "null"}}}
	}
	return s
}

// bounds adds what a declaration says of sizes; empty texts are absent and need
// no least length.
func bounds(s object, f store.Field) {
	least, most := "minimum", "maximum"
	switch {
	case f.List:
		least, most = "minItems", "maxItems"
	case f.Type == "string":
		least, most = "", "maxLength"
	}
	if f.Min != nil && least != "" {
		s[least] = *f.Min
	}
	if f.Max != nil {
		s[most] = *f.Max
	}
}

var problemSchema = object{"type": "object", "properties": object{
	"type": object{"type": "string"}, "title": object{"type": "string"}, "status": object{"type": "integer"}, "detail": object{"type": "string"},
	"say":     object{"type": "object", "properties": object{"de": object{"type": "string"}, "en": object{"type": "string"}}},
	"hint":    object{"type": "object"},
	"fields":  object{"type": "array", "items": object{"type": "object"}},
	"reasons": object{"type": "array", "items": object{"type": "object"}},
	"have":    object{"description": "On a conflict: the object as it is stored now, or the list of those that need it"},
}}

func (f *face) describe(c *call) error {
	if err := c.method(http.MethodGet); err != nil {
		return err
	}
	return wire.Answer(c.w, http.StatusOK, Describe(f.o.DB.Kinds(), f.base, f.o.Name))
}
