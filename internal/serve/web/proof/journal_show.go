package proof

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// entryView is what the page of one entry shows.
type entryView struct {
	Mark    *ui.Mark
	Gist    string
	Facts   []ui.Fact
	Data    []ui.Fact
	Hashes  []ui.Fact
	Reasons []reason
	JSON    []line
	Proof   proofView
	Around  []ui.LinkView // the entries before and after
}

// line is one line of a text with its indentation.
type line struct {
	Indent int
	Text   string
}

// proofView is the inclusion proof as it was computed and checked for this page.
type proofView struct {
	Mark       ui.Mark
	Says       string
	Facts      []ui.Fact
	Hashes     []ui.Fact
	Path       []string // hashes from the leaf's neighbour up to the root
	Checkpoint []line
	Take       []ui.LinkView
}

// entryOf reads the entry of the address. Everything that is no number of an
// entry is not found.
func entryOf(r *page.Request) (index uint64, raw []byte, err error) {
	if err := must(r, store.Read, "journal"); err != nil {
		return 0, nil, err
	}
	index, ok := number(r.Param("index"))
	if !ok {
		return 0, nil, problem.New(problem.NotFound, "Das ist keine Nummer eines Eintrags.", "This is no number of an entry.").
			WithHint("Nummern zählen von 0 an und haben nur Ziffern.", "Numbers count from 0 and have digits only.")
	}
	raw, err = r.Org.Journal.Entry(r.Context(), index)
	return index, raw, err
}

// journalShow is one entry: in words, as JSON, and with its proof.
func journalShow(r *page.Request) error {
	index, raw, err := entryOf(r)
	if err != nil {
		return err
	}
	e, err := ledger.Decode(raw)
	if err != nil {
		return err
	}
	c := r.C
	names, err := show.Names(r.Context(), r.Org.DB, ids(e)...)
	if err != nil {
		return err
	}
	v := entryView{Reasons: reasonsOf(c, r.Org.Packs, e), JSON: pretty(raw)}
	v.Data, v.Hashes = facts(c, names, e)
	v.Mark, v.Gist = gist(c, index, e)
	subject := ui.Fact{Term: c.T("proof.subject"), Text: e.Subject, Href: objects.Href(c, e.Subject), Mono: true}
	if name := names[e.Subject]; name != "" {
		subject.Text, subject.Mono = name, false
	}
	v.Facts = []ui.Fact{{Term: c.T("proof.type"), Text: typeWord(c, e.Type)}, {Term: c.T("proof.time"), Text: c.Date(e.Time) + ", " + c.Millis(e.Time)}, subject,
		{Term: c.T("proof.source"), Text: e.Source, Mono: true}}
	v.Hashes = append(v.Hashes, ui.Fact{Term: c.T("proof.id"), Text: e.ID})
	if v.Proof, err = prove(r, index, raw); err != nil {
		return err
	}
	if index > 0 {
		v.Around = append(v.Around, ui.LinkView{Text: c.T("proof.before", "index", show.Index(c, index-1)), Href: show.EntryHref(c, index-1)})
	}
	if index+1 < r.Org.Journal.Size() {
		v.Around = append(v.Around, ui.LinkView{Text: c.T("proof.after", "index", show.Index(c, index+1)), Href: show.EntryHref(c, index+1)})
	}
	crumbs := []ui.LinkView{{Text: c.T("area.proof"), Href: c.URL("proof")}, {Text: c.T("proof.journal"), Href: c.URL("proof", "journal")}}
	return r.Show(ui.PageView{Title: c.T("proof.entry", "index", show.Index(c, index)), Crumbs: crumbs}, entryBody(c, v))
}

// prove makes the proof file of an entry, reads it back and checks it with the
// code of the offline verifier. That it holds is a result, not an assumption: if
// it does not, the page says so and shows what there is.
func prove(r *page.Request, index uint64, raw []byte) (proofView, error) {
	c, j := r.C, r.Org.Journal
	file, err := j.ProofFile(r.Context(), index)
	if err != nil {
		return proofView{}, err
	}
	f, err := proof.ParseFile(file)
	if err != nil {
		return proofView{}, err
	}
	leaf := tlog.RecordHash(raw)
	cp, bad := f.Check(raw, j.VerifierKey())
	v := proofView{Mark: ui.Mark{Kind: ui.OK, Word: c.T("proof.holds")}, Checkpoint: lines(string(f.Checkpoint)),
		Take: []ui.LinkView{{Text: c.T("proof.take.proof"), Href: show.EntryHref(c, index) + "/proof"}, {Text: c.T("proof.take.entry"), Href: show.EntryHref(c, index) + "/entry"},
			{Text: c.T("proof.take.checkpoint"), Href: c.URL("proof", "checkpoint")}}}
	v.Says = c.T("proof.holds.says", "n", len(f.Proof))
	v.Facts = []ui.Fact{{Term: c.T("proof.position"), Text: c.T("proof.position.of", "n", index, "of", cp.Size)}, {Term: c.T("proof.steps"), Text: c.Int(len(f.Proof))}}
	v.Hashes = []ui.Fact{{Term: c.T("proof.leaf"), Text: hex.EncodeToString(leaf[:])}, {Term: c.T("proof.root"), Text: hex.EncodeToString(cp.Root[:])}, {Term: c.T("proof.key"), Text: j.VerifierKey()}}
	if bad != nil {
		v.Mark, v.Says = ui.Mark{Kind: ui.Stop, Word: c.T("proof.fails")}, c.In(problem.From(bad).Say)
		v.Facts, v.Hashes = nil, v.Hashes[:1]
	}
	for _, h := range f.Proof {
		v.Path = append(v.Path, h.String())
	}
	return v, nil
}

// pretty lays JSON out in lines.
func pretty(raw []byte) []line {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "\t"); err != nil {
		return lines(string(raw))
	}
	return lines(b.String())
}

func lines(s string) []line {
	var out []line
	for one := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		text := strings.TrimLeft(one, "\t")
		out = append(out, line{Indent: len(one) - len(text), Text: text})
	}
	return out
}

// take answers with a file to keep.
func take(r *page.Request, name, kind string, data []byte) error {
	h := r.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	if _, err := r.W.Write(data); err != nil {
		r.Log.Info("a download ended early", "file", name, "err", err)
	}
	return nil
}

// proofTake hands out the proof of one entry (C2SP tlog-proof).
func proofTake(r *page.Request) error {
	index, _, err := entryOf(r)
	if err != nil {
		return err
	}
	file, err := r.Org.Journal.ProofFile(r.Context(), index)
	if err != nil {
		return err
	}
	return take(r, r.Org.Slug+"-"+r.Param("index")+".tlog-proof", "text/plain; charset=utf-8", file)
}

// entryTake hands out the entry itself, byte for byte: what the leaf hash is of.
func entryTake(r *page.Request) error {
	_, raw, err := entryOf(r)
	if err != nil {
		return err
	}
	return take(r, r.Org.Slug+"-"+r.Param("index")+".json", "application/cloudevents+json", raw)
}

// checkpointTake hands out the last published checkpoint (C2SP tlog-checkpoint),
// for who keeps one to compare later.
func checkpointTake(r *page.Request) error {
	if err := must(r, store.Read, "journal"); err != nil {
		return err
	}
	note, size := r.Org.Journal.Checkpoint()
	return take(r, r.Org.Slug+"-"+strconv.FormatUint(size, 10)+".checkpoint", "text/plain; charset=utf-8", note)
}
