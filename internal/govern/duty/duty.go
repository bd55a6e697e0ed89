// Package duty is the law clock: which duties, for which role and class, on
// which date, for which system; what begins and ends when the date moves; and
// what a new version of a content pack means for this organisation.
//
// # Which duties
//
// A clause of a pack is a duty when it names who owes it (duty) and what brings
// it about (risk): every AI system, a duty of transparency, a high class,
// personal data, special categories of them, or people who are affected. On
// holds that against one system. Every day comes from the clauses; this package
// knows none. A pack of an organisation's own joins in the same way, and a
// clause that names markets or sectors counts for systems that name them, too
// (requirements 000-08, 000-16, 000-20, 000-22).
//
// # Another date
//
// Room.Standing reads the saved answers of every classification again under the
// law of another day and says whose class differs then. Nothing is saved by
// looking (issue 4, law clock).
//
// # A new version
//
// An organisation adopts the packs it works with; the text is kept. When the
// program brings another text, Compare says what differs item by item, from the
// kept text and without any network, and Adopt makes a task to review only what
// something of this organisation rests on: a duty of a system, a control
// record, a condition of a permit, a mapping of its own (requirements 000-38,
// 000-61). The law counts whether it was adopted or not; adopting says that
// people have seen what changed.
//
// A duty says what the packs say, with their doubts. Whether it is met is for
// govern/control and prove/conform to say.
package duty

