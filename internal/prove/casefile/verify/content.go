package verify

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/approve/signed"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity/passkey/event"
	"augenmass/internal/permit"
	"augenmass/internal/prove/conform"
	ledger "augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/proof"
)

// Checks is the content of checks.json: what the requirements of a catalogue
// measured, recomputed by the verifier from the journal in the case.
type Checks struct {
	Requirements []Requirement `json:"requirements"`
}

// Requirement is one measured requirement of a catalogue.
type Requirement struct {
	ID      string           `json:"id"`
	Ref     string           `json:"ref"`
	Status  conform.Status   `json:"status"`
	Results []conform.Result `json:"results"`
}

// Object is one line of objects/<kind>.jsonl.
type Object struct {
	Kind     string          `json:"kind"`
	ID       string          `json:"id"`
	Revision int64           `json:"revision"`
	Doc      json.RawMessage `json:"doc"`
}

// stored is an object or a permit of the case waiting for its journal entry.
type stored struct {
	file string
	hash string
	seen bool
}

// unseen returns the name of the first that waits in vain; empty if none does.
func unseen(all map[string]*stored) string {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !all[name].seen {
			return name
		}
	}
	return ""
}

// pass is one walk over the journal of a case.
type pass struct {
	rep       *Report
	size      uint64 // of the journal
	seal      note.Verifier
	sealKey   string
	announced bool
	objects   map[string]*stored // kind/id@revision
	permits   map[string]*stored // system
	checks    *conform.Run
	tiles     *proof.Tiles
	chain     proof.Chain // of the keys that signed the journal
	signed    *signatures
}

// checkContent verifies journal, proofs, permits, objects and checks.
func checkContent(ctx context.Context, fsys fs.FS, rep *Report, m Manifest, seal note.Verifier, o Options) error {
	journal, err := fs.Sub(fsys, JournalFolder)
	if err != nil {
		return err
	}
	msg, err := fs.ReadFile(journal, proof.CheckpointFile)
	if err != nil {
		rep.fail(JournalFolder+"/"+proof.CheckpointFile, -1, "Die Datei fehlt.", "The file is missing.")
		return nil
	}
	cp, err := proof.ParseCheckpoint(msg, m.JournalKey)
	if err != nil {
		rep.failErr(JournalFolder, err)
		return nil
	}
	if cp.Size != m.Size || cp.Root.String() != m.Root || cp.Origin != m.Origin {
		rep.fail(ManifestFile, -1, "Verzeichnis und Prüfpunkt nennen nicht dasselbe Journal.", "Manifest and checkpoint do not name the same journal.")
		return nil
	}
	rep.Size, rep.Root = cp.Size, cp.Root.String()

	want, ok := readChecks(fsys, rep)
	if !ok {
		return nil
	}
	p := &pass{rep: rep, size: cp.Size, seal: seal, sealKey: m.SealKey, signed: newSignatures()}
	if !p.signed.readPasskeys(fsys, rep, m) {
		return nil
	}
	if p.objects, ok = p.readObjects(ctx, fsys, m); !ok {
		return nil
	}
	if p.permits, ok = readPermits(fsys, rep, m, seal); !ok {
		return nil
	}
	specs, ok := specsOf(want, rep, m)
	if !ok {
		return nil
	}
	if p.checks, err = conform.Start(specs); err != nil {
		rep.fail(ChecksFile, -1, "Eine Messung ist dem Prüfprogramm nicht bekannt.", "A check is not known to this verifier.")
		return nil
	}
	tiles := proof.NewTiles(journal, cp)
	p.tiles = tiles
	if err := p.walk(ctx, tiles); err != nil {
		return err
	}
	if rep.Break == nil {
		p.keys(m, o)
	}
	if rep.Break == nil {
		p.conclude(want)
	}
	if rep.Break == nil {
		checkProofs(fsys, rep, m, tiles)
	}
	return nil
}

