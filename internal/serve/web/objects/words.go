package objects

import (
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// One is the word for one object of a kind; where the catalogue has none, that of
// the table of roles.
func One(c ui.Ctx, kind string) string {
	if key := "kind." + kind; c.Has(key) {
		return c.T(key)
	}
	for _, row := range roles.Matrix() {
		if row.Kind == kind {
			return c.In(row.Title)
		}
	}
	return readable(kind)
}

// Many is the word for several objects of a kind.
func Many(c ui.Ctx, kind string) string { return or(c, "kinds."+kind, readable(kind)) }

// Label is the name of a field of a kind, by its path with or without positions
// of lists ("models.2.name"); de and en at its end become a language in brackets.
func Label(c ui.Ctx, kind, path string) string {
	side, position := "", ""
	for _, l := range []string{"de", "en"} {
		if bare, ok := strings.CutSuffix(path, "."+l); ok && !c.Has("kind."+kind+"."+path) {
			path, side = bare, " ("+c.T("objects.in."+l)+")"
		}
	}
	var parts []string
	for part := range strings.SplitSeq(path, ".") {
		n, err := strconv.Atoi(part)
		if err == nil {
			position += " " + strconv.Itoa(n+1)
			continue
		}
		parts = append(parts, part)
	}
	path = strings.Join(parts, ".")
	if path == "" {
		return One(c, kind)
	}
	return or(c, "kind."+kind+"."+path, readable(parts[len(parts)-1])) + position + side
}

// families names the words of package show for enumerations of the register.
var families = map[string]string{
	"system.origin": "origin", "system.scope": "scope", "system.role_of_ai": "roleofai", "system.life_cycle": "life",
	"system.oversee.mode": "oversight", "system.oversee.on_hold": "onhold", "system.retain": "retain",
}

// Value is the word for one value of an enumeration.
func Value(c ui.Ctx, kind, path, value string) string {
	if family := families[kind+"."+path]; family != "" {
		return show.Word(c, family, value)
	}
	return or(c, "kind."+kind+"."+path+"."+value, readable(value))
}

// unit is what stands behind a number, or nothing.
func unit(c ui.Ctx, kind, path string) string { return or(c, "kind."+kind+"."+path+".unit", "") }

func or(c ui.Ctx, key, fallback string) string {
	if c.Has(key) {
		return c.T(key)
	}
	return fallback
}

// readable makes a label of a name: "valid_until" becomes "Valid until".
func readable(name string) string {
	s := strings.ReplaceAll(name, "_", " ")
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Unlabelled names the keys that the catalogue lacks for the kinds: of the kind,
// of every field that a page shows, and of every value of an enumeration. Tests
// ask it.
func Unlabelled(has func(key string) bool, kinds ...store.AnyKind) []string {
	var out []string
	want := func(key string) {
		if !has(key) {
			out = append(out, key)
		}
	}
	for _, k := range kinds {
		want("kind." + k.Name())
		want("kinds." + k.Name())
		each(k.Fields(), func(f store.Field) {
			want("kind." + k.Name() + "." + f.Path)
			for _, v := range f.Enum {
				want("kind." + k.Name() + "." + f.Path + "." + v)
			}
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// each calls fn for every field, those of objects after the object.
func each(fields []store.Field, fn func(store.Field)) {
	for _, f := range fields {
		fn(f)
		each(f.Fields, fn)
	}
}

// Href is the address of the page of an object by its id, or "" for one that has
// none.
func Href(c ui.Ctx, id string) string {
	prefix, _, _ := strings.Cut(id, "_")
	switch prefix {
	case "sys":
		return c.URL("systems", id)
	case "use":
		return c.URL("benefit", id)
	case "agr":
		return c.URL("people", "agreements", id)
	case "sft":
		return c.URL("software", id)
	case "tip":
		return c.URL("tips", id)
	case "inq":
		return c.URL("inquiries", id)
	case "vnd":
		return c.URL("vendors", id)
	case "usr":
		return c.URL("people", "persons", id)
	case "wkl":
		return c.URL("people", "access", "workloads", id)
	case "dev":
		return c.URL("people", "access", "devices", id)
	case "case":
		return c.URL("operation", "cases", id)
	case "dec":
		return c.URL("operation", "decisions", id)
	case "evd":
		return c.URL("proof", "objects", id)
	case "crw":
		return c.URL("duties", "classes", id)
	case "wfl":
		return c.URL("duties", "workflow", id)
	case "plt":
		return c.URL("duties", "pilots", id)
	case "rtm":
		return c.URL("duties", "retirements", id)
	case "exc":
		return c.URL("duties", "exceptions", id)
	case "cfa":
		return c.URL("duties", "conformity", id)
	case "znl":
		return c.URL("duties", "zones", id)
	case "dcl":
		return c.URL("duties", "declarations", id)
	case "ext":
		return c.URL("duties", "external", id)
	case "tok":
		return c.URL("people", "access", "tokens", id)
	}
	return ""
}
