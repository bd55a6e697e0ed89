package move_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/org/move"
	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/store/pgtest"
	"augenmass/internal/record/store/relocate"
	"augenmass/internal/record/vault"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

var packsOnce = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

func library(t testing.TB) *packs.Library {
	t.Helper()
	lib, err := packsOnce()
	must(t, err)
	return lib
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, o org.Options) *org.Org {
	t.Helper()
	o.Library, o.Now, o.Hash = library(t), func() time.Time { return noon }, secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}
	g, err := org.Open(context.Background(), o)
	must(t, err)
	return g
}

// works is what a small organisation holds and what must be found again.
type works struct {
	slug       string
	people     map[string]store.Actor
	system     string
	permit     string // its hash
	kept, gone vault.Ref
	entries    uint64
	name, seal string
}

func (w *works) as(role string) context.Context {
	if role == "" {
		return store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
	}
	return store.WithActor(context.Background(), w.people[role])
}

// newWorks makes an organisation with people, an approved system, history, and
// a vault with content kept and content erased; it is closed when it returns.
func newWorks(t testing.TB, o org.Options) *works {
	t.Helper()
	w := &works{slug: o.Slug, people: map[string]store.Actor{}}
	o.Name = "Werk Grünberg"
	g := open(t, o)
	for _, r := range roles.All() {
		p, err := g.Identity.AddPerson(w.as(""), identity.Person{SignIn: string(r.Role), Name: r.Title.DE, Roles: []roles.Role{r.Role}, Active: true}, "drei-blaue-Schraubstoecke", false)
		must(t, err)
		w.people[string(r.Role)] = store.Actor{ID: p.ID, Kind: identity.KindPerson, Roles: []string{string(r.Role)}}
	}
	bi := func(s string) text.Bi { return text.Bi{DE: s, EN: s} }
	ctx := w.as("ai_officer")
	must(t, g.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := g.Inventory.Systems.Create(inventory.TakeOver(ctx), tx, inventory.System{Name: "Fräse", Purpose: bi("Wartung"), Use: bi("Vorschlag"), Origin: "procured",
			Scope: []inventory.Scope{"production"}, RoleOfAI: "service", RiskOwner: w.people["shift_lead"].ID, LifeCycle: inventory.Operation, Zones: []string{"halle"},
			ReviewBy: noon.AddDate(0, 0, 30), Oversee: inventory.Oversee{Mode: "on_the_loop", Decider: bi("Schicht"), DeciderRole: "shift_lead", OnHold: "hold"}})
		w.system = s.ID
		return err
	}))
	must(t, g.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := g.Inventory.Models.Create(ctx, tx, inventory.Model{System: w.system, Name: "wear", Version: "1", Endpoint: "http://127.0.0.1:1",
			Card:    inventory.Card{Purpose: bi("Verschleiß"), Data: bi("eigene"), Limits: bi("hier"), Metrics: []inventory.Metric{{Name: "AUC", Value: 0.9}}},
			Reading: inventory.Reading{Inputs: []inventory.Tensor{{Name: "torque", Datatype: "FP64", Shape: []int64{-1}}}, Features: []inventory.Feature{{Name: "torque"}}, StandIns: []string{"safety"}}})
		return err
	}))
	_, err := g.Assess.Put(ctx, w.system, assess.Identification, 0, governtest.Clear())
	must(t, err)
	_, err = g.Classify.Put(ctx, w.system, 0, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()})
	must(t, err)
	for _, role := range []string{"director", "safety"} {
		d, err := g.Approve.Read(w.as(role), g.DB, w.system)
		must(t, err)
		hash, err := d.Hash()
		must(t, err)
		if _, err = g.Approve.Give(w.as(role), w.system, role, hash, "", "password"); !problem.Is(err, problem.Conflict) {
			must(t, err)
		}
	}
	w.permit = permit(t, g, w.system)
	w.use(t, g, "vorher")
	w.kept, err = g.Vault.Put(ctx, "usr_a", []byte("bleibt"))
	must(t, err)
	w.gone, err = g.Vault.Put(ctx, "usr_b", []byte("geht"))
	must(t, err)
	must(t, g.Vault.Erase(ctx, "usr_b"))
	w.name, w.seal = g.Name, g.SealKey
	must(t, g.Close())
	return w
}

