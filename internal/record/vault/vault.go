// Package vault keeps payloads and evidence files encrypted, each under the
// name of its own hash, and can make everything about one subject unreadable
// for good by destroying one small key. They lie in a Tree of named blobs: a
// folder (Files) or a database (record/store/blobs).
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
// system's payloads of one month. Its name never reaches the tree, which uses
// an HMAC of it under a key of this vault.
//
//	root            key check value: the naming key under the master key
//	keys/ab/<tag>   a subject's key under the master key, or its tombstone
//	blobs/ab/<hash> sealed blobs
//	tmp/            (folder only) files in the making; emptied by Open
//
// # What it promises
//
// Put returns after the blob is on stable storage (in a folder one flush of the
// file, one of its directory; the first blob of a subject or of a directory
// needs more). Get returns bytes that passed hash and seal, or a problem. Erase
// returns after the key is overwritten by its tombstone and flushed; no Get that
// starts or ends later returns data of that subject, and no Put uses its key.
// A blob with an end date is refused after it, and Sweep removes it.
//
// All of this holds for every process that shares a tree in a database. There
// no key is remembered: it is read for each use and looked at again before
// data leave or a write is acknowledged. Of two processes that make a
// subject's first key one wins, and both use it. After a change of the master
// key by another process this one refuses (Denied) until it is given the new
// one.
//
// # What it leaves to whom
//
// One process at a time may open a folder: the organisation's lock (room org)
// sees to that. Overwriting a key in place does not reach copies made by
// backups, snapshots or wear levelling: backups of keys/ must end within the
// erasure period that the organisation promises; what a database keeps besides
// is said in record/store/blobs. Who may read what is the caller's decision.
package vault

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
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

// Options says where a vault lies and what opens it: Dir or Tree.
type Options struct {
	Dir       string           // a folder; created if missing, mode 0700
	Tree      Tree             // wins over Dir; Close closes it, as does an Open that fails
	MasterKey []byte           // 32 bytes; see LoadMasterKey
	Now       func() time.Time // nil: time.Now
	Rand      io.Reader        // nil: crypto/rand; anything else is for tests only
	Cached    int              // unwrapped subject keys kept in memory; 0: 1024; a shared tree keeps none
}

// Ref is what the journal keeps of a blob.
type Ref struct {
	ID         string // "sha256:<hex>" of the sealed file
	Commitment string // "hmac-sha256:<hex>" of the payload under a salt that only the blob holds
}

// Vault is an open vault. It is safe for many goroutines.
type Vault struct {
	tree   Tree
	now    func() time.Time
	naming []byte // HMAC key that turns subjects into tags

	randMu sync.Mutex
	rand   io.Reader

	masters   atomic.Pointer[masters]
	rotating  sync.Mutex
	reloading sync.Mutex        // while the root is read or written
	locks     [256]sync.RWMutex // by the first byte of the tag
	cache     *keyCache
}

// Open opens the vault in o.Dir or o.Tree and creates it if that is empty. It
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
	m, err := newMaster(o.MasterKey)
	if err != nil && o.Tree != nil {
		return nil, errors.Join(err, o.Tree.Close())
	}
	if err != nil {
		return nil, err
	}
	if o.Tree == nil {
		if o.Tree, err = Files(o.Dir); err != nil {
			return nil, err
		}
	}
	if o.Tree.Shared() {
		o.Cached = 0
	}
	v := &Vault{tree: o.Tree, now: o.Now, rand: o.Rand, cache: newKeyCache(o.Cached)}
	v.masters.Store(&masters{current: m})
	ctx := context.Background()
	if err = v.openRoot(ctx, m); err == nil && v.masters.Load().previous != nil {
		err = v.rewrapAll(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, o.Tree.Close())
	}
	return v, nil
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
	for range attempts {
		ref, err := v.put(ctx, v.tag(subject), data, until)
		if !errors.Is(err, errErasedMeanwhile) {
			return ref, err
		}
	}
	return Ref{}, errBusy()
}

// errErasedMeanwhile: another process erased the subject during a Put.
var errErasedMeanwhile = errors.New("the subject was erased meanwhile")

