package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/org/backup"
	"augenmass/internal/problem"
)

// member is one member of a backup and where its content lies in the file.
type member struct {
	name   string
	data   []byte
	header int64 // offset of its header
	at     int64 // offset of its content
}

func members(t testing.TB, raw []byte) (all []member) {
	t.Helper()
	r := bytes.NewReader(raw)
	for tr := tar.NewReader(r); ; {
		from := int64(len(raw)) - int64(r.Len())
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		at := int64(len(raw)) - int64(r.Len())
		if n := len(all); n > 0 { // the reader skipped the padding of the last one
			from = all[n-1].at + (int64(len(all[n-1].data))+511)/512*512
		}
		data, err := io.ReadAll(tr)
		must(t, err)
		all = append(all, member{h.Name, data, from, at})
	}
}

// pack makes an archive of members.
func pack(t testing.TB, all []member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range all {
		must(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: int64(len(m.data)), Mode: 0o600}))
		_, err := w.Write(m.data)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// manifested writes the manifest that fits the members, as somebody would who
// changes a backup on purpose.
func manifested(t testing.TB, all []member) []byte {
	t.Helper()
	var list strings.Builder
	for _, m := range all {
		fmt.Fprintf(&list, "%x %d %s\n", sha256.Sum256(m.data), len(m.data), m.name)
	}
	end := fmt.Sprintf("end %d %x\n", len(all), sha256.Sum256([]byte(list.String())))
	return pack(t, append(all[:len(all):len(all)], member{name: "MANIFEST", data: []byte(list.String() + end)}))
}

// Every member flipped, cut and taken away in turn: the restore refuses, names
// it, and leaves nothing.
func TestEveryMemberDamaged(t *testing.T) {
	w := newWorks(t)
	w.work(2)
	must(t, w.db.Flush(t.Context(), w.j))
	raw, s := backupOf(t, w.dir, false)
	all := members(t, raw)
	if int64(len(all)) != s.Members+1 { // and the manifest
		t.Fatalf("%d members of %d", len(all), s.Members)
	}
	refused := func(what, name string, spoilt []byte) {
		t.Helper()
		_, err := restore(t, spoilt, nil)
		if p := problem.From(err); err == nil || p.Kind != problem.Corrupt && p.Kind != problem.BadInput || !p.Say.Complete() || !p.Hint.Complete() {
			t.Errorf("%s %s: %v", what, name, err)
		} else if !strings.Contains(p.Say.EN, name) && name != "backup.json" {
			t.Errorf("%s %s is not named: %v", what, name, err)
		}
	}
	for i, m := range all {
		last := "backup.json"
		if i > 0 {
			last = all[i-1].name
		}
		if len(m.data) > 0 {
			flipped := bytes.Clone(raw)
			flipped[m.at+int64(len(m.data))/2] ^= 1
			refused("flipped", m.name, flipped)
			refused("cut off in", m.name, raw[:m.at+int64(len(m.data))/2])
			short := append([]member(nil), all...)
			short[i].data = m.data[:len(m.data)-1]
			refused("shortened", m.name, pack(t, short))
		}
		header := bytes.Clone(raw)
		header[m.header+3] ^= 1
		refused("header of", last, header)
		refused("cut off behind", last, raw[:m.header])
		removed := append(append([]member(nil), all[:i]...), all[i+1:]...)
		name := m.name
		if name == "MANIFEST" {
			name = last
		}
		refused("removed", name, pack(t, removed))
		refused("doubled", m.name, pack(t, append(append([]member(nil), all[:i+1]...), all[i:]...)))
	}
	added := append(append([]member(nil), all[:1]...), member{name: "journal/log/more", data: []byte("x")})
	refused("added", "journal/log/more", pack(t, append(added, all[1:]...)))
}

