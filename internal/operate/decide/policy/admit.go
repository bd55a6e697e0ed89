package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	xast "github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// File is one file of Cedar policies.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Options are what is to be admitted, and under which limits.
type Options struct {
	Files    []File
	Schema   string // Cedar schema, human-readable form
	Unscoped int    // how many policies may name no entity, for one kind of request; 0: 200
	// KnownClause reports whether a clause id exists; nil: ids are checked by
	// their form only.
	KnownClause func(id string) bool
}

// Policy is an admitted policy: what a reason says about it.
type Policy struct {
	ID       string
	File     string
	Line     int
	Forbid   bool
	Say      text.Bi
	Clauses  []string
	Unscoped bool // visited for every request
	compiled *cedar.Policy
}

// Warning is a policy that was admitted but deserves a look.
type Warning struct {
	Policy string
	Code   string // policy.unscoped, forbid.when_has
	Say    text.Bi
}

// defaultUnscoped policies may apply to every request: each costs 0.2 to 0.3 µs
// of every decision.
const defaultUnscoped = 200

var (
	policyID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)
	clauseID = regexp.MustCompile(`^[A-Za-z0-9]+(\.[A-Za-z0-9_-]+)*$`)
)

// Load reads the policies (*.cedar, sorted by name) and the schema
// (*.cedarschema, exactly one) of a folder.
func Load(tree fs.FS) (files []File, schemaText string, err error) {
	list, err := fs.ReadDir(tree, ".")
	if err != nil {
		return nil, "", unreadable(err)
	}
	schemas := 0
	for _, d := range list {
		ext := path.Ext(d.Name())
		if d.IsDir() || ext != ".cedar" && ext != ".cedarschema" {
			continue
		}
		raw, err := fs.ReadFile(tree, d.Name())
		if err != nil {
			return nil, "", unreadable(err)
		}
		if ext == ".cedarschema" {
			schemaText = string(raw)
			schemas++
			continue
		}
		files = append(files, File{Name: d.Name(), Text: string(raw)})
	}
	if schemas != 1 {
		return nil, "", problem.New(problem.BadInput, "Zu den Richtlinien gehört genau ein Schema.", "Policies need exactly one schema.")
	}
	return files, schemaText, nil
}

func unreadable(err error) error {
	return problem.New(problem.Unavailable, "Die Richtlinien lassen sich nicht lesen.", "The policies cannot be read.").Wrap(err)
}

func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

// admission checks policies before they may decide anything.
type admission struct {
	o         Options
	c         problem.Checks
	validator *validate.Validator
	byID      map[string]int
	policies  []Policy
	warnings  []Warning
}

// Admit turns schema and policy files into an engine, or returns one problem
// (BadInput) that names every defect with file and line. Nothing is parsed
// before its size and nesting are known to be bounded.
func Admit(o Options) (Engine, []Warning, error) {
	sch, err := admitSchema(o.Schema)
	if err != nil {
		return nil, nil, err
	}
	ad := &admission{o: o, validator: validate.New(sch), byID: map[string]int{}}
	for _, f := range o.Files {
		for _, st := range scan(f.Name, f.Text, &ad.c) {
			ad.policy(st)
		}
	}
	ad.budget()
	if err := ad.c.Err(); err != nil {
		return nil, nil, rejected(err)
	}
	slices.SortFunc(ad.policies, func(a, b Policy) int { return strings.Compare(a.ID, b.ID) })
	for i, p := range ad.policies {
		ad.byID[p.ID] = i
	}
	ix := newIndex(ad.policies)
	acts := actsOf(sch, ix)
	return &cedarEngine{policies: ad.policies, byID: ad.byID, index: ix, schema: sch, acts: acts,
		validator: ad.validator, version: version(o.Schema, ad.policies), memo: newMemo(len(acts)), sight: sightOf(ad.policies)}, ad.warnings, nil
}

// rejected gives the collected fields their sentence.
func rejected(err error) error {
	p := problem.New(problem.BadInput, "Die Richtlinien wurden nicht übernommen; es gelten die bisherigen.",
		"The policies were not taken over; the previous ones stay in force.").
		WithHint("Bitte die genannten Stellen ändern.", "Please change the places named.")
	p.Fields = problem.From(err).Fields
	if len(p.Fields) > 50 {
		p.Fields = p.Fields[:50]
	}
	return p
}