// specsOf collects what the case measured. Every check ends where the period
// of the case ends, and none looks back behind its beginning.
func specsOf(want Checks, rep *Report, m Manifest) ([]conform.Spec, bool) {
	var specs []conform.Spec
	for _, r := range want.Requirements {
		for _, res := range r.Results {
			if !res.Spec.To.Equal(m.To) || res.Spec.From.Before(m.From) {
				rep.fail(ChecksFile, -1, "Die Messung zu "+r.Ref+" betrifft einen anderen Zeitraum als die Akte.",
					"The check of "+r.Ref+" is about another period than the case.")
				return nil, false
			}
			specs = append(specs, res.Spec)
		}
	}
	return specs, true
}

// walk sees every entry of the journal in order.
func (p *pass) walk(ctx context.Context, tiles *proof.Tiles) error {
	for rec, err := range tiles.Entries(ctx, 0, tiles.Checkpoint().Size) {
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.rep.failErr(JournalFolder, err)
			return nil
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			p.rep.fail(p.bundle(rec.Index), int64(rec.Index), "Der Eintrag ist kein Ereignis in der vereinbarten Form.", "The entry is not an event in the agreed form.")
			return nil
		}
		if p.see(rec.Index, e); p.rep.Break != nil {
			return nil
		}
		p.checks.See(rec.Index, e)
		p.rep.Checked.Entries++
	}
	return nil
}

// bundle is the file that holds an entry.
func (p *pass) bundle(index uint64) string {
	n := index / proof.Width
	return JournalFolder + "/" + proof.EntriesPath(n, int(min(proof.Width, p.size-n*proof.Width)))
}

// see verifies what one entry claims and counts it.
func (p *pass) see(index uint64, e ledger.Event) {
	c := &p.rep.Checked
	switch e.Type {
	case proof.TypeKeyChanged, proof.TypeSucceeded:
		if err := p.chain.See(index, e.Type, e.Data, p.tiles); err != nil {
			p.rep.failErr(JournalFolder, err)
			p.rep.Break.File = p.bundle(index)
		}
	case TypeKey:
		var k KeyEntry
		if json.Unmarshal(e.Data, &k) == nil && k.Use == KeyUse && k.VKey == p.sealKey {
			p.announced = true
		}
	case permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored:
		var pe permit.Entry
		if err := json.Unmarshal(e.Data, &pe); err != nil || !signedPermit(p.seal, pe) {
			p.rep.fail(p.bundle(index), int64(index), "Die Unterschrift der Betriebserlaubnis hält nicht.", "The signature of the permit does not hold.")
			return
		}
		if f, ok := p.permits[pe.Permit.System]; ok && f.hash == hashOf(pe.Permit.Canonical()) {
			f.seen = true
		}
		c.Permits++
	case event.TypeAdded, event.TypeRevoked:
		p.seeKey(index, e)
	case signed.TypeGiven:
		p.seeApproval(index, e)
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		if err != nil {
			p.rep.fail(p.bundle(index), int64(index), "Der Eintrag eines KI-Ergebnisses hat nicht die vereinbarte Form.", "The entry of an inference is not in the agreed form.")
			return
		}
		c.Decisions++
		switch i.Outcome {
		case entry.Released:
			c.Released++
		case entry.Escalated:
			c.Escalated++
		case entry.Denied:
			c.Denied++
		}
	case entry.TypeDecided:
		if d, err := entry.ParseCaseDecision(e.Data); err == nil && d.Verdict != entry.Second && !d.Late {
			c.CasesClosed++
		}
	case entry.TypeAccess:
		c.Accesses++
	default:
		p.object(e)
	}
}

