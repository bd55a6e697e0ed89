// Package vault keeps payloads and evidence files encrypted on disk, each
// under the name of its own hash, and can make everything about one subject
// unreadable for good by destroying one small key.
//
// # How it is built
//
// Three levels of keys, AES-256-GCM throughout (NIST SP 800-38D, 96-bit random
// nonces):
//
//	master key ──wraps──▶ subject key ──wraps──▶ data key ──seals──▶ blob
//	(file or env)         (one a subject)        (one a blob)
//
// A blob's name is the SHA-256 of its complete file, so that anybody can check
// the file without any key; the journal holds that name and a salted
// commitment to the clear payload (HMAC-SHA-256, the salt is the key). The
// salt lies inside the sealed blob: who can open the blob can prove to a third
// person what the commitment stands for, and once the subject's key is gone
// nobody can, while the journal still verifies.
//
// A subject is whatever has the right to be forgotten together: a person, a
// system's payloads of one month. Its name never reaches the disk; files use
// an HMAC of it under a key of this vault.
//
//	dir/root            key check value: the naming key under the master key
//	dir/keys/ab/<tag>   a subject's key under the master key, or its tombstone
//	dir/blobs/ab/<hash> sealed blobs
//	dir/tmp/            files in the making; emptied by Open
//
// # What it promises
//
// Put returns after the blob is on stable storage (one flush of the file, one
// of its directory; the first blob of a subject or of a directory needs more).
// Get returns bytes that passed hash and seal, or a problem. Erase returns after
// the key is overwritten, removed and flushed; no Get that starts or ends
// later returns data of that subject. A blob with an end date is refused after
// it, and Sweep removes it.
//
// # What it leaves to whom
//
// One process at a time may open a folder: the organisation's lock (room org)
// sees to that. Overwriting a key in place does not reach copies made by
// backups, snapshots or wear levelling: backups of dir/keys must end within
// the erasure period that the organisation promises. Who may read what is the
// caller's decision.
package vault

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"augenmass/internal/problem"
)

// MaxPayload is the largest payload in bytes, 16 MiB.
const MaxPayload = 16 << 20

// maxSubject is the longest name of a subject in bytes.
const maxSubject = 512

// Options says where a vault lies and what opens it.
type Options struct {
	Dir       string           // created if missing, mode 0700
	MasterKey []byte           // 32 bytes; see LoadMasterKey
	Now       func() time.Time // nil: time.Now
	Rand      io.Reader        // nil: crypto/rand; anything else is for tests only
	Cached    int              // unwrapped subject keys kept in memory; 0: 1024
}

// Ref is what the journal keeps of a blob.
type Ref struct {
	ID         string // "sha256:<hex>" of the sealed file
	Commitment string // "hmac-sha256:<hex>" of the payload under a salt that only the blob holds
}

// Vault is an open vault. It is safe for many goroutines.
type Vault struct {
	dir    string
	now    func() time.Time
	disk   disk
	naming []byte // HMAC key that turns subjects into tags

	randMu sync.Mutex
	rand   io.Reader

	masters  atomic.Pointer[masters]
	rotating sync.Mutex
	locks    [256]sync.RWMutex // by the first byte of the tag
	cache    *keyCache
	keyDirs  fan
	blobDirs fan
}

// Open opens the vault in o.Dir and creates it if the folder is empty. It
// removes what a crash left behind, finishes erasures that were interrupted
// and a change of the master key that was interrupted.
//
// A master key of another length is BadInput, one that does not fit the vault
// is Denied, a damaged root file is Corrupt.
func Open(o Options) (*Vault, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Cached <= 0 {
		o.Cached = 1024
	}
	return open(o, osDisk())
}