// admitSchema reads the schema under the same bounds as a policy.
func admitSchema(src string) (*resolved.Schema, error) {
	bad := func(err error) error {
		return problem.New(problem.BadInput, "Das Schema der Richtlinien ist nicht lesbar.", "The schema of the policies cannot be read.").Wrap(err)
	}
	s := scanner{text: src, line: 1}
	for s.next() {
		if s.deepest > maxNesting {
			return nil, bad(fmt.Errorf("nested deeper than %d levels", maxNesting))
		}
	}
	if len(src) > 4*maxPolicyBytes {
		return nil, bad(fmt.Errorf("larger than %d bytes", 4*maxPolicyBytes))
	}
	var sc schema.Schema
	if err := sc.UnmarshalCedar([]byte(src)); err != nil {
		return nil, bad(err)
	}
	sch, err := sc.Resolve()
	if err != nil {
		return nil, bad(err)
	}
	if err := fitting(sch); err != nil {
		return nil, bad(err)
	}
	return sch, nil
}

// fitting tries each action's context with an environment in which everything
// is known: a schema whose contexts the house cannot fill would deny everything,
// or be checked against nothing.
func fitting(sch *resolved.Schema) error {
	v, tried := validate.New(sch), 0
	for id, a := range sch.Actions {
		if a.AppliesTo == nil {
			continue
		}
		for _, p := range a.AppliesTo.Principals {
			for _, r := range a.AppliesTo.Resources {
				ctx, err := newContext(Query{}, a.AppliesTo.Context)
				if err == nil {
					err = v.Request(types.Request{Principal: types.NewEntityUID(p, "p"), Action: id, Resource: types.NewEntityUID(r, "r"), Context: ctx})
				}
				if err != nil {
					return fmt.Errorf("action %s: %w", id.ID, err)
				}
				tried++
			}
		}
	}
	if tried == 0 {
		return errors.New("no action applies to anything")
	}
	return nil
}

// policy admits one statement.
func (ad *admission) policy(st statement) {
	at := place(st.file, st.line)
	var cp cedar.Policy
	if err := parse(&cp, st.text); err != nil {
		ad.c.Field(false, at, "Die Richtlinie ist nicht lesbar: "+err.Error(), "The policy cannot be read: "+err.Error())
		return
	}
	notes := cp.Annotations()
	p := Policy{ID: string(notes["id"]), File: st.file, Line: st.line, Forbid: cp.Effect() == cedar.Forbid, compiled: &cp,
		Say: text.Bi{DE: strings.TrimSpace(string(notes["de"])), EN: strings.TrimSpace(string(notes["en"]))}}
	if !policyID.MatchString(p.ID) {
		ad.c.Field(false, at, "Die Richtlinie hat keine gültige @id (Kleinbuchstaben, Ziffern, . _ -).",
			"The policy has no valid @id (lower-case letters, digits, . _ -).")
		return
	}
	at += " " + p.ID
	if i, twice := ad.byID[p.ID]; twice {
		first := place(ad.policies[i].File, ad.policies[i].Line)
		ad.c.Field(false, at, "Diese @id gibt es schon in "+first+".", "This @id exists already in "+first+".")
		return
	}
	ad.clauses(&p, at, string(notes["clause"]))
	ad.c.Field(p.Say.Complete(), at, "Der Richtlinie fehlt ihr Satz in @de oder @en.", "The policy lacks its sentence in @de or @en.")
	tree := (*xast.Policy)(cp.AST())
	if err := ad.check(p.ID, tree); err != nil {
		ad.c.Field(false, at, "Die Richtlinie passt nicht zum Schema: "+err.Error(), "The policy does not fit the schema: "+err.Error())
	}
	p.Unscoped = scoped{principal: scopeOf(tree.Principal), action: scopeOf(tree.Action), resource: scopeOf(tree.Resource)}.unscoped()
	ad.lint(p, tree)
	ad.byID[p.ID] = len(ad.policies)
	ad.policies = append(ad.policies, p)
}

// parse and check turn a panic of the library into an error: a policy that
// breaks it is refused, not fatal. Exhausting the stack cannot be caught; the
// scanner has ruled it out.
func parse(p *cedar.Policy, src string) (err error) {
	defer caught(&err)
	return p.UnmarshalCedar([]byte(src))
}

func (ad *admission) check(id string, tree *xast.Policy) (err error) {
	defer caught(&err)
	return ad.validator.Policy(id, tree)
}

func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v", r)
	}
}