func (v *Vault) put(ctx context.Context, t tag, data []byte, until time.Time) (Ref, error) {
	k, unlock, err := v.keyForPut(ctx, t)
	if err != nil {
		return Ref{}, err
	}
	defer unlock()

	secrets, err := v.random(dataKeySize + saltSize + 2*nonceSize)
	if err != nil {
		return Ref{}, err
	}
	dataKey, salt := secrets[:32], secrets[32:64]
	h := blobHeader{generation: k.generation, tag: t}
	if !until.IsZero() {
		h.until = until.Unix()
	}
	raw, err := sealBlob(h, k.aead, dataKey, salt, secrets[64:76], secrets[76:88], data)
	if err != nil {
		return Ref{}, problem.From(err)
	}
	sum := sha256.Sum256(raw)
	name := blobName(sum)
	if err := v.tree.Create(ctx, name, raw); err != nil {
		return Ref{}, unavailable(err)
	}
	alive, err := v.alive(ctx, t, k.generation)
	if err == nil && !alive {
		if err = v.tree.Remove(ctx, name); err == nil {
			err = errErasedMeanwhile
			return Ref{}, err
		}
	}
	if err != nil {
		return Ref{}, unavailable(err)
	}
	return Ref{ID: idPrefix + hex.EncodeToString(sum[:]), Commitment: Commitment(salt, data)}, nil
}

// alive looks whether a key that is in use here was destroyed by another
// process meanwhile. In a tree of one process the subject's lock rules that
// out.
func (v *Vault) alive(ctx context.Context, t tag, generation uint32) (bool, error) {
	if !v.tree.Shared() {
		return true, nil
	}
	k, err := v.subjectKey(ctx, t)
	if err != nil {
		return false, err
	}
	return k != nil && !k.erased() && k.generation == generation, nil
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
	name := blobName(sum)
	raw, err := v.tree.Read(ctx, name, maxBlob)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, problem.New(problem.NotFound,
			"Diesen Inhalt gibt es im Tresor nicht.", "This content is not in the vault.")
	}
	if err != nil {
		return nil, nil, unavailable(named(name, err))
	}
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
	return v.openBlob(ctx, name, b)
}

// openBlob unseals under the subject's lock, so that nothing readable leaves
// once Erase returned.
func (v *Vault) openBlob(ctx context.Context, name string, b blob) (salt, data []byte, err error) {
	lock := &v.locks[b.tag[0]]
	lock.RLock()
	defer lock.RUnlock()
	k, err := v.subjectKey(ctx, b.tag)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case k == nil:
		return nil, nil, corrupt(keyName(b.tag), errMissing)
	case b.generation < k.generation || (b.generation == k.generation && k.erased()):
		return nil, nil, errErased()
	case b.generation > k.generation: // an older key file was put back
		return nil, nil, corrupt(keyName(b.tag), errGeneration)
	}
	salt, data, err = b.open(k.aead)
	if err != nil {
		return nil, nil, corrupt(name, err)
	}
	if alive, err := v.alive(ctx, b.tag, k.generation); err != nil {
		return nil, nil, err
	} else if !alive {
		return nil, nil, errErased()
	}
	return salt, data, nil
}

func errErased() error {
	return problem.New(problem.NotFound,
		"Dieser Inhalt wurde gelöscht: Sein Schlüssel ist vernichtet.",
		"This content was erased: its key is destroyed.")
}

// Close forgets the keys in memory and closes the tree. The vault must not be
// used afterwards.
func (v *Vault) Close() error {
	v.cache.clear()
	v.masters.Store(&masters{})
	return v.tree.Close()
}

func blobName(sum [32]byte) string {
	name := hex.EncodeToString(sum[:])
	return "blobs/" + name[:2] + "/" + name
}

// random returns n bytes; a source that runs dry stops the write.
func (v *Vault) random(n int) ([]byte, error) {
	b := make([]byte, n)
	v.randMu.Lock()
	defer v.randMu.Unlock()
	if _, err := io.ReadFull(v.rand, b); err != nil {
		return nil, noRandomness(err)
	}
	return b, nil
}

func noRandomness(err error) error {
	return problem.New(problem.Unavailable,
		"Es steht kein Zufall für neue Schlüssel bereit.", "There is no randomness for new keys.").Wrap(err)
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
