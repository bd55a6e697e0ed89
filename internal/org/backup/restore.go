package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store/snapshot"
	"augenmass/internal/record/vault"
)

// RestoreOptions say what becomes of a backup. File, Dir and Slug are required.
type RestoreOptions struct {
	File string // the backup
	Dir  string // the organisation's folder that is made
	Slug string // must be that of the backup: it is part of the journal's name

	Keys          string // folder with keys that the backup does not hold; wins over those in it
	MasterKeyFile string // file with the master key; default: keys/master.key of backup or Keys
	MasterKeyEnv  string // default AUGENMASS_MASTER_KEY; wins over files, as where organisations are opened

	// Known is a checkpoint of the journal that was kept elsewhere. The backup
	// must not contradict it. Where it is later than the backup, what lies
	// between them is lost, and the journal says so.
	Known []byte
	// Continue goes on under the journal's old origin. It is allowed only when
	// Known shows that nothing came after the backup.
	Continue bool
	// Replace puts an organisation that lies in Dir aside and keeps it.
	Replace bool

	Now func() time.Time
}

// Restored says what a restore made.
type Restored struct {
	Head    Head   `json:"backup"`
	Dir     string `json:"dir"`
	Entries uint64 `json:"entries"`        // acknowledged ones that the backup held
	Origin  string `json:"origin"`         // under which the journal goes on
	VKey    string `json:"vkey"`           // of Origin
	Lost    uint64 `json:"lost,omitempty"` // entries that Known counts and the backup does not hold
	Aside   string `json:"aside,omitempty"`
}

