package proof

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/trail"
	"augenmass/internal/permit"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// types are the entry types that the filter offers, in the order of the house.
// Entries of other types are shown all the same.
var types = []string{
	entry.TypeInference, entry.TypeAccess, entry.TypeAccessEnded, entry.TypeDecided, entry.TypeExpired, entry.TypeStopped, entry.TypeResumed,
	permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored, "augenmass.approval.given", "augenmass.approval.withdrawn",
	"augenmass.object.created", "augenmass.object.updated", "augenmass.object.deleted",
	"augenmass.signin.succeeded", "augenmass.signin.failed", "augenmass.session.revoked", "augenmass.credential.changed",
	"augenmass.passkey.added", "augenmass.passkey.revoked",
	"augenmass.token.created", "augenmass.token.revoked", "augenmass.key.announced", "augenmass.casefile.built",
}

// typeWord is the word for an entry type, or the type itself.
func typeWord(c ui.Ctx, typ string) string {
	return or(c, "proof.type."+strings.TrimPrefix(typ, "augenmass."), typ)
}

func or(c ui.Ctx, key, fallback string) string {
	if c.Has(key) {
		return c.T(key)
	}
	return fallback
}

// gist is what an entry says in a few words: a state, where it has one, and a
// figure or a name.
func gist(c ui.Ctx, index uint64, e ledger.Event) (mark *ui.Mark, words string) {
	set := func(m ui.Mark) *ui.Mark { return &m }
	var data map[string]any
	if json.Unmarshal(e.Data, &data) != nil {
		return nil, ""
	}
	str := func(key string) string { s, _ := data[key].(string); return s }
	switch e.Type {
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		if err != nil {
			return set(ui.Mark{Kind: ui.Stop, Word: c.T("proof.unreadable")}), ""
		}
		return set(show.OutcomeMark(c, string(i.Outcome))), show.Why(c, trail.Row(index, e, i))
	case entry.TypeAccess:
		if allow, _ := data["allow"].(bool); allow {
			return set(ui.Mark{Kind: ui.OK, Word: c.T("proof.allowed")}), str("action")
		}
		return set(ui.Mark{Kind: ui.Stop, Word: c.T("proof.denied")}), str("action")
	case entry.TypeDecided:
		return set(show.ReviewMark(c, entry.Verdict(str("verdict")))), ""
	case permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored:
		var p permit.Entry
		if json.Unmarshal(e.Data, &p) != nil {
			return nil, ""
		}
		return set(show.PermitMark(c, p.Permit.State, "")), c.T("proof.permit.gist", "number", p.Permit.Number, "version", p.Permit.Version)
	}
	if strings.HasPrefix(e.Type, "augenmass.object.") {
		return nil, objects.One(c, str("kind"))
	}
	return nil, ""
}

// reason is one reason of an entry with its clauses.
type reason struct {
	Say     string
	Clauses []ui.ClauseRef
}

// reasonsOf collects the reasons of decisions and the lapses of permits.
func reasonsOf(c ui.Ctx, lib *packs.Library, e ledger.Event) []reason {
	var data struct {
		Reasons []entry.Reason `json:"reasons"`
		Permit  struct {
			Lapses []permit.Lapse `json:"lapses"`
		} `json:"permit"`
	}
	if json.Unmarshal(e.Data, &data) != nil {
		return nil
	}
	var out []reason
	for _, x := range data.Reasons {
		say := show.Reason(c, x.Code)
		if s, ok := entry.Say(x.Code); ok {
			say = c.In(s)
		}
		out = append(out, reason{Say: say, Clauses: show.Clauses(c, lib, x.Clauses)})
	}
	for _, l := range data.Permit.Lapses {
		out = append(out, reason{Say: show.Say(c, l.Say), Clauses: show.Clauses(c, lib, l.Clauses)})
	}
	return out
}