// keys ends the chain of keys: the last one signed the checkpoint, and the one
// that the reader knows, if any, is among them.
func (p *pass) keys(m Manifest, o Options) {
	keys, err := p.chain.Keys(m.JournalKey)
	if err != nil {
		p.rep.failErr(JournalFolder, err)
		return
	}
	known := o.JournalKey == ""
	for _, k := range keys {
		p.rep.JournalKeys = append(p.rep.JournalKeys, k.VKey)
		known = known || k.VKey == o.JournalKey
	}
	if !known {
		p.rep.fail(JournalFolder+"/"+proof.CheckpointFile, -1, "Keiner der Schlüssel, die das Journal unterschrieben haben, ist der angegebene.",
			"None of the keys that signed the journal is the one that was given.")
	}
}

// object matches an object's journal entry with the object in the case.
func (p *pass) object(e ledger.Event) {
	if !strings.HasPrefix(e.Type, "augenmass.object.") {
		return
	}
	var d struct {
		Kind     string `json:"kind"`
		ID       string `json:"id"`
		Revision int64  `json:"revision"`
		Hash     string `json:"hash"`
	}
	if json.Unmarshal(e.Data, &d) != nil {
		return
	}
	if o, ok := p.objects[key(d.Kind, d.ID, d.Revision)]; ok && o.hash == d.Hash {
		o.seen = true
	}
}

func key(kind, id string, revision int64) string {
	return kind + "/" + id + "@" + strconv.FormatInt(revision, 10)
}

func hashOf(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// signedPermit verifies the signature of a permit.
func signedPermit(v note.Verifier, e permit.Entry) bool {
	sig, err := base64.StdEncoding.Strict().DecodeString(e.Signature)
	return err == nil && e.Key == v.Name() && v.Verify(e.Permit.Canonical(), sig)
}

// conclude compares what the case claims with what the journal yields.
func (p *pass) conclude(want Checks) {
	if !p.announced {
		p.rep.fail(ManifestFile, -1, "Das Journal kennt den Schlüssel nicht, der die Akte versiegelt.", "The journal does not know the key that seals the case.")
		return
	}
	if name := unseen(p.objects); name != "" {
		p.rep.fail(p.objects[name].file, -1, "Das Objekt "+name+" steht so nicht im Journal.", "The object "+name+" does not stand in the journal like this.")
		return
	}
	p.rep.Checked.Objects = len(p.objects)
	if name := unseen(p.permits); name != "" {
		p.rep.fail(p.permits[name].file, -1, "Die Betriebserlaubnis von "+name+" steht so nicht im Journal.", "The permit of "+name+" does not stand in the journal like this.")
		return
	}
	if p.signed.conclude(p.rep); p.rep.Break != nil {
		return
	}
	got := p.checks.Results()
	p.rep.Results = got
	at := 0
	for _, r := range want.Requirements {
		mine := got[at : at+len(r.Results)]
		at += len(r.Results)
		a, errA := json.Marshal(mine)
		b, errB := json.Marshal(r.Results)
		if errA != nil || errB != nil || !bytes.Equal(a, b) || conform.Join(mine) != r.Status {
			p.rep.fail(ChecksFile, -1, "Die Messung zu "+r.Ref+" ergibt aus dem Journal etwas anderes.", "The check of "+r.Ref+" yields something else from the journal.")
			return
		}
		p.rep.Checked.Checks += len(mine)
	}
}

func readChecks(fsys fs.FS, rep *Report) (Checks, bool) {
	var c Checks
	raw, err := fs.ReadFile(fsys, ChecksFile)
	if err != nil {
		rep.fail(ChecksFile, -1, "Die Datei fehlt.", "The file is missing.")
		return c, false
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		rep.fail(ChecksFile, -1, "Die Datei ist nicht lesbar.", "The file cannot be read.")
		return c, false
	}
	return c, true
}

// readObjects reads the objects of the case and the hash that their journal
// entry must carry: SHA-256 over the canonical document.
func (p *pass) readObjects(ctx context.Context, fsys fs.FS, m Manifest) (map[string]*stored, bool) {
	all, rep := map[string]*stored{}, p.rep
	for _, file := range m.paths(ObjectFolder) {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			rep.fail(file, -1, "Die Datei fehlt.", "The file is missing.")
			return nil, false
		}
		s := bufio.NewScanner(bytes.NewReader(raw))
		s.Buffer(make([]byte, 64<<10), 16<<20)
		for s.Scan() {
			var o Object
			canonical, err := []byte(nil), json.Unmarshal(s.Bytes(), &o)
			if err == nil {
				canonical, err = ledger.Canonical(o.Doc)
			}
			name := key(o.Kind, o.ID, o.Revision)
			if err != nil || path.Base(file) != o.Kind+".jsonl" || all[name] != nil {
				rep.fail(file, -1, "Eine Zeile ist nicht lesbar, doppelt oder am falschen Ort.", "A line cannot be read, is repeated, or in the wrong place.")
				return nil, false
			}
			if o.Kind == kindApproval && !p.signed.readApproval(o, p.seal) {
				rep.fail(file, -1, "Die Unterschrift der Organisation unter der Freigabe "+o.ID+" hält nicht.",
					"The organisation's signature under the approval "+o.ID+" does not hold.")
				return nil, false
			}
			if o.Kind == kindDataset {
				if say := p.readDataset(ctx, o); !say.IsZero() {
					rep.fail(file, -1, say.DE, say.EN)
					return nil, false
				}
			}
			all[name] = &stored{file: file, hash: hashOf(canonical)}
		}
		if s.Err() != nil {
			rep.fail(file, -1, "Eine Zeile ist zu lang.", "A line is too long.")
			return nil, false
		}
	}
	return all, true
}

