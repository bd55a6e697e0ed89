// Package verify checks a case file on any machine, without the server that
// wrote it: seal, files, signed checkpoint, every journal entry against the
// signed tree, inclusion proofs, signed permits, objects against their journal
// entries, and the conformity checks computed again from the entries.
//
// It names the first break: file, entry and reason. It is built from the
// journal's proof package, the entry forms and the checks alone; no store, no
// server, no network.
// Where the journal changed its key, or went on under another origin after a
// loss, it follows the chain of keys from the first one through the entries.
//
// What it cannot say: that the journal is the only one. Whoever holds the
// organisation's keys can write another. A pinned key (Options.Key) and
// checkpoints witnessed elsewhere answer that.
package verify

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile/sealed"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/text"
)

// Options of a verification.
type Options struct {
	Key        string // expected seal key (vkey); empty: the one the case names
	JournalKey string // a key that signs the journal or signed it once (vkey); empty: the one the case names
}

// File verifies a case file (ZIP) or the folder it was unpacked into. The error
// says that the input cannot be read at all; what does not hold is the report's
// Break.
func File(ctx context.Context, path string, o Options) (Report, error) {
	rep := Report{File: path}
	info, err := os.Stat(path)
	if err != nil {
		return rep, unreadable(path, err)
	}
	if info.IsDir() {
		return FS(ctx, os.DirFS(path), path, o)
	}
	f, err := os.Open(path)
	if err != nil {
		return rep, unreadable(path, err)
	}
	defer f.Close() //nolint:errcheck // read only
	return Reader(ctx, f, info.Size(), path, o)
}

// maxFile is the largest single file of a case, in bytes. Files are stored, not
// compressed, so none is longer than the case itself.
const maxFile = 1 << 30

// Reader verifies a case file from r.
func Reader(ctx context.Context, r io.ReaderAt, size int64, name string, o Options) (Report, error) {
	rep := Report{File: name}
	z, err := zip.NewReader(r, size)
	if err != nil {
		head := make([]byte, 4)
		if _, rerr := r.ReadAt(head, 0); rerr != nil || !bytes.Equal(head, []byte("PK\x03\x04")) {
			return rep, unreadable(name, err)
		}
		// It begins like a case file and does not end like one: it was changed.
		rep.Break = &Break{File: name, Index: -1, Reason: text.Bi{
			DE: "Das Verzeichnis der Akte ist beschädigt oder abgeschnitten.", EN: "The directory of the case file is damaged or cut off."}}
		return rep, nil
	}
	for _, f := range z.File {
		// Whoever packs a case small can make it unpack to anything.
		if f.UncompressedSize64 > maxFile || f.UncompressedSize64 > uint64(size) {
			rep.Break = &Break{File: f.Name, Index: -1, Reason: text.Bi{
				DE: "Die Datei ist größer, als eine Akte dieser Länge sie enthalten kann.", EN: "The file is larger than a case of this length can hold."}}
			return rep, nil
		}
	}
	rep, err = FS(ctx, z, name, o)
	if err != nil || rep.Break != nil {
		return rep, err
	}
	if err := sealed.Check(r, size); err != nil {
		rep.fail(name, -1, "Der Behälter der Akte wurde verändert oder neu gepackt; der Inhalt selbst hielt der Prüfung stand.",
			"The container of the case was changed or packed anew; its content itself passed.")
	}
	return rep, nil
}

func unreadable(path string, err error) error {
	return problem.Newf(problem.BadInput, "Die Prüfakte „%s“ lässt sich nicht lesen.", "The case file '%s' cannot be read.", path).
		WithHint("Erwartet wird eine Datei case.zip oder der Ordner, in den sie entpackt wurde.",
			"Expected is a file case.zip or the folder it was unpacked into.").Wrap(err)
}

// fail records the first break.
func (r *Report) fail(file string, index int64, de, en string) {
	if r.Break == nil {
		r.Break = &Break{File: file, Index: index, Reason: text.Bi{DE: de, EN: en}}
	}
	r.OK = false
}

// failErr records a break from an error of the proof package, below a folder.
func (r *Report) failErr(folder string, err error) {
	var b *proof.Break
	if errors.As(err, &b) {
		file := b.File
		if file == "" {
			file = proof.CheckpointFile
		}
		r.fail(folder+"/"+file, b.Index, b.Reason.DE, b.Reason.EN)
		return
	}
	p := problem.From(err)
	r.fail(folder, -1, p.Say.DE, p.Say.EN)
}