// use writes an object; its entry reaches the journal by the outbox.
func (w *works) use(t testing.TB, g *org.Org, name string) {
	t.Helper()
	ctx := w.as("ai_officer")
	must(t, g.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := g.UseCases.Create(ctx, tx, value.UseCase{Name: name})
		return err
	}))
}

func permit(t testing.TB, g *org.Org, system string) string {
	t.Helper()
	p, ok := g.Point.Permit(system)
	if !ok || p.State != "valid" {
		t.Fatalf("the permit is %q: %v", p.State, p.Lapses)
	}
	return fmt.Sprint(p.Number, " ", p.Version, " ", p.FactsHash)
}

// check opens a moved organisation as its server would and looks for all of it.
func (w *works) check(t testing.TB, o org.Options, done move.Done) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	g := open(t, o)
	defer func() { must(t, g.Close()) }()
	if g.Name != w.name || g.SealKey != w.seal || done.Name != w.name {
		t.Errorf("name %q, seal key %q", g.Name, g.SealKey)
	}
	if got := permit(t, g, w.system); got != w.permit {
		t.Errorf("the permit is %q, was %q", got, w.permit)
	}
	if got, err := g.Vault.Get(ctx, w.kept.ID); err != nil || string(got) != "bleibt" {
		t.Errorf("from the vault: %q, %v", got, err)
	}
	if _, err := g.Vault.Get(ctx, w.gone.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("what was erased: %v", err)
	}
	must(t, g.Vault.Check(ctx))
	if _, _, err := g.Identity.SignIn(ctx, identity.Attempt{Name: "director", Password: "drei-blaue-Schraubstoecke"}); err != nil {
		t.Errorf("signing in: %v", err)
	}
	// The journal goes on from the same tree.
	w.use(t, g, "nachher")
	must(t, g.Journal.Wait(ctx, done.Entries+1))
	msg, err := g.Journal.Publish(ctx)
	must(t, err)
	cp, err := proof.ParseCheckpoint(msg, done.Key)
	must(t, err)
	if cp.Size <= done.Entries {
		t.Errorf("the journal has %d entries, had %d", cp.Size, done.Entries)
	}
	for _, at := range []uint64{0, done.Entries - 1} {
		raw, err := g.Journal.ProofFile(ctx, at)
		must(t, err)
		f, err := proof.ParseFile(raw)
		must(t, err)
		entry, err := g.Journal.Entry(ctx, at)
		must(t, err)
		if _, err := f.Check(entry, done.Key); err != nil {
			t.Errorf("entry %d: %v", at, err)
		}
	}
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := database(t)
	w, dir := inFolder(t)
	lib := library(t)
	before := files(t, dir)

	into, err := move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Dir: dir}, To: move.Place{Database: url}, Library: lib})
	must(t, err)
	if into.Entries == 0 || into.Blobs < 4 || into.Origin != "augenmass/"+w.slug {
		t.Errorf("moved %+v", into)
	}
	master := filepath.Join(dir, "keys", "master.key")
	// Straight back: the same hashes, and keys in files again.
	back := filepath.Join(t.TempDir(), "data", w.slug)
	out, err := move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Database: url}, To: move.Place{Dir: back}, Library: lib, MasterKeyFile: master})
	must(t, err)
	if out.Proof != into.Proof {
		t.Errorf("there %+v\nback  %+v", into.Proof, out.Proof)
	}
	after := files(t, back)
	for name, content := range before {
		if keep := strings.HasPrefix(name, "keys/") || strings.HasPrefix(name, "vault/") || name == "org.json"; keep && after[name] != content {
			t.Errorf("%s is another after the round trip", name)
		}
	}
	if _, err := os.Stat(out.MasterKey); err != nil {
		t.Errorf("the master key: %v", err)
	}
	w.check(t, org.Options{Dir: back, Slug: w.slug}, out)
	w.check(t, org.Options{Database: url, Slug: w.slug, MasterKeyFile: master}, into)
	// What was written in the database comes along.
	third := filepath.Join(t.TempDir(), w.slug)
	last, err := move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Database: url}, To: move.Place{Dir: third}, Library: lib, MasterKeyFile: master})
	must(t, err)
	if last.Entries <= into.Entries || last.Objects == into.Objects || last.Vault != into.Vault {
		t.Errorf("after work in the database: %+v", last)
	}
	w.check(t, org.Options{Dir: third, Slug: w.slug}, last)
}

