package oversee

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// desk is a queue over a real journal, store and vault, with a clock that
// stands still until it is set.
type desk struct {
	*Queue
	t       *testing.T
	ctx     context.Context
	journal *ledger.Journal
	vault   *vault.Vault
	db      *store.DB

	mu    sync.Mutex
	at    time.Time
	full  bool // the journal takes nothing
	calls []string
}

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func (d *desk) now() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.at }

func (d *desk) set(at time.Time) { d.mu.Lock(); defer d.mu.Unlock(); d.at = at }

// AppendEvent lets a test fill the disk under the journal.
func (d *desk) AppendEvent(ctx context.Context, e ledger.Event) (ledger.Receipt, error) {
	d.mu.Lock()
	full := d.full
	d.mu.Unlock()
	if full {
		return ledger.Receipt{}, problem.New(problem.Unavailable, "Die Platte ist voll.", "The disk is full.")
	}
	return d.journal.AppendEvent(ctx, e)
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	d := &desk{t: t, ctx: store.WithActor(context.Background(), store.Actor{Kind: store.System}), at: start}
	var err error
	if d.journal, err = ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "test/desk", PublishEvery: -1, SegmentBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	if d.vault, err = vault.Open(vault.Options{Dir: filepath.Join(dir, "vault"), MasterKey: bytes.Repeat([]byte{1}, 32)}); err != nil {
		t.Fatal(err)
	}
	if d.db, err = store.Open(d.ctx, store.Options{Path: filepath.Join(dir, "db"), Tables: Tables()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
		if err := d.journal.Close(); err != nil {
			t.Error(err)
		}
	})
	d.Queue = d.queue()
	return d
}

// queue opens a second queue over the same record, as a restart would.
func (d *desk) queue() *Queue {
	d.t.Helper()
	q, err := New(Options{
		Source: "/werk/oversee", DB: d.db, Journal: d, Vault: d.vault, Now: d.now,
		MayStop: func(_ context.Context, p Principal, _ string, lift bool) (string, bool) {
			for _, r := range p.Roles {
				if r == "safety" || r == "shift_lead" && !lift {
					return r, true
				}
			}
			return "", false
		},
		OnStop: func(_ context.Context, system string, stopped bool, by Principal) error {
			word := "resumed "
			if stopped {
				word = "stopped "
			}
			d.calls = append(d.calls, word+system+" by "+by.ID)
			return nil
		},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return q
}

func content() Content {
	return Content{V: ContentVersion, Features: []Feature{{Name: "torque"}}, Rows: [][]Value{{"41.5"}},
		Suggestion: []Tensor{{Name: "failure", Datatype: "INT64", Shape: []int64{1}, Data: []Value{"1"}}}, Hints: map[string]string{"flip": "x"},
		Explained: []Feature{{Name: "torque"}}, Explanation: [][]float64{{0.5}}, Input: []byte("in"), Output: []byte("out"),
		Answer: json.RawMessage(`{"model_name":"tool","outputs":[{"name":"failure"}]}`)}
}

// open escalates one inference, as the gateway does: content sealed, entry
// appended, shown.
func (d *desk) open(id string, edit func(*entry.Inference)) {
	d.t.Helper()
	raw, err := json.Marshal(content())
	if err != nil {
		d.t.Fatal(err)
	}
	ref, err := d.vault.Put(d.ctx, ContentSubject(id), raw)
	if err != nil {
		d.t.Fatal(err)
	}
	confidence := 0.6
	i := entry.Inference{V: 1, Decision: "dec_" + id, System: "sys_mill", Model: entry.Model{Name: "tool", Version: "1"}, Outcome: entry.Escalated,
		Caller: entry.Caller{ID: "wl_line", Kind: "workload"}, Reasons: []entry.Reason{{Code: entry.ConfidenceLow, Clauses: []string{"aia.art14.4.d"}}},
		Rows: 1, Confidence: &confidence, Plant: &entry.Plant{Zone: "mill", State: "running"}, Permit: entry.Permit{Number: "BE-1", Version: 1}, DecidedAt: d.now(),
		Case: &entry.Case{ID: id, Due: d.now().Add(15 * time.Minute), OnHold: "hold", Deciders: []string{"shift_lead", "safety"}, Content: sealed(ref), Suggested: true}}
	if edit != nil {
		edit(&i)
	}
	if err := i.Validate(); err != nil {
		d.t.Fatal(err)
	}
	e, err := ledger.NewEvent(i.Decision, "/werk/gateway", entry.TypeInference, i.System, d.now(), &i)
	if err != nil {
		d.t.Fatal(err)
	}
	at, err := d.journal.AppendEvent(d.ctx, e)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.Apply(d.ctx, at.Index, e); err != nil {
		d.t.Fatal(err)
	}
}

// events returns the entries of one type, newest last.
func (d *desk) events(typ string) []ledger.Event {
	d.t.Helper()
	var out []ledger.Event
	for r, err := range d.journal.Entries(d.ctx, 0, d.journal.Size()) {
		if err != nil {
			d.t.Fatal(err)
		}
		e, err := ledger.Decode(r.Entry)
		if err != nil {
			d.t.Fatal(err)
		}
		if e.Type == typ {
			out = append(out, e)
		}
	}
	return out
}

func (d *desk) lastDecision() entry.CaseDecision {
	d.t.Helper()
	all := d.events(entry.TypeDecided)
	if len(all) == 0 {
		d.t.Fatal("no decision in the journal")
	}
	c, err := entry.ParseCaseDecision(all[len(all)-1].Data)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

func (d *desk) state(id string) Case {
	d.t.Helper()
	c, err := d.Case(d.ctx, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

var (
	anna  = Principal{ID: "per_anna", Roles: []string{"worker", "shift_lead"}}
	bernd = Principal{ID: "per_bernd", Roles: []string{"safety"}}
	carla = Principal{ID: "per_carla", Roles: []string{"worker", "auditor"}}
)

const because = "Das Werkzeug ist neu, der Wert stimmt nicht."

// want holds an error against a kind and, if given, a reason or field.
func want(t *testing.T, err error, k problem.Kind, detail string) {
	t.Helper()
	if !problem.Is(err, k) {
		t.Fatalf("got %v, want %s", err, k)
	}
	p := problem.From(err)
	if !p.Say.Complete() {
		t.Errorf("no sentence: %v", err)
	}
	if detail != "" && !strings.Contains(p.Error(), detail+":") {
		t.Errorf("%v does not name %s", err, detail)
	}
}