// checkProofs verifies the self-contained inclusion proofs of the case.
func checkProofs(fsys fs.FS, rep *Report, m Manifest, tiles *proof.Tiles) {
	for _, file := range m.paths(ProofFolder) {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			rep.fail(file, -1, "Die Datei fehlt.", "The file is missing.")
			return
		}
		f, err := proof.ParseFile(raw)
		if err != nil {
			rep.fail(file, -1, "Der Nachweis ist nicht lesbar.", "The proof cannot be read.")
			return
		}
		if path.Base(file) != fmt.Sprintf("%d.tlog-proof", f.Index) || f.Index >= tiles.Checkpoint().Size {
			rep.fail(file, int64(f.Index), "Der Nachweis gehört zu einem anderen Eintrag.", "The proof belongs to another entry.")
			return
		}
		e, err := tiles.Entry(f.Index)
		if err != nil {
			rep.failErr(JournalFolder, err)
			return
		}
		if _, err := f.Check(e, m.JournalKey); err != nil {
			rep.fail(file, int64(f.Index), "Der Einschlussnachweis passt nicht zu Eintrag und Prüfpunkt.", "The inclusion proof does not fit entry and checkpoint.")
			return
		}
		rep.Checked.Proofs++
	}
}

// readPermits reads and verifies the permits that lie in the case for readers.
func readPermits(fsys fs.FS, rep *Report, m Manifest, seal note.Verifier) (map[string]*stored, bool) {
	all := map[string]*stored{}
	for _, file := range m.paths(PermitFolder) {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			rep.fail(file, -1, "Die Datei fehlt.", "The file is missing.")
			return nil, false
		}
		var e permit.Entry
		if err := json.Unmarshal(raw, &e); err != nil || !signedPermit(seal, e) {
			rep.fail(file, -1, "Die Unterschrift der Betriebserlaubnis hält nicht.", "The signature of the permit does not hold.")
			return nil, false
		}
		if path.Base(file) != e.Permit.System+".json" {
			rep.fail(file, -1, "Die Betriebserlaubnis gehört zu einem anderen System.", "The permit belongs to another system.")
			return nil, false
		}
		all[e.Permit.System] = &stored{file: file, hash: hashOf(e.Permit.Canonical())}
	}
	return all, true
}