// Restore makes an organisation's folder of a backup. It works in a folder
// beside the target and gives it its name at the end, after it has checked:
// the manifest, the keys, every entry and tile of the journal against its signed
// checkpoint, the write-ahead log, the database's pages and indexes, that the
// journal is not shorter than the database knows it, every payload of the vault,
// and that the journal agrees with Known. After an error the target is as it
// was.
//
// A restored journal starts a new origin that names the old one, because the
// world may hold later checkpoints of that (ledger.Succeed), unless Continue is
// given and allowed.
//
// Errors: problem.BadInput for a file that is no backup or options that do not
// fit it, problem.Corrupt with the member's name, problem.Conflict when the
// target exists or is in use, problem.NotFound for keys that are missing,
// problem.Denied for a master key that does not fit, problem.Unavailable when
// the disk is full or cannot be written.
func Restore(ctx context.Context, o RestoreOptions) (r Restored, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MasterKeyEnv == "" {
		o.MasterKeyEnv = "AUGENMASS_MASTER_KEY"
	}
	if o.Continue && o.Known == nil {
		return r, continueNeeds()
	}
	if err := o.free(); err != nil {
		return r, err
	}
	f, err := os.Open(o.File)
	if err != nil {
		return r, problem.Newf(problem.BadInput, "Die Sicherung „%s“ lässt sich nicht öffnen.", "The backup '%s' cannot be opened.", o.File).
			WithHint("Bitte Pfad und Rechte prüfen.", "Please check path and permissions.").Wrap(err)
	}
	defer f.Close() //nolint:errcheck // read only
	if err := os.MkdirAll(filepath.Dir(o.Dir), 0o700); err != nil {
		return r, noRoom(err)
	}
	stage, err := os.MkdirTemp(filepath.Dir(o.Dir), ".restore-"+o.Slug+"-*")
	if err != nil {
		return r, noRoom(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	if r.Head, err = unpack(ctx, f, stage); err != nil {
		return r, err
	}
	if r.Head.Slug != o.Slug {
		return r, problem.Newf(problem.BadInput, "Die Sicherung gehört zur Organisation „%s“, verlangt ist „%s“.",
			"The backup belongs to the organisation '%s', asked for is '%s'.", r.Head.Slug, o.Slug).
			WithHint("Bitte mit --org den Namen aus der Sicherung angeben; er ist Teil des Journals.", "Please give the name from the backup with --org; it is part of the journal.")
	}
	if err := o.restored(ctx, stage, &r); err != nil {
		return r, err
	}
	if err := flushTree(stage); err != nil {
		return r, noRoom(err)
	}
	r.Dir = o.Dir
	r.Aside, err = o.swap(stage)
	return r, err
}

// restored checks the parts in the staged folder against each other and settles
// under which origin the journal goes on.
func (o RestoreOptions) restored(ctx context.Context, stage string, r *Restored) error {
	master, err := o.keys(stage, r.Head)
	if err != nil {
		return err
	}
	known, err := snapshot.Check(ctx, filepath.Join(stage, "org.db"))
	if err != nil {
		return err
	}
	if err := o.journal(ctx, stage, known.Next, r); err != nil {
		return err
	}
	v, err := vault.Open(vault.Options{Dir: filepath.Join(stage, "vault"), MasterKey: master, Now: o.Now})
	if err != nil {
		return err
	}
	return errors.Join(v.Check(ctx), v.Close())
}

// journal opens the restored journal under its old name or the next one, which
// replays the write-ahead log, and verifies everything in it.
func (o RestoreOptions) journal(ctx context.Context, stage string, known uint64, r *Restored) (err error) {
	open := ledger.Options{Dir: filepath.Join(stage, "journal"), Origin: "augenmass/" + o.Slug,
		KeyFile: filepath.Join(stage, "keys", "journal.key"), Now: o.Now, PublishEvery: -1}
	j, err := o.goOn(open, r.Head)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	r.Entries, r.Origin, r.VKey = j.Size(), j.Origin(), j.VerifierKey()
	if !o.Continue {
		keys := j.Keys()
		r.Entries = keys[len(keys)-1].Since // that entry is the first that is new
	}
	if r.Entries < known {
		return problem.Newf(problem.Corrupt, "Das Journal der Sicherung ist kürzer, als ihre Datenbank es kennt (%d statt mindestens %d Einträge).",
			"The backup's journal is shorter than its database knows it (%d entries instead of at least %d).", r.Entries, known).
			WithHint("Es wurde nichts eingespielt. Bitte eine andere Sicherung nehmen.", "Nothing was restored. Please take another backup.")
	}
	msg, err := j.Publish(ctx)
	if err != nil {
		return err
	}
	cp, err := proof.ParseCheckpoint(msg, r.VKey)
	if err != nil {
		return err
	}
	tiles := proof.NewTiles(j.TileFS(), cp)
	if err := verifyAll(ctx, tiles, j.Keys(), r.VKey); err != nil {
		return err
	}
	return o.agree(tiles, j.Keys(), r)
}

// goOn opens the journal under the origin under which it goes on.
func (o RestoreOptions) goOn(open ledger.Options, h Head) (*ledger.Journal, error) {
	if o.Continue {
		return ledger.Open(open)
	}
	var lost []byte
	if o.Known != nil {
		cp, err := unverified(o.Known)
		if err != nil {
			return nil, notKnown(err)
		}
		if cp.Size > h.Journal.Size {
			lost = o.Known
		}
	}
	j, err := ledger.Succeed(open, lost)
	if lost != nil && problem.Is(err, problem.BadInput) {
		// The write-ahead log reaches it, or it belongs to another journal: agree
		// says which.
		return ledger.Succeed(open, nil)
	}
	return j, err
}

// verifyAll checks every entry, every tile, and that each key was signed by the
// one before it.
func verifyAll(ctx context.Context, tiles *proof.Tiles, keys []proof.Key, vkey string) error {
	var chain proof.Chain
	for rec, err := range tiles.Entries(ctx, 0, tiles.Checkpoint().Size) {
		if err != nil {
			return err
		}
		if !bytes.Contains(rec.Entry, []byte(proof.TypeKeyChanged)) && !bytes.Contains(rec.Entry, []byte(proof.TypeSucceeded)) {
			continue // decoding every entry would take longer than checking it
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			return err
		}
		if err := chain.See(rec.Index, e.Type, e.Data, tiles); err != nil {
			return err
		}
	}
	have, err := chain.Keys(vkey)
	if err != nil {
		return err
	}
	if !slices.Equal(have, keys) {
		return problem.New(problem.Corrupt, "Die Liste der Schlüssel des Journals (journal/log/keys) stimmt nicht mit seinen Einträgen überein.",
			"The list of the journal's keys (journal/log/keys) does not agree with its entries.").
			WithHint("Es wurde nichts eingespielt. Bitte eine andere Sicherung nehmen.", "Nothing was restored. Please take another backup.")
	}
	return nil
}

// agree compares the journal with the checkpoint that was kept elsewhere.
func (o RestoreOptions) agree(tiles *proof.Tiles, keys []proof.Key, r *Restored) error {
	if o.Known == nil {
		return nil
	}
	cp, _, err := proof.OpenUnderAny(o.Known, keys)
	if err != nil {
		return notKnown(err)
	}
	if cp.Size > r.Entries {
		r.Lost = cp.Size - r.Entries
		if o.Continue {
			return problem.Newf(problem.Conflict, "Nach der Sicherung kamen noch %d Einträge; unter dem alten Namen darf das Journal deshalb nicht weitergehen.",
				"%d more entries came after the backup, so the journal must not go on under its old name.", r.Lost).
				WithHint("Bitte ohne --continue einspielen; das Journal nennt dann, was verloren ist.", "Please restore without --continue; the journal then names what is lost.")
		}
		return nil
	}
	if o.Continue && cp.Size < r.Head.Journal.Size {
		return problem.Newf(problem.Conflict, "Der angegebene Prüfpunkt über %d Einträge ist älter als der letzte der Sicherung über %d.",
			"The checkpoint given, over %d entries, is older than the backup's last over %d.", cp.Size, r.Head.Journal.Size).
			WithHint("Bitte den letzten anderswo aufbewahrten Prüfpunkt angeben, oder --continue weglassen.", "Please give the last checkpoint kept elsewhere, or leave out --continue.")
	}
	root, err := tiles.Root(cp.Size)
	if err != nil {
		return err
	}
	if root != cp.Root {
		return problem.Newf(problem.Corrupt, "Die Sicherung widerspricht dem anderswo aufbewahrten Prüfpunkt über %d Einträge.",
			"The backup contradicts the checkpoint over %d entries that was kept elsewhere.", cp.Size).
			WithHint("Sie enthält ein anderes Journal als das damals unterschriebene. Es wurde nichts eingespielt.",
				"It holds another journal than the one signed then. Nothing was restored.")
	}
	return nil
}

func notKnown(err error) error {
	return problem.New(problem.BadInput, "Der mit --known angegebene Prüfpunkt ist unlesbar oder gehört nicht zu diesem Journal.",
		"The checkpoint given with --known is unreadable or does not belong to this journal.").
		WithHint("Erwartet wird ein unterschriebener Prüfpunkt (C2SP tlog-checkpoint) dieser Organisation.", "Expected is a signed checkpoint (C2SP tlog-checkpoint) of this organisation.").Wrap(err)
}

func continueNeeds() error {
	return problem.New(problem.BadInput, "Unter dem alten Namen geht das Journal nur weiter, wenn der letzte Prüfpunkt bekannt ist.",
		"The journal goes on under its old name only when its last checkpoint is known.").
		WithHint("Bitte mit --known den letzten anderswo aufbewahrten Prüfpunkt angeben, oder --continue weglassen.",
			"Please give the last checkpoint kept elsewhere with --known, or leave out --continue.")
}

// free says whether the target may be made.
func (o RestoreOptions) free() error {
	_, err := os.Lstat(o.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return noRoom(err)
	case !o.Replace:
		return problem.Newf(problem.Conflict, "Die Organisation „%s“ gibt es schon; sie wird nicht überschrieben.", "The organisation '%s' exists already; it is not overwritten.", o.Slug).
			WithHint("Mit --replace wird ihr Ordner beiseitegelegt und bleibt erhalten.", "With --replace its folder is put aside and kept.")
	}
	return inUse(o.Dir)
}

// swap gives the staged folder its name. The folder that had it keeps
// everything under another.
func (o RestoreOptions) swap(stage string) (aside string, err error) {
	if err := o.free(); err != nil {
		return "", err
	}
	if _, err := os.Lstat(o.Dir); err == nil {
		aside = o.Dir + ".before-" + o.Now().UTC().Format("20060102-150405Z")
		if _, err := os.Lstat(aside); err == nil {
			return "", noRoom(&fs.PathError{Op: "rename", Path: aside, Err: fs.ErrExist})
		}
		if err := os.Rename(o.Dir, aside); err != nil {
			return "", noRoom(err)
		}
	}
	if err := os.Rename(stage, o.Dir); err != nil {
		if aside != "" {
			err = errors.Join(err, os.Rename(aside, o.Dir))
		}
		return "", noRoom(err)
	}
	return aside, flushFolder(filepath.Dir(o.Dir))
}

// keys puts keys from elsewhere into the staged folder, says which are missing
// or other ones, and returns the master key.
func (o RestoreOptions) keys(stage string, h Head) ([]byte, error) {
	dir := filepath.Join(stage, "keys")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, noRoom(err)
	}
	wanted := map[string]string{"journal.key": "", "seal.key": ""}
	if !o.masterElsewhere() {
		wanted["master.key"] = ""
	}
	for _, k := range h.Keys {
		if k.Name != "master.key" || !o.masterElsewhere() {
			wanted[k.Name] = k.SHA256
		}
	}
	var missing, other []string
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		raw, err := o.key(dir, name)
		switch sum := sha256.Sum256(raw); {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, name)
		case err != nil:
			return nil, err
		case wanted[name] != "" && wanted[name] != hex.EncodeToString(sum[:]):
			other = append(other, name)
		}
	}
	if missing != nil {
		return nil, problem.Newf(problem.NotFound, "Es fehlen Schlüssel, ohne die sich die Sicherung nicht einspielen lässt: %s.",
			"Keys without which the backup cannot be restored are missing: %s.", strings.Join(missing, ", ")).
			WithHint("Bitte mit --keys den Ordner mit den getrennt aufbewahrten Schlüsseln angeben.", "Please give the folder with the keys that were kept apart with --keys.")
	}
	if other != nil {
		return nil, problem.Newf(problem.Denied, "Diese Schlüssel sind nicht die, die zur Zeit der Sicherung galten: %s.",
			"These keys are not the ones that were valid at the time of the backup: %s.", strings.Join(other, ", ")).
			WithHint("Bitte mit --keys die Schlüssel von damals angeben.", "Please give the keys of that time with --keys.")
	}
	file := o.MasterKeyFile
	if file == "" {
		file = filepath.Join(dir, "master.key")
	}
	return vault.LoadMasterKey(file, o.MasterKeyEnv, true)
}