// Whoever also writes the manifest anew is found by what the parts say of each
// other: the signed checkpoint, the roots, the names of blobs, the seals of
// keys, the database's own structure.
func TestDamageUnderAFittingManifest(t *testing.T) {
	w := newWorks(t)
	w.work(3)
	for range 6 { // more than one bundle
		_, err := w.j.AppendAll(t.Context(), slices.Repeat([][]byte{[]byte("entry")}, 50))
		must(t, err)
	}
	must(t, w.db.Flush(t.Context(), w.j))
	_, err := w.j.Publish(t.Context())
	must(t, err)
	raw, _ := backupOf(t, w.dir, false)
	all := members(t, raw)
	all = all[:len(all)-1]
	for what, c := range map[string]struct {
		prefix string
		change func(data []byte) []byte // nil: removed
	}{
		"checkpoint":        {"journal/log/checkpoint", func(d []byte) []byte { d[len("augenmass/werk\n")]++; return d }},
		"no checkpoint":     {"journal/log/checkpoint", nil},
		"tile":              {"journal/log/tile/0/", flip},
		"no tile":           {"journal/log/tile/0/", nil},
		"bundle":            {"journal/log/tile/entries/", flip},
		"no bundle":         {"journal/log/tile/entries/", nil},
		"log":               {"journal/wal/", func(d []byte) []byte { copy(d[600:], make([]byte, 64)); return d }},
		"no log":            {"journal/wal/", nil},
		"database":          {"org.db", func(d []byte) []byte { copy(d[len(d)/2&^4095:], make([]byte, 4096)); return d }},
		"no database":       {"org.db", nil},
		"half a database":   {"org.db", func(d []byte) []byte { return d[:len(d)/2] }},
		"text for database": {"org.db", func([]byte) []byte { return []byte(strings.Repeat("hello ", 2000)) }},
		"blob":              {"vault/blobs/", flip},
		"subject key":       {"vault/keys/", flip},
		"no subject key":    {"vault/keys/", nil},
		"vault root":        {"vault/root", flip},
		"no vault root":     {"vault/root", nil},
		"journal key":       {"keys/journal.key", flip},
		"no journal key":    {"keys/journal.key", nil},
		"master key":        {"keys/master.key", flip},
		"seal key":          {"keys/seal.key", flip},
		"no seal key":       {"keys/seal.key", nil},
	} {
		var spoilt []member
		done := false
		for _, m := range all {
			if done || !strings.HasPrefix(m.name, c.prefix) {
				spoilt = append(spoilt, m)
				continue
			}
			done = true
			if c.change != nil {
				spoilt = append(spoilt, member{name: m.name, data: c.change(bytes.Clone(m.data))})
			}
		}
		if !done {
			t.Fatalf("%s: there is no %s", what, c.prefix)
		}
		if _, err := restore(t, manifested(t, spoilt), nil); err == nil {
			t.Errorf("%s: nobody noticed", what)
		} else if p := problem.From(err); p.Kind == problem.Internal || !p.Say.Complete() {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := restore(t, manifested(t, all), nil); err != nil {
		t.Errorf("unchanged, with a manifest of our own: %v", err)
	}
}

func flip(d []byte) []byte { d[len(d)/2] ^= 1; return d }

// A database that knows more of the journal than the backup holds is refused:
// the two are of different instants.
func TestADatabaseThatKnowsMore(t *testing.T) {
	w := newWorks(t)
	w.work(3)
	must(t, w.db.Flush(t.Context(), w.j))
	early, _ := backupOf(t, w.dir, false)
	w.work(6)
	must(t, w.db.Flush(t.Context(), w.j))
	late, _ := backupOf(t, w.dir, false)
	mixed := members(t, early)
	mixed = mixed[:len(mixed)-1]
	for _, m := range members(t, late) {
		if m.name == "org.db" {
			mixed[1].data = m.data
		}
	}
	_, err := restore(t, manifested(t, mixed), nil)
	if !problem.Is(err, problem.Corrupt) || !strings.Contains(err.Error(), "shorter than its database knows it") {
		t.Errorf("%v", err)
	}
}

// Names that lead out of the folder are refused, whatever the manifest says,
// and nothing is written anywhere.
func TestNamesThatLeadOut(t *testing.T) {
	w := newWorks(t)
	raw, _ := backupOf(t, w.dir, false)
	all := members(t, raw)
	all = all[:len(all)-1]
	for _, name := range []string{"../evil", "a/../../evil", "/evil", "./evil", "a//evil", `a\..\evil`, `..\evil`, "C:/evil", "c:evil", "..", ".",
		"keys/..", "evil ", "evil.", "a./evil", "NUL:", "evil\x00", "evil\n", strings.Repeat("a/", 600) + "evil", "con?"} {
		spoilt := append(append([]member(nil), all...), member{name: name, data: []byte("x")})
		data := filepath.Join(t.TempDir(), "data")
		b, ok := tryPack(spoilt)
		if !ok {
			continue // not even an archive can hold it
		}
		_, err := restore(t, b, func(o *backup.RestoreOptions) { o.Dir = filepath.Join(data, slug) })
		if !problem.Is(err, problem.Corrupt) {
			t.Errorf("%q: %v", name, err)
		}
		must(t, filepath.WalkDir(filepath.Dir(data), func(path string, e os.DirEntry, err error) error {
			if strings.Contains(path, "evil") {
				t.Errorf("%q: %s was written", name, path)
			}
			return err
		}))
	}
	// A link in the archive is no member.
	for _, flag := range []byte{tar.TypeSymlink, tar.TypeLink, tar.TypeDir, tar.TypeFifo} {
		var b bytes.Buffer
		tw := tar.NewWriter(&b)
		must(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: all[0].name, Size: int64(len(all[0].data))}))
		_, err := tw.Write(all[0].data)
		must(t, err)
		must(t, tw.WriteHeader(&tar.Header{Typeflag: flag, Name: "vault", Linkname: "/tmp"}))
		must(t, tw.Close())
		if _, err := restore(t, b.Bytes(), nil); !problem.Is(err, problem.Corrupt) {
			t.Errorf("type %c: %v", flag, err)
		}
	}
}