// FS verifies the content of a case file.
func FS(ctx context.Context, fsys fs.FS, name string, o Options) (Report, error) {
	rep := Report{File: name}
	for _, key := range []string{o.Key, o.JournalKey} {
		if key == "" {
			continue
		}
		if _, err := note.NewVerifier(key); err != nil {
			return rep, problem.New(problem.BadInput, "Der angegebene Schlüssel ist nicht lesbar; die Akte wurde nicht geprüft.",
				"The key that was given cannot be read; the case was not verified.").
				WithHint("Erwartet wird die ganze Zeile, wie die Organisation sie nennt: Name+Kennung+Schlüssel.",
					"Expected is the whole line as the organisation gives it: name+id+key.").Wrap(err)
		}
	}
	m, seal, ok := openManifest(fsys, &rep, o)
	if !ok {
		return rep, nil
	}
	if !checkFiles(fsys, &rep, m) {
		return rep, nil
	}
	if err := checkContent(ctx, fsys, &rep, m, seal, o); err != nil {
		return rep, err
	}
	rep.OK = rep.Break == nil
	return rep, nil
}

// openManifest reads and verifies manifest and seal.
func openManifest(fsys fs.FS, rep *Report, o Options) (Manifest, note.Verifier, bool) {
	var m Manifest
	raw, err := fs.ReadFile(fsys, ManifestFile)
	if err != nil {
		rep.fail(ManifestFile, -1, "Die Datei fehlt oder ist beschädigt.", "The file is missing or damaged.")
		return m, nil, false
	}
	seal, err := fs.ReadFile(fsys, SealFile)
	if err != nil {
		rep.fail(SealFile, -1, "Die Datei fehlt oder ist beschädigt.", "The file is missing or damaged.")
		return m, nil, false
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil || m.Format != Format {
		rep.fail(ManifestFile, -1, "Das Verzeichnis hat nicht die Form "+Format+".", "The manifest is not in the form "+Format+".")
		return m, nil, false
	}
	rep.Origin, rep.BuiltAt, rep.From, rep.To = m.Origin, m.BuiltAt, m.From, m.To
	rep.JournalKey, rep.SealKey, rep.KeyPinned = m.JournalKey, m.SealKey, o.Key != ""
	key := m.SealKey
	if o.Key != "" {
		key = o.Key
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		rep.fail(ManifestFile, -1, "Der Schlüssel des Siegels ist nicht lesbar.", "The key of the seal cannot be read.")
		return m, nil, false
	}
	if file, err := openSeal(seal, raw, v); err != nil {
		rep.fail(file, -1, "Das Siegel über dem Verzeichnis hält nicht.", "The seal over the manifest does not hold.")
		return m, nil, false
	}
	return m, v, true
}

// checkFiles compares every file with the manifest, both ways.
func checkFiles(fsys fs.FS, rep *Report, m Manifest) bool {
	listed := map[string]bool{ManifestFile: true, SealFile: true}
	for _, f := range m.Files {
		if !fs.ValidPath(f.Path) || listed[f.Path] {
			rep.fail(ManifestFile, -1, "Das Verzeichnis nennt einen unmöglichen Dateinamen.", "The manifest names an impossible file.")
			return false
		}
		listed[f.Path] = true
		data, err := fs.ReadFile(fsys, f.Path)
		if err != nil {
			rep.fail(f.Path, -1, "Die Datei fehlt oder ist beschädigt.", "The file is missing or damaged.")
			return false
		}
		sum := sha256.Sum256(data)
		if int64(len(data)) != f.Size || hex.EncodeToString(sum[:]) != f.SHA256 {
			rep.fail(f.Path, -1, "Der Inhalt der Datei wurde verändert.", "The content of the file was changed.")
			return false
		}
		rep.Checked.Files++
	}
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			rep.fail(path, -1, "Die Datei ist beschädigt.", "The file is damaged.")
			return fs.SkipAll
		}
		if !d.IsDir() && !listed[path] {
			rep.fail(path, -1, "Die Datei gehört nicht zur Akte.", "The file does not belong to the case.")
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		rep.fail(ManifestFile, -1, "Die Dateien der Akte lassen sich nicht auflisten.", "The files of the case cannot be listed.")
	}
	return rep.Break == nil
}

// paths returns the manifest's files below a folder.
func (m Manifest) paths(folder string) []string {
	var out []string
	for _, f := range m.Files {
		if len(f.Path) > len(folder)+1 && f.Path[:len(folder)+1] == folder+"/" {
			out = append(out, f.Path)
		}
	}
	slices.Sort(out)
	return out
}
