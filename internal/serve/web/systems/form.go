package systems

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// entryFields are what a new entry asks for: twelve, so that a low-risk system
// is registered in ten minutes (criteria 2, 3). They are all that the register
// wants; what a permit needs beyond is asked later, where it is needed.
var entryFields = []string{"name", "purpose", "use", "technology", "origin", "scope", "role_of_ai", "data_sources", "people",
	"risk_owner", "oversee.decider_role", "review_by"}

// runFields are asked when the system comes into operation.
var runFields = []string{"markets", "sectors", "in_service", "excluded", "data_classes", "zones", "plant_states", "oversee.decider", "oversee.mode", "oversee.on_hold", "oversee.fallback",
	"oversee.limits.confidence", "oversee.limits.drift", "oversee.limits.bias", "oversee.limits.timeout_ms", "oversee.limits.review_min",
	"retain", "retain_days"}

// values writes a document as a form shows it.
func values(c ui.Ctx, s inventory.System) url.Values {
	v := url.Values{}
	put := func(name string, all ...string) {
		for _, one := range all {
			if one != "" {
				v.Add(name, one)
			}
		}
	}
	put("name", s.Name)
	put("purpose", show.Say(c, s.Purpose))
	put("use", show.Say(c, s.Use))
	put("technology", s.Technology)
	put("origin", string(s.Origin))
	for _, one := range s.Scope {
		put("scope", string(one))
	}
	put("role_of_ai", string(s.RoleOfAI))
	put("data_sources", strings.Join(s.DataSources, "\n"))
	put("people", yes(s.People))
	put("risk_owner", s.RiskOwner)
	put("oversee.decider_role", s.Oversee.DeciderRole)
	put("review_by", day(s.ReviewBy))
	var excluded []string
	for _, e := range s.Excluded {
		excluded = append(excluded, show.Say(c, e))
	}
	put("excluded", strings.Join(excluded, "\n"))
	put("markets", s.Markets...)
	put("sectors", s.Sectors...)
	put("in_service", day(s.InService))
	put("data_classes", s.DataClasses...)
	put("zones", strings.Join(s.Zones, "\n"))
	put("plant_states", s.PlantStates...)
	put("oversee.decider", show.Say(c, s.Oversee.Decider))
	put("oversee.mode", string(s.Oversee.Mode))
	put("oversee.on_hold", string(s.Oversee.OnHold))
	put("oversee.fallback", show.Say(c, s.Oversee.Fallback))
	l := s.Oversee.Limits
	put("oversee.limits.confidence", share(c, l.Confidence))
	put("oversee.limits.drift", share(c, l.Drift))
	put("oversee.limits.bias", share(c, l.Bias))
	put("oversee.limits.timeout_ms", whole(l.TimeoutMS))
	put("oversee.limits.review_min", whole(l.ReviewMin))
	put("retain", string(s.Retain))
	put("retain_days", whole(int64(s.RetainDays)))
	return v
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// share and whole write a number that is set; zero takes the default.
func share(c ui.Ctx, v float64) string {
	if v == 0 {
		return ""
	}
	return text.Float(c.Lang, v)
}

func whole(v int64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatInt(v, 10)
}

// reader reads a form into a document and collects what cannot be read. before
// is the form as the page filled it: a field that was left as it was keeps its
// value to the last digit, also where the form shows less of it.
type reader struct {
	c      ui.Ctx
	in     url.Values
	before url.Values
	checks problem.Checks
}

// left reports whether a field is as the page filled it.
func (f *reader) left(name string) bool {
	return f.before != nil && f.in.Get(name) == f.before.Get(name)
}

// entry reads the short form. What it does not ask stays as it is.
func (f *reader) entry(s *inventory.System) {
	s.Name = f.line("name")
	f.checks.Field(s.Name != "", "name", "Bitte einen Namen angeben.", "Please give a name.")
	f.say("purpose", &s.Purpose)
	f.say("use", &s.Use)
	s.Technology = f.line("technology")
	s.Origin = inventory.Origin(f.one("origin", inventory.Origin("").Values()))
	s.Scope = nil
	for _, one := range f.some("scope", inventory.Scope("").Values()) {
		s.Scope = append(s.Scope, inventory.Scope(one))
	}
	s.RoleOfAI = inventory.RoleOfAI(f.one("role_of_ai", inventory.RoleOfAI("").Values()))
	s.DataSources = f.lines("data_sources")
	people := f.in.Get("people")
	f.checks.Field(people == "yes" || people == "no", "people", "Bitte Ja oder Nein wählen.", "Please choose yes or no.")
	s.People = people == "yes"
	s.RiskOwner = f.line("risk_owner")
	before := s.Oversee.DeciderRole
	s.Oversee.DeciderRole = f.one("oversee.decider_role", append(roleNames(), before)) // one that was stored stays until it is changed
	if title := roles.Role(before).Info().Title; s.Oversee.Decider.IsZero() || s.Oversee.Decider == title {
		s.Oversee.Decider = text.Bi{} // the words of a role change with the role; own words stay
		if s.Oversee.DeciderRole != "" {
			s.Oversee.Decider = roles.Role(s.Oversee.DeciderRole).Info().Title
		}
	}
	if !f.left("review_by") {
		s.ReviewBy = f.date("review_by")
	}
}

// run reads the fields of operation; was is the document before the change.
func (f *reader) run(s *inventory.System, was inventory.System) {
	s.Excluded = nil
	for _, line := range f.lines("excluded") {
		var b text.Bi
		show.Hear(f.c, line, &b)
		if i := slices.IndexFunc(was.Excluded, func(e text.Bi) bool { return show.Say(f.c, e) == line }); i >= 0 {
			b = was.Excluded[i] // with its translation
		}
		s.Excluded = append(s.Excluded, b)
	}
	s.Markets, s.Sectors = places(f.in["markets"]), places(f.in["sectors"])
	if !f.left("in_service") {
		s.InService = f.date("in_service")
	}
	s.DataClasses = trimmed(f.in["data_classes"])
	s.Zones = f.lines("zones")
	s.PlantStates = trimmed(f.in["plant_states"])
	if f.line("oversee.decider") != show.Say(f.c, was.Oversee.Decider) {
		f.say("oversee.decider", &s.Oversee.Decider) // own words; else those of the role, see entry
	}
	s.Oversee.Mode = inventory.Oversight(f.one("oversee.mode", inventory.Oversight("").Values()))
	s.Oversee.OnHold = inventory.OnHold(f.one("oversee.on_hold", inventory.OnHold("").Values()))
	f.say("oversee.fallback", &s.Oversee.Fallback)
	l := &s.Oversee.Limits
	f.share("oversee.limits.confidence", &l.Confidence)
	f.share("oversee.limits.drift", &l.Drift)
	f.share("oversee.limits.bias", &l.Bias)
	l.TimeoutMS, l.ReviewMin = f.int("oversee.limits.timeout_ms"), f.int("oversee.limits.review_min")
	s.Retain = inventory.Retain(f.one("retain", inventory.Retain("").Values()))
	s.RetainDays = int(f.int("retain_days"))
}

func (f *reader) line(name string) string { return strings.TrimSpace(f.in.Get(name)) }

// say reads a text in the reader's language.
func (f *reader) say(name string, b *text.Bi) { show.Hear(f.c, f.line(name), b) }

// lines reads a text area with one entry a line.
func (f *reader) lines(name string) []string {
	return trimmed(strings.Split(strings.ReplaceAll(f.in.Get(name), "\r", ""), "\n"))
}

// places reads markets or sectors: chosen words, and further ones with commas
// between them.
func places(all []string) []string {
	var out []string
	for _, s := range all {
		for w := range strings.SplitSeq(strings.ToLower(s), ",") {
			out = append(out, w)
		}
	}
	return trimmed(out)
}

func trimmed(all []string) []string {
	var out []string
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// one reads a choice; nothing chosen is allowed.
func (f *reader) one(name string, of []string) string {
	v := f.line(name)
	f.checks.Field(v == "" || slices.Contains(of, v), name, "Diese Auswahl gibt es nicht.", "There is no such choice.")
	return v
}

func (f *reader) some(name string, of []string) []string {
	all := trimmed(f.in[name])
	for _, v := range all {
		f.checks.Field(slices.Contains(of, v), name, "Diese Auswahl gibt es nicht.", "There is no such choice.")
	}
	return all
}

func (f *reader) date(name string) time.Time {
	v := f.line(name)
	if v == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, v)
	f.checks.Field(err == nil, name, "Bitte einen Tag angeben, etwa 2027-06-30.", "Please give a day, such as 2027-06-30.")
	return t
}

// share reads a number; an empty field is zero, which takes the default.
func (f *reader) share(name string, to *float64) {
	if f.left(name) {
		return
	}
	*to = 0
	if v := f.line(name); v != "" {
		n, ok := text.ParseDecimal(f.c.Lang, v)
		f.checks.Field(ok, name, "Bitte eine Zahl angeben, etwa 0,85.", "Please give a number, such as 0.85.")
		*to = n
	}
}

func (f *reader) int(name string) int64 {
	v := f.line(name)
	if v == "" {
		return 0
	}
	n, ok := text.ParseDecimal(f.c.Lang, v)
	ok = ok && n == float64(int64(n)) && n >= -1e9 && n <= 1e9
	f.checks.Field(ok, name, "Bitte eine ganze Zahl angeben.", "Please give a whole number.")
	if !ok {
		return 0
	}
	return int64(n)
}

// err returns everything that is wrong: what could not be read, and what the
// room says about the rest, so that a reader sees all of it at once.
func (f *reader) err(s *inventory.System) error {
	err := f.checks.Err()
	if err == nil {
		return nil // the room checks when it stores
	}
	p := problem.From(err)
	if more := s.Validate(); problem.Is(more, problem.BadInput) {
		p.Fields = append(p.Fields, problem.From(more).Fields...)
	}
	return p
}

// roleNames are the roles that may decide review cases.
func roleNames() []string {
	var out []string
	for _, info := range roles.All() {
		if roles.Allowed([]string{string(info.Role)}, roles.Decide, "case") {
			out = append(out, string(info.Role))
		}
	}
	return out
}

// roleOptions are the roles to choose from, and the chosen one, so that saving the
// form loses no role that may decide no longer.
func roleOptions(c ui.Ctx, chosen string) []ui.Option {
	var out []ui.Option
	names := roleNames()
	if chosen != "" && !slices.Contains(names, chosen) {
		names = append(names, chosen)
	}
	for _, name := range names {
		out = append(out, ui.Option{Value: name, Text: show.Role(c, name)})
	}
	return out
}

// known are the choices of a family, and whatever the document holds beside
// them.
func known(c ui.Ctx, family string, codes []string, have []string) []ui.Option {
	all := slices.Clone(codes)
	for _, h := range have {
		if !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return show.Options(c, family, all)
}

// named are the words that the clauses of the packs name, beside those that the
// form offers anyway: an organisation's own packs bring further markets.
func named(lib *packs.Library, words []string, of func(packs.Clause) []string) []string {
	out := slices.Clone(words)
	for _, info := range lib.Packs() {
		for _, cl := range lib.Clauses(info.ID) {
			for _, w := range of(cl) {
				if !slices.Contains(out, w) {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// Codes that the permit knows words for.
var (
	dataClasses = []string{"machine", "public", "internal", "confidential", "personal", "special"}
	plantStates = []string{"running", "setup", "idle", "stopped", "maintenance", "fault"}
)

func yesNo(c ui.Ctx) []ui.Option {
	return []ui.Option{{Value: "yes", Text: c.T("systems.yes")}, {Value: "no", Text: c.T("systems.no")}}
}

// differences lists what two forms say differently, field by field.
func differences(c ui.Ctx, stored, mine url.Values, fields []string) []ui.DiffRow {
	var out []ui.DiffRow
	for _, name := range fields {
		a, b := spoken(c, name, stored[name]), spoken(c, name, mine[name])
		if a != b {
			out = append(out, ui.DiffRow{Field: c.T("systems.form." + name), Old: a, New: b})
		}
	}
	return out
}

// families are the fields whose values are codes with words.
var families = map[string]string{"origin": "origin", "scope": "scope", "role_of_ai": "roleofai", "markets": "market", "sectors": "sector", "data_classes": "data", "plant_states": "plant",
	"oversee.mode": "oversight", "oversee.on_hold": "onhold", "retain": "retain"}

// spoken writes the values of a field in words.
func spoken(c ui.Ctx, name string, all []string) string {
	words := slices.Clone(all)
	for i, v := range words {
		switch {
		case families[name] != "":
			words[i] = show.Word(c, families[name], v)
		case name == "oversee.decider_role":
			words[i] = show.Role(c, v)
		case name == "people":
			words[i] = c.T("systems." + v)
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.Join(words, ", "), "\r", ""))
}
