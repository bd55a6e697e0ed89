package approve

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/govern/voice"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Dossier is everything that an approver sees of one system.
type Dossier struct {
	System         store.Object[inventory.System]
	Models         []store.Object[inventory.Model]
	Classification *store.Object[classify.Classification] // nil: not classified yet
	Assessments    []store.Object[assess.Assessment]
	Agreements     []store.Object[voice.Agreement]
	Approvals      []store.Object[Approval] // newest first
	Issued         *store.Object[Issued]    // nil: no permit yet
	Said           map[string]stand.Said    // what further rooms say, by the name of the source

	draft      string   // id of a classification that is only a draft yet
	sources    []string // names of the rooms that were asked, in their order
	named      []string // functions that somebody holds
	ownerSigns bool     // the risk owner may sign and did not register the system
}

// Parts are the paragraphs that further rooms show to an approver, room by room.
func (d Dossier) Parts() []stand.Part {
	var out []stand.Part
	for _, name := range d.sources {
		out = append(out, d.Said[name].Parts...)
	}
	return out
}

// Identification is the concluded answer to "Is this AI?", or nil.
func (d Dossier) Identification() *store.Object[assess.Assessment] {
	for i, a := range d.Assessments {
		if a.Doc.Questionnaire == assess.Identification && a.Doc.Concluded() {
			return &d.Assessments[i]
		}
	}
	return nil
}

// Subject is the dossier's system as further rooms are asked about it.
func (d Dossier) Subject(now time.Time) stand.Subject {
	return stand.Subject{System: d.System, Models: d.Models, Classification: d.Classification, Identification: d.Identification(), Now: now}
}

// Scopes are the system's fields of use, as NeededRoles takes them.
func (d Dossier) Scopes() []string {
	out := make([]string, len(d.System.Doc.Scope))
	for i, s := range d.System.Doc.Scope {
		out[i] = string(s)
	}
	return out
}

// content is what an approval is bound to. Everything that is approved is in
// it, save what the permit itself watches and what changes without anybody
// deciding about the use:
//
//   - of the system: stop button, stage of life, permit number and code of the
//     public card. Pressing stop must not cost the approvals.
//   - of a model: the address it listens on. The permit covers the bytes.
//   - of the classification and the assessments: when and under which version
//     they were made and until when they hold, drafts, and who settles open
//     questions by when. Classifying again with the same result is no change.
//   - of an agreement: when it was signed and until when it holds. The permit
//     falls by itself when it is missing or over.
type content struct {
	Format         string           `json:"format"`
	System         inventory.System `json:"system"`
	Models         []seenModel      `json:"models"`
	Classification *seenClass       `json:"classification"`
	Assessments    []seenAssessment `json:"assessments"`
	Agreements     []seenAgreement  `json:"agreements"`
	// Further is what other rooms say, by their names; left out when they say
	// nothing, so that approvals of before still fit.
	Further map[string]any `json:"further,omitempty"`
}

type seenModel struct {
	Name     string            `json:"name"`
	Version  string            `json:"version"`
	Hash     string            `json:"hash"`
	Card     inventory.Card    `json:"card"`
	Reading  inventory.Reading `json:"reading"`
	Baseline string            `json:"baseline"` // hash: a baseline is thousands of numbers
}

type seenClass struct {
	Answers    []classify.Answer `json:"answers"`
	Verdict    string            `json:"verdict"`
	Role       string            `json:"role"`
	Class      string            `json:"class"`
	ByRules    string            `json:"by_rules"`
	Reason     string            `json:"reason"`
	Level      int               `json:"level"`
	LevelKnown bool              `json:"level_known"`
	Trace      []classify.Step   `json:"trace"`
	Open       []string          `json:"open"`
}

type seenAssessment struct {
	Questionnaire string          `json:"questionnaire"`
	Answers       []assess.Answer `json:"answers"`
	Done          bool            `json:"done"`
	Verdict       string          `json:"verdict"`
	Practical     string          `json:"practical"`
	Points        int             `json:"points"`
	MaxPoints     int             `json:"max_points"`
	Open          []string        `json:"open"`
	RedFlag       bool            `json:"red_flag"`
	Trace         []assess.Step   `json:"trace"`
}

type seenAgreement struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Excluded []text.Bi `json:"excluded"`
}

// contentFormat names the form of content; it changes with it, and every
// approval given under another form no longer fits.
const contentFormat = "augenmass.dossier.v2"

// Hash is the content hash that approvals are bound to, "sha256:<hex>" over
// the canonical form (RFC 8785) of what is approved: change a word of it and
// the approval no longer fits.
func (d Dossier) Hash() (string, error) {
	seen, err := d.content()
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(seen)
	if err != nil {
		return "", fmt.Errorf("approve: encode dossier: %w", err)
	}
	canonical, err := ledger.Canonical(raw)
	if err != nil {
		return "", fmt.Errorf("approve: encode dossier: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

func (d Dossier) content() (content, error) {
	c := content{Format: contentFormat, System: d.System.Doc}
	c.System.Stop, c.System.LifeCycle, c.System.Number, c.System.Code = inventory.Stop{}, "", "", ""
	for _, m := range d.Models {
		raw, err := json.Marshal(m.Doc.Baseline)
		if err != nil {
			return c, fmt.Errorf("approve: encode baseline of %s: %w", m.ID, err)
		}
		sum := sha256.Sum256(raw)
		c.Models = append(c.Models, seenModel{m.Doc.Name, m.Doc.Version, m.Doc.Hash, m.Doc.Card, m.Doc.Reading, hex.EncodeToString(sum[:])})
	}
	sort.Slice(c.Models, func(i, k int) bool {
		a, b := c.Models[i], c.Models[k]
		return a.Name+"\x00"+a.Version+"\x00"+a.Hash < b.Name+"\x00"+b.Version+"\x00"+b.Hash
	})
	if d.Classification != nil {
		k := d.Classification.Doc
		c.Classification = &seenClass{k.Answers, k.Verdict, k.Role, k.Class, k.ByRules, k.Reason, k.Level, k.LevelKnown, k.Trace, k.Open}
	}
	for _, o := range d.Assessments {
		if a := o.Doc; a.Concluded() {
			c.Assessments = append(c.Assessments, seenAssessment{a.Questionnaire, a.Answers, a.Done, a.Verdict, a.Practical,
				a.Points, a.MaxPoints, a.Open, a.RedFlag, a.Trace})
		}
	}
	sort.SliceStable(c.Assessments, func(i, k int) bool { return c.Assessments[i].Questionnaire < c.Assessments[k].Questionnaire })
	for _, a := range d.Agreements {
		c.Agreements = append(c.Agreements, seenAgreement{a.ID, a.Doc.Name, a.Doc.Excluded})
	}
	sort.Slice(c.Agreements, func(i, k int) bool { return c.Agreements[i].ID < c.Agreements[k].ID })
	for name, said := range d.Said {
		if said.Seen == nil {
			continue
		}
		if c.Further == nil {
			c.Further = map[string]any{}
		}
		c.Further[name] = said.Seen
	}
	return c, nil
}