// slug names the organisation of all tests here, and its schema.
const slug = "umzug"

// made is the organisation in a folder that every test gets a copy of.
var made struct {
	sync.Once
	*works
	root string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if made.root != "" {
		if err := os.RemoveAll(made.root); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// inFolder returns an organisation in a folder of the test's own.
func inFolder(t testing.TB) (*works, string) {
	t.Helper()
	made.Do(func() {
		var err error
		made.root, err = os.MkdirTemp("", "move-*")
		must(t, err)
		made.works = newWorks(t, org.Options{Dir: filepath.Join(made.root, slug), Slug: slug})
	})
	dir := filepath.Join(t.TempDir(), slug)
	must(t, os.CopyFS(dir, os.DirFS(filepath.Join(made.root, slug))))
	return made.works, dir
}

// database makes a database for one test, because the schema is named after the
// organisation, which is the same in all of them.
func database(t testing.TB) string {
	t.Helper()
	server := pgtest.URL(t)
	u, err := url.Parse(server)
	must(t, err)
	name := "move_" + strings.ToLower(rand.Text())
	pgtest.Exec(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { pgtest.Exec(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

// files reads a whole folder.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = string(raw)
		return err
	}))
	return all
}

func TestWhatIsRefusedLeavesNoTarget(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := database(t)
	w, dir := inFolder(t)
	lib := library(t)
	there := move.Options{Slug: w.slug, From: move.Place{Dir: dir}, To: move.Place{Database: url}, Library: lib}
	refuse := func(what string, o move.Options, kind problem.Kind) {
		t.Helper()
		_, err := move.Move(ctx, o)
		p := problem.From(err)
		if err == nil || p.Kind != kind || !p.Say.Complete() {
			t.Errorf("%s: %v, want %s", what, err, kind)
		}
		if o.To.Database != "" {
			if is, err := relocate.Exists(ctx, url, org.Schema(o.Slug)); is || err != nil {
				t.Errorf("%s left a schema: %v", what, err)
			}
		}
	}
	with := func(f func(*move.Options)) move.Options { o := there; f(&o); return o }

	refuse("no slug", with(func(o *move.Options) { o.Slug = "" }), problem.BadInput)
	refuse("two folders", with(func(o *move.Options) { o.To = move.Place{Dir: dir + "2"} }), problem.BadInput)
	refuse("an empty folder", with(func(o *move.Options) { o.From.Dir = t.TempDir() }), problem.BadInput)
	refuse("another slug", with(func(o *move.Options) { o.Slug = "werk-drei" }), problem.BadInput)
	other := filepath.Join(t.TempDir(), "other.key")
	must(t, os.WriteFile(other, []byte(strings.Repeat("A", 43)+"\n"), 0o600))
	refuse("another master key", with(func(o *move.Options) { o.MasterKeyFile = other }), problem.Denied)
	refuse("a missing master key", with(func(o *move.Options) { o.MasterKeyFile = filepath.Join(dir, "none.key") }), problem.Unavailable)
	refuse("no such schema", with(func(o *move.Options) {
		o.From, o.To = move.Place{Database: url}, move.Place{Dir: filepath.Join(t.TempDir(), "x")}
	}), problem.NotFound)
	refuse("a dead database", with(func(o *move.Options) { o.To.Database = "postgres://u@127.0.0.1:1/x" }), problem.Unavailable)

	g := open(t, org.Options{Dir: dir, Slug: w.slug})
	refuse("a folder in use", there, problem.Conflict)
	must(t, g.Close())

	done, err := move.Move(ctx, there)
	must(t, err)
	_, err = move.Move(ctx, there)
	if !problem.Is(err, problem.Conflict) {
		t.Errorf("a schema that exists: %v", err)
	}
	master := filepath.Join(dir, "keys", "master.key")
	parent := t.TempDir()
	back := move.Options{Patience: 300 * time.Millisecond, Slug: w.slug, From: move.Place{Database: url}, To: move.Place{Dir: filepath.Join(parent, "back")}, Library: lib, MasterKeyFile: master}
	for what, c := range map[string]struct {
		change func(*move.Options)
		kind   problem.Kind
	}{
		"a folder that exists":          {func(o *move.Options) { o.To.Dir = dir }, problem.Conflict},
		"no master key at all":          {func(o *move.Options) { o.MasterKeyFile = "" }, problem.BadInput},
		"another nodes' master key":     {func(o *move.Options) { o.MasterKeyFile = other }, problem.Denied},
		"a parent that is not a folder": {func(o *move.Options) { o.To.Dir = filepath.Join(master, "x") }, problem.Unavailable},
	} {
		o := back
		c.change(&o)
		refuse(what, o, c.kind)
	}
	node := open(t, org.Options{Database: url, Slug: w.slug, MasterKeyFile: master})
	refuse("a schema in use", back, problem.Conflict)
	must(t, node.Close())
	left, err := os.ReadDir(parent)
	must(t, err)
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	w.check(t, org.Options{Database: url, Slug: w.slug, MasterKeyFile: master}, done)
}

// A journal that was changed in its database does not pass for the old one.
func TestATamperedJournalDoesNotMove(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := database(t)
	w, dir := inFolder(t)
	lib := library(t)
	_, err := move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Dir: dir}, To: move.Place{Database: url}, Library: lib})
	must(t, err)
	master := filepath.Join(dir, "keys", "master.key")
	pgtest.Exec(t, url, "SET search_path = "+org.Schema(w.slug)+"; UPDATE journal_entries SET entry = overlay(entry PLACING '\\x00' FROM 5) WHERE idx = 2")
	parent := t.TempDir()
	_, err = move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Database: url}, To: move.Place{Dir: filepath.Join(parent, "x")}, Library: lib, MasterKeyFile: master})
	if !problem.Is(err, problem.Corrupt) {
		t.Errorf("an entry that was changed: %v", err)
	}
	if left, _ := os.ReadDir(parent); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A journal whose key was changed and that was restored under another name goes