import (
	"slices"
	"strings"
	"time"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Subject is one system as far as duties depend on it, on one day.
type Subject struct {
	System string // object id
	Name   string
	// Role is the AI Act operator role: provider, deployer …; packs.Unclear or
	// "none" bring no duties of a role.
	Role         string
	AlsoDeployer bool     // a provider that uses its own system
	Class        string   // prohibited, high, limited, minimal, unclear, none
	AnnexI       bool     // high-risk through product law: FromAnnex1 counts
	Elsewhere    []string // clauses that say that the duties stand in product law; empty: they do not
	// DutiesFrom is the day from which the rules let the duties of the high class
	// begin for this system; zero: what the clauses say. Some clauses (AI Act
	// Art. 72) formally begin earlier but presuppose a high-risk system.
	DutiesFrom   time.Time
	Transparency string   // whom a duty of transparency falls on: provider, deployer, both, none, ""
	Ban          []string // clauses that a prohibited class rests on
	Personal     bool     // it works on personal data
	Special      bool     // among them special categories
	People       bool     // it affects or rates people
	Markets      []string
	Sectors      []string
	// InServiceSince is the day on which it was put into service; zero: not
	// known, then no relief for systems in use is assumed.
	InServiceSince time.Time
}

// What brings a duty about: the values of a clause's risk, and two of our own.
const (
	ForAll          = "all"
	ForTransparency = "transparency"
	ForHigh         = "high"
	ForPersonal     = "personal_data"
	ForSpecial      = "special_data"
	ForPeople       = "people"
	ForBan          = "prohibited"  // the clause forbids the system
	ForElsewhere    = "product_law" // the clause says where the duties stand instead
)

// Roles that every organisation has beside those of the AI Act.
const (
	Controller = "controller" // GDPR
	Employer   = "employer"   // works constitution
)

// State of a duty on a day.
type State string

// Running binds on that day; Coming binds later; Over bound before; Waiting
// would bind but for the relief of systems that are in use: only a significant
// change of the design brings it about (AI Act Art. 111(2)).
const (
	Running State = "running"
	Coming  State = "coming"
	Over    State = "over"
	Waiting State = "waiting"
)

// Duty is one clause that a system brings upon its organisation.
type Duty struct {
	Clause  packs.Clause
	From    time.Time // first day on which it binds this system; zero: always
	Until   time.Time // first day on which it no longer does; zero: open
	Trigger string    // one of the For constants
	Role    string    // as whom: a role of the AI Act, Controller or Employer; empty: as anybody
	State   State     // on the day asked for
	Relief  string    // clause that makes it wait, or start later, for systems in use; empty: none
	Why     text.Bi   // in one sentence: role, class, what brings it about
}

// inUse is the clause by which high-risk systems that are in use are covered
// only after a significant change of their design. It speaks for the clauses of
// its own pack.
const inUse = "aia.art111.2"

// Law is what of a library can bind a system: its clauses that name who owes them
// and what brings them about. It is read once and asked for many systems and
// days.
type Law struct {
	lib     *packs.Library
	clauses []packs.Clause
	said    map[ground]text.Bi // sentences that were needed already: one caller at a time
}

// Read finds the duties of a library.
func Read(lib *packs.Library) Law {
	l := Law{lib: lib, said: map[ground]text.Bi{}}
	for _, info := range lib.Packs() {
		for _, c := range lib.Clauses(info.ID) {
			if len(c.Duty) > 0 && c.Risk != "" && c.Change != "deleted" {
				l.clauses = append(l.clauses, c)
			}
		}
	}
	return l
}

// On returns the duties that a system brings on a day, in the order of packs
// and clauses: those that run, that are to come and that are over. What forbids
// the system, and what says that its duties stand elsewhere, comes first. A
// clause that was deleted is none.
func (l Law) On(s Subject, at time.Time) []Duty {
	var out []Duty
	for i, ids := range [][]string{s.Ban, s.Elsewhere} {
		for _, id := range ids {
			if c, ok := l.lib.Clause(id); ok && c.Change != "deleted" {
				d := Duty{Clause: c, From: c.From, Until: c.Until, Trigger: []string{ForBan, ForElsewhere}[i]}
				d.State, d.Why = state(d, at), l.why(s, d)
				out = append(out, d)
			}
		}
	}
	for _, c := range l.clauses {
		if d, ok := l.duty(s, c, at); ok {
			out = append(out, d)
		}
	}
	return out
}

// On is Read and Law.On in one step.
func On(lib *packs.Library, s Subject, at time.Time) []Duty { return Read(lib).On(s, at) }

// Binding are the duties that run.
func Binding(all []Duty) []Duty {
	return slices.DeleteFunc(slices.Clone(all), func(d Duty) bool { return d.State != Running })
}

func (l Law) duty(s Subject, c packs.Clause, at time.Time) (Duty, bool) {
	role, owes := s.role(c)
	if !owes || !s.within(c.Markets, s.Markets) || !s.within(c.Sectors, s.Sectors) {
		return Duty{}, false
	}
	d := Duty{Clause: c, From: c.From, Until: c.Until, Trigger: c.Risk, Role: role}
	if s.AnnexI && !c.FromAnnex1.IsZero() {
		d.From = c.FromAnnex1
	}
	if c.Risk == ForHigh && d.From.Before(s.DutiesFrom) {
		d.From = s.DutiesFrom
	}
	used := !s.InServiceSince.IsZero() && s.InServiceSince.Before(d.From)
	if used && !c.FromLegacy.IsZero() {
		d.From, d.Relief = c.FromLegacy, c.ID
	}
	d.State = state(d, at)
	if relief, ok := l.lib.Clause(inUse); ok && used && c.Risk == ForHigh && c.Pack == relief.Pack {
		d.Relief = relief.ID
		if d.State == Running {
			d.State = Waiting
		}
	}
	d.Why = l.why(s, d)
	return d, true
}

func state(d Duty, at time.Time) State {
	switch {
	case !d.Until.IsZero() && !at.Before(d.Until):
		return Over
	case !d.From.IsZero() && at.Before(d.From):
		return Coming
	}
	return Running
}

// within reports whether a clause for some markets or sectors counts: one that
// names none counts everywhere, and one that names some counts where the system
// names one of them. A system without a market brings no duties of a market;
// the pages say that it has none.
func (s Subject) within(clause, mine []string) bool {
	return len(clause) == 0 || slices.ContainsFunc(clause, func(w string) bool { return slices.Contains(mine, w) })
}

// role is as whom the organisation owes the clause: the first of its roles that
// the clause names and that the trigger reaches.
func (s Subject) role(c packs.Clause) (string, bool) {
	roles := []string{s.Role, Controller, Employer}
	if s.AlsoDeployer {
		roles = slices.Insert(roles, 1, "deployer")
	}
	for _, have := range roles {
		if have != "" && slices.Contains(c.Duty, have) && s.triggers(c, have) {
			return have, true
		}
	}
	return "", false
}

// triggers reports whether the system brings the clause about. A system that is
// no AI brings none of the AI Act; one with an unclear class brings what every
// AI system brings. Where the duties stand in product law, those of the high
// class do not come from here.
func (s Subject) triggers(c packs.Clause, role string) bool {
	switch c.Risk {
	case ForAll:
		return s.Class != "none" && s.Class != "prohibited"
	case ForHigh:
		return s.Class == "high" && len(s.Elsewhere) == 0
	case ForTransparency:
		return s.transparent(role)
	case ForPersonal:
		return s.Personal
	case ForSpecial:
		return s.Special
	case ForPeople:
		return s.People
	}
	return false
}

// transparent: the rules say whom a duty of transparency falls on. Where they
// were not asked, the class says that there is one. Which of the duties binds
// the system, the clause's text says.
func (s Subject) transparent(role string) bool {
	if s.Transparency == "" {
		return s.Class == "limited"
	}
	return s.Transparency == "both" || s.Transparency == role
}

var triggerWords = map[string]text.Bi{
	ForAll:          {DE: "gilt für jedes KI-System", EN: "applies to every AI system"},
	ForTransparency: {DE: "eine Transparenzpflicht hängt am System", EN: "a duty of transparency attaches to the system"},
	ForHigh:         {DE: "Risikoklasse hoch", EN: "risk class high"},
	ForPersonal:     {DE: "das System verarbeitet personenbezogene Daten", EN: "the system works on personal data"},
	ForSpecial:      {DE: "das System verarbeitet besondere Kategorien personenbezogener Daten", EN: "the system works on special categories of personal data"},
	ForPeople:       {DE: "das System betrifft oder bewertet Menschen", EN: "the system affects or rates people"},
	ForBan:          {DE: "die Einstufung lautet verboten", EN: "the class is prohibited"},
	ForElsewhere:    {DE: "die Pflichten stehen im Produktrecht", EN: "the duties are in product law"},
}

var roleWords = map[string]text.Bi{
	"provider":                  {DE: "als Anbieter", EN: "as provider"},
	"deployer":                  {DE: "als Betreiber", EN: "as deployer"},
	"importer":                  {DE: "als Einführer", EN: "as importer"},
	"distributor":               {DE: "als Händler", EN: "as distributor"},
	"authorised_representative": {DE: "als Bevollmächtigter", EN: "as authorised representative"},
	"product_manufacturer":      {DE: "als Produkthersteller", EN: "as product manufacturer"},
	Controller:                  {DE: "als Verantwortlicher", EN: "as controller"},
	Employer:                    {DE: "als Arbeitgeber", EN: "as employer"},
}

// ground is what a duty rests on, as far as its sentence tells.
type ground struct {
	trigger, role           string
	product, market, sector bool
}

// why says in words what the duty rests on: the trigger, the role, and the
// product law that moves its day. A library has few such sentences.
func (l Law) why(s Subject, d Duty) text.Bi {
	g := ground{d.Trigger, d.Role, s.AnnexI && !d.Clause.FromAnnex1.IsZero() && d.Trigger == ForHigh, len(d.Clause.Markets) > 0, len(d.Clause.Sectors) > 0}
	if say, ok := l.said[g]; ok {
		return say
	}
	de, en := []string{triggerWords[g.trigger].DE}, []string{triggerWords[g.trigger].EN}
	add := func(ok bool, w text.Bi) {
		if ok {
			de, en = append(de, w.DE), append(en, w.EN)
		}
	}
	add(!roleWords[g.role].IsZero(), roleWords[g.role])
	add(g.product, text.Bi{DE: "Hochrisiko nach Anhang I", EN: "high-risk under Annex I"})
	add(g.market, text.Bi{DE: "im genannten Markt", EN: "in the market named"})
	add(g.sector, text.Bi{DE: "in der genannten Branche", EN: "in the sector named"})
	l.said[g] = text.Bi{DE: upper(strings.Join(de, ", ")) + ".", EN: upper(strings.Join(en, ", ")) + "."}
	return l.said[g]
}

// upper writes the first letter large; the sentences begin with plain letters.
func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