func tryPack(all []member) ([]byte, bool) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range all {
		if w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: int64(len(m.data)), Mode: 0o600}) != nil {
			return nil, false
		}
		if _, err := w.Write(m.data); err != nil {
			return nil, false
		}
	}
	return b.Bytes(), w.Close() == nil
}

// A backup of another form is for another program; what is none is said so.
func TestForms(t *testing.T) {
	w := newWorks(t)
	raw, s := backupOf(t, w.dir, false)
	all := members(t, raw)
	all = all[:len(all)-1]
	var head map[string]any
	must(t, json.Unmarshal(all[0].data, &head))
	head["format"] = s.Format + 1
	var err error
	all[0].data, err = json.Marshal(head)
	must(t, err)
	if _, err := restore(t, manifested(t, all), nil); !problem.Is(err, problem.Unavailable) {
		t.Errorf("another form: %v", err)
	}
	for name, b := range map[string][]byte{"empty": nil, "text": []byte("hello"), "zeros": make([]byte, 2048), "no head": pack(t, all[1:])} {
		if _, err := restore(t, b, nil); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// limited is a target that fills up.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

// A target that fills up anywhere ends the backup with a sentence; a source
// that is damaged is named; the spool is empty afterwards.
func TestBackupsThatFail(t *testing.T) {
	w := newWorks(t)
	w.work(3)
	must(t, w.db.Flush(t.Context(), w.j))
	_, err := w.j.Publish(t.Context())
	must(t, err)
	raw, _ := backupOf(t, w.dir, false)
	spool := t.TempDir()
	o := backup.Options{Dir: w.dir, Slug: slug, Spool: spool}
	for _, room := range []int{0, 100, 1000, len(raw) / 4, len(raw) / 2, len(raw) - 3000} {
		if _, err := backup.Write(t.Context(), o, &limited{room}); !problem.Is(err, problem.Unavailable) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, err := backup.Write(ended, o, io.Discard); err == nil {
		t.Error("an interrupted backup came to an end")
	}
	if _, err := backup.Write(t.Context(), backup.Options{Dir: t.TempDir(), Slug: slug, Spool: spool}, io.Discard); !problem.Is(err, problem.NotFound) {
		t.Errorf("an empty folder: %v", err)
	}
	image := filepath.Join(t.TempDir(), slug)
	must(t, os.CopyFS(image, os.DirFS(w.dir)))
	for _, pattern := range []string{"vault/blobs/*/*", "journal/log/tile/entries/*/*", "journal/log/tile/0/*/*", "journal/log/checkpoint"} {
		files, err := filepath.Glob(filepath.Join(image, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		good := map[string][]byte{}
		for _, f := range files { // partial tiles of older checkpoints are among them
			good[f], err = os.ReadFile(f)
			must(t, err)
			must(t, os.WriteFile(f, flip(bytes.Clone(good[f])), 0o600))
		}
		_, err = backup.Write(t.Context(), backup.Options{Dir: image, Slug: slug, Spool: spool}, io.Discard)
		if !problem.Is(err, problem.Corrupt) {
			t.Errorf("%s damaged: %v", pattern, err)
		}
		for f, b := range good {
			must(t, os.WriteFile(f, b, 0o600))
		}
	}
	if left := tops(t, spool); left != "[]" {
		t.Errorf("the spool holds %s", left)
	}
}