// there and back with the list of its keys, and is served from both places.
func TestAJournalOfSeveralKeysMoves(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := database(t)
	w, dir := inFolder(t)
	lib := library(t)
	o := ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "augenmass/" + slug, KeyFile: filepath.Join(dir, "keys", "journal.key")}
	j, err := ledger.Open(o)
	must(t, err)
	must(t, j.Rotate(ctx))
	must(t, j.Close())
	told, err := os.ReadFile(filepath.Join(dir, "journal", "log", "checkpoint"))
	must(t, err)
	j, err = ledger.Succeed(o, nil) // as a restore does
	must(t, err)
	keys := j.Keys()
	must(t, j.Close())
	if len(keys) != 3 {
		t.Fatalf("keys %v", keys)
	}

	into, err := move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Dir: dir}, To: move.Place{Database: url}, Library: lib})
	must(t, err)
	if into.Origin != "augenmass/"+slug+"/2" || into.Key != keys[2].VKey || into.Keys != string(proof.FormatKeys(keys)) {
		t.Errorf("moved %+v", into)
	}
	master := filepath.Join(dir, "keys", "master.key")
	back := filepath.Join(t.TempDir(), w.slug)
	out, err := move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Database: url}, To: move.Place{Dir: back}, Library: lib, MasterKeyFile: master})
	must(t, err)
	if out.Proof != into.Proof {
		t.Errorf("there %+v\nback  %+v", into.Proof, out.Proof)
	}
	for _, place := range []org.Options{{Database: url, Slug: w.slug, MasterKeyFile: master}, {Dir: back, Slug: w.slug}} {
		w.check(t, place, into)
		g := open(t, place)
		verifies(t, g.Journal, keys, told)
		var built bytes.Buffer
		_, err := g.WriteCase(w.as("auditor"), casefile.Period{To: noon.Add(time.Second)}, &built)
		must(t, err)
		must(t, g.Close())
		// Offline, for somebody who knows only the first key.
		rep, err := verify.Reader(ctx, bytes.NewReader(built.Bytes()), int64(built.Len()), "case", verify.Options{JournalKey: keys[0].VKey})
		if err != nil || !rep.OK || rep.Origin != into.Origin || len(rep.JournalKeys) != 3 {
			t.Errorf("the case file: %v, %+v, %v", rep.JournalKeys, rep.Break, err)
		}
	}
	// What an auditor has is the folder of published files.
	cp, err := proof.Verify(ctx, os.DirFS(filepath.Join(back, "journal", "log")), into.Key)
	if err != nil || cp.Size <= into.Entries {
		t.Errorf("the files: %d entries, %v", cp.Size, err)
	}
}