// key reads a key of the staged folder, after it was fetched from Keys if the
// backup does not hold it.
func (o RestoreOptions) key(dir, name string) ([]byte, error) {
	file := filepath.Join(dir, name)
	raw, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) || o.Keys == "" {
		return raw, err
	}
	if raw, err = os.ReadFile(filepath.Join(o.Keys, name)); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, noRoom(err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, noRoom(err)
	}
	return raw, nil
}

func (o RestoreOptions) masterElsewhere() bool {
	return o.MasterKeyFile != "" || os.Getenv(o.MasterKeyEnv) != ""
}

// inUse says whether somebody has the organisation of a folder open: the
// journal's lock says so.
func inUse(dir string) error {
	journal := filepath.Join(dir, "journal")
	if _, err := os.Stat(filepath.Join(journal, "lock")); err != nil {
		return nil //nolint:nilerr // no journal, nobody has it open
	}
	// Whatever else is wrong with a folder that is put aside does not matter.
	j, err := ledger.Open(ledger.Options{Dir: journal, Origin: "none", KeyFile: filepath.Join(journal, "none")})
	if err == nil {
		return j.Close()
	}
	if problem.Is(err, problem.Conflict) {
		return err
	}
	return nil
}

// flushFolder makes the names in a folder durable.
func flushFolder(dir string) error {
	if runtime.GOOS == "windows" { // it sees to names itself
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return noRoom(err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return noRoom(err)
	}
	return nil
}