// clauses reads @clause("zta.05, iso42001.A.9.2").
func (ad *admission) clauses(p *Policy, at, note string) {
	p.Clauses = strings.FieldsFunc(note, func(r rune) bool { return r == ',' || r == ' ' })
	ad.c.Field(len(p.Clauses) > 0, at, "Der Richtlinie fehlt ihre Fundstelle (@clause).", "The policy lacks its clause (@clause).")
	for _, id := range p.Clauses {
		known := clauseID.MatchString(id) && (ad.o.KnownClause == nil || ad.o.KnownClause(id))
		ad.c.Field(known, at, "Die Fundstelle "+id+" gibt es nicht.", "The clause "+id+" does not exist.")
	}
}

// lint finds what is allowed but often a mistake. A forbid "when context has x"
// lets through exactly the requests in which x is missing; written as "unless"
// it would deny them.
func (ad *admission) lint(p Policy, tree *xast.Policy) {
	if p.Unscoped {
		ad.warnings = append(ad.warnings, Warning{p.ID, "policy.unscoped", text.Bi{
			DE: "Die Richtlinie gilt für jede Anfrage und wird jedes Mal geprüft; bitte Aktion oder Ressource nennen.",
			EN: "The policy applies to every request and is checked each time; please name an action or a resource."}})
	}
	if !p.Forbid {
		return
	}
	for _, cond := range tree.Conditions {
		if cond.Condition != xast.ConditionWhen {
			continue
		}
		has := false
		xast.Inspect(xast.NewNode(cond.Body), func(n xast.IsNode) bool {
			switch n.(type) {
			case xast.NodeTypeHas, xast.NodeTypeHasTag:
				has = true
			}
			return !has
		})
		if has {
			ad.warnings = append(ad.warnings, Warning{p.ID, "forbid.when_has", text.Bi{
				DE: "Das Verbot greift nicht, wenn die Angabe fehlt; als „unless“ geschrieben, lehnte es auch dann ab.",
				EN: "The forbid does not bite when the attribute is missing; written as “unless” it would deny then too."}})
			return
		}
	}
}

// budget refuses a set whose decisions the index cannot keep cheap: too many
// policies that apply to every request, or to every request of one action on one
// type of resource, because they name no entity. Each is named.
func (ad *admission) budget() {
	limit := ad.o.Unscoped
	if limit == 0 {
		limit = defaultUnscoped
	}
	var always []string
	broad := map[string][]string{} // by action and type of resource
	for _, p := range ad.policies {
		if p.Unscoped {
			always = append(always, p.ID)
			continue
		}
		tree := (*xast.Policy)(p.compiled.AST())
		if scopeOf(tree.Principal).entity() || scopeOf(tree.Resource).entity() {
			continue
		}
		action := scopeOf(tree.Action)
		if action.mode == scopeAll {
			action.ids = []types.EntityUID{{}}
		}
		for _, id := range action.ids {
			where := strings.Trim(string(id.ID)+" "+string(scopeOf(tree.Resource).typ), " ")
			broad[where] = append(broad[where], p.ID)
		}
	}
	ad.c.Field(len(always) <= limit, "unscoped",
		fmt.Sprintf("%d Richtlinien gelten für jede Anfrage; erlaubt sind %d. Bitte Aktion, Subjekt oder Ressource nennen in: %s.", len(always), limit, named(always, "und %d weiteren")),
		fmt.Sprintf("%d policies apply to every request; %d are allowed. Please name an action, a principal or a resource in: %s.", len(always), limit, named(always, "and %d more")))
	for _, where := range slices.Sorted(maps.Keys(broad)) {
		ids := broad[where]
		ad.c.Field(len(ids) <= limit, "unscoped."+where,
			fmt.Sprintf("%d Richtlinien gelten für jede Anfrage zu „%s“; erlaubt sind %d. Bitte ein Subjekt oder eine Ressource nennen in: %s.", len(ids), where, limit, named(ids, "und %d weiteren")),
			fmt.Sprintf("%d policies apply to every request about '%s'; %d are allowed. Please name a principal or a resource in: %s.", len(ids), where, limit, named(ids, "and %d more")))
	}
}

// named lists ids, the first ten of many.
func named(ids []string, more string) string {
	slices.Sort(ids)
	if len(ids) <= 10 {
		return strings.Join(ids, ", ")
	}
	return strings.Join(ids[:10], ", ") + " " + fmt.Sprintf(more, len(ids)-10)
}

// version is the hash over the schema and every policy, in order of their ids.
func version(schemaText string, policies []Policy) string {
	h := sha256.New()
	put := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	put(schemaText)
	for _, p := range policies {
		put(p.ID)
		put(string(p.compiled.MarshalCedar()))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
