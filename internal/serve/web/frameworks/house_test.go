package frameworks_test

import (
	"fmt"
	"io/fs"
	"testing"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/frameworks"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/selfcheck"
	"augenmass/internal/serve/web/show/showtest"
)

// house is an organisation with the pages of the area, those of evidence and a
// frame: a page that asks nothing of its own, to subtract what every page costs.
func house(t testing.TB) *showtest.House {
	return showtest.Open(t, []fs.FS{account.Texts, duties.Texts, evidence.Texts, frameworks.Texts, objects.Texts, proof.Texts, selfcheck.Texts}, account.Routes(), duties.Routes(), evidence.Routes(), frameworks.Routes(), proof.Routes(), selfcheck.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

// said records what the AI officer says about a requirement.
func said(t testing.TB, h *showtest.House, rec control.Record) store.Object[control.Record] {
	t.Helper()
	o, err := h.Org.Controls.Put(h.As("ai_officer"), 0, rec)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// filed files evidence for clauses, as the AI officer does.
func filed(t testing.TB, h *showtest.House, name string, typ control.EvidenceType, expires time.Time, clauses ...string) store.Object[control.Evidence] {
	t.Helper()
	o, err := h.Org.Controls.PutEvidence(h.As("ai_officer"), "", 0, control.Evidence{Name: name, Type: typ, Date: showtest.Start.AddDate(-1, 0, 0), Expires: expires, Link: "Ordner 7", Clauses: clauses})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// many files n evidence objects at once, spread over the requirements of a
// framework.
func many(t testing.TB, h *showtest.House, fw string, n int) {
	t.Helper()
	f := framework(t, h, fw)
	items := f.Items()
	docs := make([]control.Evidence, n)
	for i := range docs {
		it := items[i%len(items)]
		docs[i] = control.Evidence{Name: fmt.Sprintf("Nachweis %04d", i), Type: control.EvidenceType(it.Evidence[i/len(items)%len(it.Evidence)]), Date: showtest.Start.AddDate(0, -1, 0), Link: "Ordner 7", Clauses: []string{it.Clause}}
	}
	ctx := h.As("ai_officer")
	for from := 0; from < n; from += 500 {
		h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := h.Org.Controls.Evidences.CreateMany(ctx, tx, docs[from:min(from+500, n)])
			return err
		}))
	}
}

// statedAll says something about every requirement of a framework.
func statedAll(t testing.TB, h *showtest.House, fw string) {
	t.Helper()
	f := framework(t, h, fw)
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		var docs []control.Record
		for i, it := range f.Items() {
			status := []control.Status{control.Met, control.Partly, control.InProgress, control.NotMet}[i%4]
			docs = append(docs, control.Record{Key: control.KeyOf(fw, it.Clause), Framework: fw, Clause: it.Clause, Status: status, Applicable: control.Yes,
				Reason: "Wir setzen KI in der Fertigung ein.", Implementation: "Der Ablauf steht im Handbuch.", Responsible: "ai_officer", Version: f.Version, AsOf: showtest.Start})
		}
		_, err := h.Org.Controls.Controls.CreateMany(ctx, tx, docs)
		return err
	}))
}

func framework(t testing.TB, h *showtest.House, id string) packs.Framework {
	t.Helper()
	fw, ok := h.Org.Library().Framework(id)
	if !ok {
		t.Fatalf("no framework %s", id)
	}
	return fw
}

// cost is how many queries a page asks beyond the frame.
func cost(t testing.TB, c *showtest.Client, path string) int64 {
	t.Helper()
	c.Get("/frame")
	base := c.Get("/frame").Queries
	p := c.Get(path)
	if p.Status != 200 {
		t.Fatalf("%s answers %d", path, p.Status)
	}
	return p.Queries - base
}