// verifies checks a journal as a stranger who knows its first key and kept a
// checkpoint of the second one.
func verifies(t *testing.T, j ledger.Book, keys []proof.Key, told []byte) {
	t.Helper()
	ctx := context.Background()
	_, err := j.Publish(ctx)
	must(t, err)
	cp, err := proof.Verify(ctx, j.TileFS(), j.VerifierKey())
	must(t, err)
	raw, err := fs.ReadFile(j.TileFS(), proof.KeysFile)
	if err != nil || string(raw) != string(proof.FormatKeys(keys)) {
		t.Errorf("the published list of keys: %q, %v", raw, err)
	}
	tiles := proof.NewTiles(j.TileFS(), cp)
	var chain proof.Chain
	for r, err := range tiles.Entries(ctx, 0, cp.Size) {
		must(t, err)
		e, err := ledger.Decode(r.Entry)
		must(t, err)
		must(t, chain.See(r.Index, e.Type, e.Data, tiles))
	}
	proven, err := chain.Keys(j.VerifierKey())
	must(t, err)
	if !slices.Equal(proven, keys) {
		t.Errorf("proven keys %v, want %v", proven, keys)
	}
	old, by, err := proof.OpenUnderAny(told, proven)
	must(t, err)
	root, err := tiles.Root(old.Size)
	if err != nil || root != old.Root || by != 1 {
		t.Errorf("a checkpoint of before: by key %d, root %v, %v", by, root, err)
	}
}

// A list of keys that the entries do not bear out does not move.
func TestAForgedListOfKeysDoesNotMove(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := database(t)
	w, dir := inFolder(t)
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "augenmass/" + slug, KeyFile: filepath.Join(dir, "keys", "journal.key")})
	must(t, err)
	must(t, j.Rotate(ctx))
	keys := j.Keys()
	must(t, j.Close())
	keys[1].Since--
	must(t, os.WriteFile(filepath.Join(dir, "journal", "log", proof.KeysFile), proof.FormatKeys(keys), 0o600))
	_, err = move.Move(ctx, move.Options{Slug: w.slug, From: move.Place{Dir: dir}, To: move.Place{Database: url}, Library: library(t)})
	if !problem.Is(err, problem.Corrupt) {
		t.Errorf("a list that names another entry: %v", err)
	}
	if is, err := relocate.Exists(ctx, url, org.Schema(w.slug)); is || err != nil {
		t.Errorf("it left a schema: %v", err)
	}
}
