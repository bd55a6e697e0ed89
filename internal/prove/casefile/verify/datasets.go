package verify

import (
	"context"
	"encoding/json"
	"fmt"

	"augenmass/internal/govern/data/chain"
	"augenmass/internal/text"
)

// kindDataset is the kind of objects whose chain of signed steps is checked here
// (requirement 001-23).
const kindDataset = "dataset"

// readDataset verifies the steps of a data set among the objects: every signature
// with the organisation's seal, and each step's link to the one before. It says
// where the chain breaks; nothing: it holds.
func (p *pass) readDataset(ctx context.Context, o Object) text.Bi {
	var d struct {
		Steps []chain.Step `json:"steps"`
	}
	if err := json.Unmarshal(o.Doc, &d); err != nil {
		return text.Bi{DE: "Der Datensatz " + o.ID + " ist nicht lesbar.", EN: "The data set " + o.ID + " cannot be read."}
	}
	if b := chain.Check(ctx, p.seal, o.ID, d.Steps); b != nil {
		return text.Bi{DE: fmt.Sprintf("Die Kette des Datensatzes %s bricht in Schritt %d: %s", o.ID, b.Step, b.Say.DE),
			EN: fmt.Sprintf("The chain of the data set %s breaks at step %d: %s", o.ID, b.Step, b.Say.EN)}
	}
	p.rep.Checked.Steps += len(d.Steps)
	return text.Bi{}
}
