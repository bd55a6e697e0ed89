package casefile_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/data/chain"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger"
)

// dataset journals a data set with signed steps and gives it to the case; spoil
// changes it before that.
func (w *works) dataset(id string, spoil func([]chain.Step) []chain.Step) {
	w.t.Helper()
	v, err := note.NewVerifier(w.src.SealKey)
	if err != nil {
		w.t.Fatal(err)
	}
	var steps []chain.Step
	for i, act := range []chain.Act{chain.Acquire, chain.Clean, chain.Delete} {
		s, err := chain.Sign(context.Background(), w.src.Seal, v, id, steps, chain.Step{Act: act, At: start.AddDate(0, 0, i), Note: "Vermerk", Hash: strings.Repeat("0a", 32), Recorded: start})
		if err != nil {
			w.t.Fatal(err)
		}
		steps = append(steps, s)
	}
	raw, err := json.Marshal(map[string]any{"name": "Sensordaten", "steps": spoil(steps)})
	if err == nil {
		raw, err = ledger.Canonical(raw)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	w.add("augenmass.object.created", id, map[string]any{"kind": "dataset", "id": id, "revision": 1, "hash": "sha256:" + hex.EncodeToString(sum[:])})
	w.src.Objects["dataset"] = append(w.src.Objects["dataset"], verify.Object{Kind: "dataset", ID: id, Revision: 1, Doc: raw})
}

// 001-23: the signed steps of data sets are verified without the server, also
// where somebody who holds the record changed one and had it journaled.
func TestChainsOfDataSets(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func([]chain.Step) []chain.Step
		say   string
	}{
		"whole":           {func(s []chain.Step) []chain.Step { return s }, ""},
		"a changed note":  {func(s []chain.Step) []chain.Step { s[1].Note = "anders"; return s }, "dts_1 breaks at step 2"},
		"a missing step":  {func(s []chain.Step) []chain.Step { return append(s[:1], s[2]) }, "dts_1 breaks at step 2"},
		"no signature":    {func(s []chain.Step) []chain.Step { s[0].Envelope = ""; return s }, "dts_1 breaks at step 1"},
		"another's steps": {func(s []chain.Step) []chain.Step { s[0].Hash = strings.Repeat("ff", 32); return s }, "dts_1 breaks at step 1"},
	} {
		w := newWorks(t)
		w.decisions(3)
		w.dataset("dts_1", c.spoil)
		b, _ := w.write(casefile.Period{})
		rep := check(t, b, verify.Options{})
		switch {
		case c.say == "" && (!rep.OK || rep.Checked.Steps != 3 || !strings.Contains(rep.Text("en"), "3 steps of data sets")):
			t.Errorf("%s: %+v %s", name, rep.Break, rep.Text("en"))
		case c.say != "" && (rep.OK || rep.Break == nil || !strings.Contains(rep.Break.Reason.EN, c.say)):
			t.Errorf("%s: %+v", name, rep.Break)
		}
	}
}
