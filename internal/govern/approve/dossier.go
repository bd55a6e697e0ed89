package approve

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sort"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/voice"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Dossier is everything that an approver sees of one system, and everything
// that an approval is bound to: change a word of it and the approval no longer
// fits. The stop button, the life-cycle stage and the permit's number are not
// part of it, since pressing stop must not cost the approvals.
type Dossier struct {
	System         store.Object[inventory.System]
	Models         []store.Object[inventory.Model]
	Classification *store.Object[classify.Classification]
	Assessments    []store.Object[assess.Assessment]
	Agreements     []store.Object[voice.Agreement]
	Approvals      []store.Object[Approval]
}

// Hash is the content hash that approvals are bound to, "sha256:<hex>" over
// the canonical form of what is approved.
func (d Dossier) Hash() (string, error) {
	sys := d.System.Doc
	sys.Stop, sys.LifeCycle, sys.Number, sys.Code = inventory.Stop{}, "", "", ""
	type seenModel struct {
		Name, Version, Hash string
		Card                inventory.Card
	}
	seen := struct {
		System      inventory.System `json:"system"`
		Models      []seenModel      `json:"models"`
		Class       string           `json:"class"`
		Role        string           `json:"role"`
		Level       int              `json:"level"`
		Reason      string           `json:"reason"`
		Verdicts    []string         `json:"verdicts"`
		Agreements  []string         `json:"agreements"`
		Explanation string           `json:"format"`
	}{System: sys, Explanation: "augenmass.dossier.v1"}
	for _, m := range d.Models {
		seen.Models = append(seen.Models, seenModel{m.Doc.Name, m.Doc.Version, m.Doc.Hash, m.Doc.Card})
	}
	sort.Slice(seen.Models, func(i, k int) bool { return seen.Models[i].Name < seen.Models[k].Name })
	if c := d.Classification; c != nil {
		seen.Class, seen.Role, seen.Level, seen.Reason = c.Doc.Class, c.Doc.Role, c.Doc.Level, c.Doc.Reason
	}
	for _, a := range d.Assessments {
		seen.Verdicts = append(seen.Verdicts, a.Doc.Questionnaire+":"+a.Doc.Verdict)
	}
	sort.Strings(seen.Verdicts)
	for _, a := range d.Agreements {
		seen.Agreements = append(seen.Agreements, a.ID)
	}
	sort.Strings(seen.Agreements)
	raw, err := json.Marshal(seen)
	if err != nil {
		return "", err
	}
	canonical, err := ledger.Canonical(raw)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