func open(o Options, d disk) (*Vault, error) {
	m, err := newMaster(o.MasterKey)
	if err != nil {
		return nil, err
	}
	v := &Vault{dir: o.Dir, now: o.Now, rand: o.Rand, disk: d, cache: newKeyCache(o.Cached)}
	v.masters.Store(&masters{current: m})
	if err := v.layOut(); err != nil {
		return nil, unavailable(err)
	}
	if err := v.openRoot(m); err != nil {
		return nil, err
	}
	if err := v.clearTemp(); err != nil {
		return nil, err
	}
	if v.masters.Load().previous != nil {
		if err := v.rewrapAll(context.Background()); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// fan is one fan-out directory of up to 256 (dir/blobs, dir/keys). It is made
// as it fills, so that a small organisation starts fast.
type fan struct {
	mu   sync.Mutex
	made [256]atomic.Bool // exists and is flushed
}

func (v *Vault) layOut() error {
	for _, d := range []string{"tmp", "keys", "blobs"} {
		if err := os.MkdirAll(filepath.Join(v.dir, d), 0o700); err != nil {
			return err
		}
	}
	for d, f := range map[string]*fan{"keys": &v.keyDirs, "blobs": &v.blobDirs} {
		dir := filepath.Join(v.dir, d)
		have, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		if err := v.disk.syncDir(dir); err != nil {
			return err
		}
		for _, e := range have {
			if b, err := hex.DecodeString(e.Name()); err == nil && len(b) == 1 && e.IsDir() {
				f.made[b[0]].Store(true)
			}
		}
	}
	return v.disk.syncDir(v.dir)
}

// ready makes the directory for names that begin with the byte b, durably.
func (v *Vault) ready(f *fan, sub string, b byte) error {
	if f.made[b].Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.made[b].Load() {
		return nil
	}
	dir := filepath.Join(v.dir, sub)
	if err := os.MkdirAll(filepath.Join(dir, hex.EncodeToString([]byte{b})), 0o700); err != nil {
		return unavailable(err)
	}
	if err := v.disk.syncDir(dir); err != nil {
		return unavailable(err)
	}
	f.made[b].Store(true)
	return nil
}

// openRoot proves that the master key fits, and reads the naming key.
func (v *Vault) openRoot(m *master) error {
	raw, err := readLimited(filepath.Join(v.dir, "root"), 4096)
	if os.IsNotExist(err) {
		return v.createRoot(m)
	}
	if err != nil {
		return unavailable(err)
	}
	r, err := parseRoot(raw)
	if err != nil {
		return corrupt("root", err)
	}
	if r.master != m.id {
		p := problem.New(problem.Denied,
			"Der Hauptschlüssel passt nicht zu diesem Tresor.",
			"The master key does not fit this vault.")
		if r.previous == m.id {
			return p.WithHint(
				"Ein Wechsel des Hauptschlüssels wurde begonnen; bitte mit dem neuen Schlüssel starten.",
				"A change of the master key was begun; please start with the new key.")
		}
		return p.WithHint(
			"Bitte die Schlüsseldatei oder die Umgebungsvariable prüfen; ohne den richtigen Schlüssel sind die Inhalte nicht lesbar.",
			"Please check the key file or the environment variable; without the right key the contents cannot be read.")
	}
	naming, err := r.openNaming(m)
	if err != nil {
		return corrupt("root", err)
	}
	v.naming = naming
	if r.hasPrevious {
		raw, err := r.openPrevious(m)
		if err != nil {
			return corrupt("root", err)
		}
		prev, err := newMaster(raw)
		if err != nil {
			return corrupt("root", err)
		}
		v.masters.Store(&masters{current: m, previous: prev})
	}
	return nil
}

// createRoot starts a new vault. A folder that holds keys or blobs but no root
// file is not new: its naming key is lost, and starting over would hide that.
func (v *Vault) createRoot(m *master) error {
	for _, d := range []string{"keys", "blobs"} {
		used, err := v.anyFile(d)
		if err != nil {
			return unavailable(err)
		}
		if used {
			return corrupt("root", errMissing)
		}
	}
	naming, err := v.random(32)
	if err != nil {
		return err
	}
	v.naming = naming
	return v.writeRoot(m, nil)
}

func (v *Vault) writeRoot(current, previous *master) error {
	raw, err := v.sealRoot(current, previous)
	if err != nil {
		return err
	}
	return v.writeFile(raw, filepath.Join(v.dir, "root"))
}

// Put seals data for a subject and returns after it is on stable storage.
// Data may be empty; more than MaxPayload bytes are TooLarge, a failing disk
// is Unavailable and nothing is kept.
func (v *Vault) Put(ctx context.Context, subject string, data []byte) (Ref, error) {
	return v.PutUntil(ctx, subject, data, time.Time{})
}

// PutUntil is Put with an end date (resolution: seconds, rounded down). From
// that instant on Get refuses the blob, and Sweep removes it. The zero time
// means no end.
func (v *Vault) PutUntil(ctx context.Context, subject string, data []byte, until time.Time) (Ref, error) {
	if err := ctx.Err(); err != nil {
		return Ref{}, err
	}
	if err := checkSubject(subject); err != nil {
		return Ref{}, err
	}
	if len(data) > MaxPayload {
		return Ref{}, problem.New(problem.TooLarge,
			"Der Inhalt ist größer als 16 MiB.", "The content is larger than 16 MiB.").
			WithHint("Bitte teilen oder verkleinern.", "Please split it or make it smaller.")
	}
	tag := v.tag(subject)
	k, unlock, err := v.keyForPut(tag)
	if err != nil {
		return Ref{}, err
	}
	defer unlock()

	secrets, err := v.random(dataKeySize + saltSize + 2*nonceSize)
	if err != nil {
		return Ref{}, err
	}
	dataKey, salt := secrets[:32], secrets[32:64]
	h := blobHeader{generation: k.generation, tag: tag}
	if !until.IsZero() {
		h.until = until.Unix()
	}
	raw, err := sealBlob(h, k.aead, dataKey, salt, secrets[64:76], secrets[76:88], data)
	if err != nil {
		return Ref{}, problem.From(err)
	}
	sum := sha256.Sum256(raw)
	if err := v.ready(&v.blobDirs, "blobs", sum[0]); err != nil {
		return Ref{}, err
	}
	if err := v.writeFile(raw, v.blobPath(sum)); err != nil {
		return Ref{}, err
	}
	return Ref{ID: idPrefix + hex.EncodeToString(sum[:]), Commitment: Commitment(salt, data)}, nil
}

// Get returns the payload of a blob after checking its hash and its seal.
// Unknown, expired and erased blobs are NotFound, each with its own sentence;
// a blob that does not verify is Corrupt.
func (v *Vault) Get(ctx context.Context, id string) ([]byte, error) {
	_, data, err := v.read(ctx, id)
	return data, err
}

// OpenCommitment returns the salt of a blob's commitment: with it and the
// payload anybody can recompute the commitment in the journal. It refuses as
// Get does.
func (v *Vault) OpenCommitment(ctx context.Context, id string) (salt []byte, err error) {
	salt, _, err = v.read(ctx, id)
	return salt, err
}

func (v *Vault) read(ctx context.Context, id string) (salt, data []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	sum, err := parseID(id)
	if err != nil {
		return nil, nil, err
	}
	raw, err := readLimited(v.blobPath(sum), maxBlob)
	if os.IsNotExist(err) {
		return nil, nil, problem.New(problem.NotFound,
			"Diesen Inhalt gibt es im Tresor nicht.", "This content is not in the vault.")
	}
	if err != nil {
		return nil, nil, unavailable(err)
	}
	name := "blobs/" + id[len(idPrefix):]
	if sha256.Sum256(raw) != sum {
		return nil, nil, corrupt(name, errHash)
	}
	b, err := parseBlob(raw)
	if err != nil {
		return nil, nil, corrupt(name, err)
	}
	if b.until != 0 && v.now().Unix() >= b.until {
		return nil, nil, problem.New(problem.NotFound,
			"Die Aufbewahrungsfrist dieses Inhalts ist abgelaufen.", "The retention period of this content has ended.")
	}
	return v.openBlob(name, b)
}

// openBlob unseals under the subject's lock, so that nothing readable leaves
// once Erase returned.
func (v *Vault) openBlob(name string, b blob) (salt, data []byte, err error) {
	lock := &v.locks[b.tag[0]]
	lock.RLock()
	defer lock.RUnlock()
	k, err := v.subjectKey(b.tag)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case k == nil && !v.doomed(b.tag):
		return nil, nil, corrupt(keyName(b.tag), errMissing)
	case k == nil, b.generation < k.generation || (b.generation == k.generation && k.erased()):
		return nil, nil, problem.New(problem.NotFound,
			"Dieser Inhalt wurde gelöscht: Sein Schlüssel ist vernichtet.",
			"This content was erased: its key is destroyed.")
	case b.generation > k.generation: // an older key file was put back
		return nil, nil, corrupt(keyName(b.tag), errGeneration)
	}
	salt, data, err = b.open(k.aead)
	if err != nil {
		return nil, nil, corrupt(name, err)
	}
	return salt, data, nil
}

// Close forgets the keys in memory. The vault must not be used afterwards.
func (v *Vault) Close() error {
	v.cache.clear()
	v.masters.Store(&masters{})
	return nil
}

func (v *Vault) blobPath(sum [32]byte) string {
	name := hex.EncodeToString(sum[:])
	return filepath.Join(v.dir, "blobs", name[:2], name)
}

// random returns n bytes; a source that runs dry stops the write.
func (v *Vault) random(n int) ([]byte, error) {
	b := make([]byte, n)
	v.randMu.Lock()
	defer v.randMu.Unlock()
	if _, err := io.ReadFull(v.rand, b); err != nil {
		return nil, problem.New(problem.Unavailable,
			"Es steht kein Zufall für neue Schlüssel bereit.", "There is no randomness for new keys.").Wrap(err)
	}
	return b, nil
}

func errClosed() error {
	return problem.New(problem.Unavailable, "Der Tresor ist geschlossen.", "The vault is closed.")
}

func checkSubject(s string) error {
	if s == "" || len(s) > maxSubject || strings.ContainsRune(s, 0) {
		return problem.New(problem.BadInput,
			"Zu jedem Inhalt gehört die Kennung, mit der er gelöscht werden kann (1 bis 512 Zeichen).",
			"Every content needs the id with which it can be erased (1 to 512 characters).")
	}
	return nil
}