// ids collects everything in an entry that looks like an id of the house.
func ids(e ledger.Event) []string {
	out := []string{e.Subject}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if looksLikeID(v) {
				out = append(out, v)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	var data any
	if json.Unmarshal(e.Data, &data) == nil {
		walk(data)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func looksLikeID(s string) bool {
	prefix, rest, ok := strings.Cut(s, "_")
	return ok && len(prefix) >= 2 && len(prefix) <= 4 && len(rest) == 32 && !strings.ContainsFunc(rest, func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdef", r)
	})
}

// telling writes the data of an entry as terms for people.
type telling struct {
	c       ui.Ctx
	names   show.People
	typ     string
	subject string
	kind    string // of the object that the entry is about
	out     []told
}

// told is one term with the path it came from.
type told struct {
	path string
	fact ui.Fact
}

// order is the paths that people look for first; the rest follows by name.
var order = []string{"outcome", "allow", "verdict", "permit.state", "person", "actor", "by", "role", "method", "reason", "what", "system", "case", "case.id", "case.due", "case.deciders",
	"case.on_hold", "confidence", "limits.confidence", "drift", "limits.drift", "drift_feature", "drift_floor", "bias", "limits.bias", "plant.state", "plant.zone", "model.name",
	"model.version", "permit.number", "permit.version", "permit.valid_from", "permit.valid_until", "caller.id", "caller.kind", "caller.zone", "caller.device", "subject.id", "action",
	"resource.id", "kind", "id", "revision", "changed", "token", "holder", "scopes", "expires_at", "decision", "decided_at"}

func rank(path string) int {
	if i := slices.Index(order, path); i >= 0 {
		return i
	}
	return len(order)
}

// facts says everything that an entry holds, in words where there are any. What
// is empty is left out; what was not measured says so. The parts of a permit are
// its number, version, state and dates; the rest of it stands in the JSON below.
// Hashes, commitments and signatures come apart: they are for comparing.
func facts(c ui.Ctx, names show.People, e ledger.Event) (words, hashes []ui.Fact) {
	t := &telling{c: c, names: names, typ: e.Type, subject: e.Subject}
	d := json.NewDecoder(strings.NewReader(string(e.Data)))
	d.UseNumber()
	var data map[string]any
	if d.Decode(&data) != nil {
		return nil, nil
	}
	if p, ok := data["permit"].(map[string]any); ok && strings.HasPrefix(e.Type, "augenmass.permit.") {
		data["permit"] = map[string]any{"number": p["number"], "version": p["version"], "state": p["state"], "facts_hash": p["facts_hash"],
			"valid_from": p["valid_from"], "valid_until": p["valid_until"]}
	}
	t.kind, _ = data["kind"].(string)
	t.object("", data)
	slices.SortStableFunc(t.out, func(a, b told) int { return rank(a.path) - rank(b.path) })
	for _, x := range t.out {
		if x.fact.Mono && x.fact.Href == "" && len(x.fact.Text) > 24 {
			hashes = append(hashes, x.fact)
		} else {
			words = append(words, x.fact)
		}
	}
	return words, hashes
}

// quiet are keys that other places on the page say already, or that say nothing
// to people.
var quiet = []string{"v", "reasons", "errors"}

func (t *telling) object(prefix string, data map[string]any) {
	keys := make([]string, 0, len(data))
	for k := range data {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var nested []string
	for _, k := range keys {
		if slices.Contains(quiet, prefix+k) {
			continue
		}
		if _, ok := data[k].(map[string]any); ok {
			nested = append(nested, k)
			continue
		}
		t.value(prefix+k, data[k])
	}
	for _, k := range nested {
		t.object(prefix+k+".", data[k].(map[string]any))
	}
}

// measures are keys whose null means that nothing was measured.
var measures = []string{"confidence", "drift", "bias"}

func (t *telling) value(path string, v any) {
	f := ui.Fact{Term: or(t.c, "proof.data."+path, path)}
	switch v := v.(type) {
	case nil:
		if !slices.Contains(measures, path) {
			return
		}
		f.Text = t.c.T("proof.unmeasured")
	case bool:
		f.Text = t.c.T("proof.no")
		if v {
			f.Text = t.c.T("proof.yes")
		}
	case json.Number:
		if strings.HasPrefix(path, "limits.") && v.String() == "0" {
			return // the permit sets none
		}
		f.Text, f.Mono = t.number(path, v), true
	case string:
		if v == "" || v == t.subject {
			return
		}
		t.string(&f, path, v)
	case []any:
		var words []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				one := ui.Fact{}
				t.string(&one, path, s)
				words = append(words, one.Text)
			}
		}
		if len(words) == 0 {
			return
		}
		f.Text = strings.Join(words, ", ")
	default:
		return
	}
	t.out = append(t.out, told{path, f})
}

func (t *telling) number(path string, n json.Number) string {
	var s string
	if i, err := n.Int64(); err == nil {
		s = text.Int(t.c.Lang, i)
	} else if v, err := n.Float64(); err == nil {
		s = text.Float(t.c.Lang, v)
	} else {
		s = n.String()
	}
	if unit := or(t.c, "proof.data."+path+".unit", ""); unit != "" {
		s += "\u00a0" + unit
	}
	return s
}

// families are keys whose values have words shared by the areas.
var families = map[string]string{"outcome": "outcome", "verdict": "review", "case.on_hold": "onhold", "plant.state": "plant", "permit.state": "permit"}

func (t *telling) string(f *ui.Fact, path, s string) {
	c := t.c
	switch at, err := time.Parse(time.RFC3339Nano, s); {
	case err == nil && at.IsZero():
		f.Text = "–"
		return
	case err == nil:
		f.Text = c.DateTime(at)
		return
	}
	f.Text = s
	switch {
	case families[path] != "":
		f.Text = show.Word(c, families[path], s)
	case path == "role" || path == "case.deciders":
		f.Text = c.In(roles.Role(s).Info().Title)
	case path == "changed":
		f.Text = objects.Label(c, t.kind, s)
	case path == "kind" && strings.HasPrefix(t.typ, "augenmass.object."):
		f.Text = objects.One(c, s)
	case c.Has("proof.value." + path + "." + s):
		f.Text = c.T("proof.value." + path + "." + s)
	case looksLikeID(s):
		f.Text, f.Href, f.Mono = short(s), objects.Href(c, s), true
		if name := t.names[s]; name != "" {
			f.Text, f.Mono = name, false
		}
	case strings.Contains(s, ":") || len(s) > 24:
		f.Mono = true
	}
}

// number reads the index of an address: digits only.
func number(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return n, err == nil && strconv.FormatUint(n, 10) == s
}
