package vault

import (
	"container/list"
	"context"
	"crypto/cipher"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"augenmass/internal/problem"
)

// subjectKey is a subject's key made ready, or its tombstone (aead nil).
type subjectKey struct {
	generation uint32
	aead       cipher.AEAD
}

func (k *subjectKey) erased() bool { return k.aead == nil }

func keyName(t tag) string {
	s := t.String()
	return filepath.Join("keys", s[:2], s)
}

func (v *Vault) keyPath(t tag) string { return filepath.Join(v.dir, keyName(t)) }

// subjectKey returns the key of a subject, its tombstone, or nil if there never
// was one. The caller holds the subject's lock.
func (v *Vault) subjectKey(t tag) (*subjectKey, error) {
	if k := v.cache.get(t); k != nil {
		return k, nil
	}
	raw, err := readLimited(v.keyPath(t), keyFileSize)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if errors.Is(err, errShort) {
		return nil, corrupt(keyName(t), err)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	f, key, err := v.openKeyFile(raw, t)
	if err != nil {
		return nil, corrupt(keyName(t), err)
	}
	k := &subjectKey{generation: f.generation}
	if f.kind == kindKey {
		if k.aead, err = gcm(key); err != nil {
			return nil, corrupt(keyName(t), err)
		}
	}
	v.cache.put(t, k)
	return k, nil
}

func (v *Vault) openKeyFile(raw []byte, t tag) (keyFile, []byte, error) {
	f, err := parseKey(raw)
	if err != nil {
		return f, nil, err
	}
	m := v.masters.Load().by(f.master)
	if m == nil {
		return f, nil, errSeal
	}
	key, err := f.open(m, t)
	return f, key, err
}

// keyForPut returns the subject's key, made if need be, with the subject's lock
// held for reading until unlock, so that an erasure waits for running writes.
func (v *Vault) keyForPut(t tag) (k *subjectKey, unlock func(), err error) {
	lock := &v.locks[t[0]]
	for {
		lock.RLock()
		k, err := v.subjectKey(t)
		if err != nil {
			lock.RUnlock()
			return nil, nil, err
		}
		if k != nil && !k.erased() {
			return k, lock.RUnlock, nil
		}
		lock.RUnlock()
		if err := v.makeKey(t); err != nil {
			return nil, nil, err
		}
	}
}

// makeKey creates a subject's key unless another caller just did. After an
// erasure the next key has the next generation, so that blobs of the destroyed
// one are known as erased and not taken for damaged.
func (v *Vault) makeKey(t tag) error {
	lock := &v.locks[t[0]]
	lock.Lock()
	defer lock.Unlock()
	if err := v.finishPending(t); err != nil {
		return err
	}
	k, err := v.subjectKey(t)
	if err != nil || (k != nil && !k.erased()) {
		return err
	}
	generation := uint32(1)
	if k != nil {
		generation = k.generation + 1
	}
	secrets, err := v.random(32 + nonceSize)
	if err != nil {
		return err
	}
	m := v.masters.Load().current
	if m == nil {
		return errClosed()
	}
	v.cache.drop(t)
	if err := v.ready(&v.keyDirs, "keys", t[0]); err != nil {
		return err
	}
	return v.writeFile(sealKey(m, kindKey, generation, t, secrets[32:], secrets[:32]), v.keyPath(t))
}

// Erase destroys the key of a subject: all its blobs become unreadable and
// their commitments can no longer be opened, while blobs' hashes and the
// journal still verify (GDPR Art. 17). It returns after the key is overwritten,
// removed and flushed; if it fails, call it again. Erasing a subject without
// data is no error. Later Puts for the subject start with a new key.
func (v *Vault) Erase(ctx context.Context, subject string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkSubject(subject); err != nil {
		return err
	}
	t := v.tag(subject)
	lock := &v.locks[t[0]]
	lock.Lock()
	defer lock.Unlock()
	if err := v.finishPending(t); err != nil {
		return err
	}
	v.cache.drop(t)
	k, err := v.subjectKey(t)
	v.cache.drop(t)
	if err != nil && !problem.Is(err, problem.Corrupt) {
		return err
	}
	if err == nil && (k == nil || k.erased()) {
		return nil
	}
	// A key that cannot be read is destroyed all the same.
	if err := v.disk.rename(v.keyPath(t), v.doomedPath(t)); err != nil {
		return unavailable(err)
	}
	return v.finishErase(t)
}

// doomedPrefix marks a key file that is being destroyed.
const doomedPrefix = "erase-"

func (v *Vault) doomedPath(t tag) string {
	return filepath.Join(v.dir, "tmp", doomedPrefix+t.String())
}

// doomed reports whether an erasure of the subject was begun and not finished.
func (v *Vault) doomed(t tag) bool {
	_, err := os.Lstat(v.doomedPath(t))
	return err == nil
}

// finishPending completes an erasure that failed half-way. The caller holds the
// subject's lock for writing.
func (v *Vault) finishPending(t tag) error {
	if !v.doomed(t) {
		return nil
	}
	v.cache.drop(t)
	return v.finishErase(t)
}

// unknownGeneration stands for that of a destroyed key which could not be read:
// above every generation that one subject can reach, so that all its blobs
// count as erased.
const unknownGeneration = 1 << 31

// finishErase puts the tombstone in the key's place and destroys the key file,
// which already lies in tmp.
func (v *Vault) finishErase(t tag) error {
	have, err := v.subjectKey(t)
	v.cache.drop(t)
	if err != nil {
		return err
	}
	if have == nil {
		generation := uint32(unknownGeneration)
		raw, err := readLimited(v.doomedPath(t), keyFileSize)
		if err != nil && !errors.Is(err, errShort) {
			return unavailable(err)
		}
		if f, _, err := v.openKeyFile(raw, t); err == nil {
			generation = f.generation
		}
		nonce, err := v.random(nonceSize)
		if err != nil {
			return err
		}
		m := v.masters.Load().current
		if m == nil {
			return errClosed()
		}
		if err := v.ready(&v.keyDirs, "keys", t[0]); err != nil {
			return err
		}
		if err := v.writeFile(sealKey(m, kindTombstone, generation, t, nonce, make([]byte, 32)), v.keyPath(t)); err != nil {
			return err
		}
	}
	return v.destroy(v.doomedPath(t))
}

// destroy overwrites a small file in place, flushes it, removes it and flushes
// the directory.
func (v *Vault) destroy(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return unavailable(err)
	}
	_, err = f.WriteAt(make([]byte, keyFileSize), 0)
	if err == nil {
		err = v.disk.syncFile(f)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err == nil {
		err = v.disk.syncDir(filepath.Dir(path))
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// clearTemp finishes interrupted erasures and removes files in the making.
func (v *Vault) clearTemp() error {
	dir := filepath.Join(v.dir, "tmp")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return unavailable(err)
	}
	for _, e := range entries {
		if name, ok := strings.CutPrefix(e.Name(), doomedPrefix); ok {
			if sum, err := parseID(idPrefix + name); err == nil {
				if err := v.finishErase(tag(sum)); err != nil {
					return err
				}
				continue
			}
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// Rewrap changes the master key: every subject's key is wrapped anew, blobs
// stay as they are. It may run beside Put and Get. After it returned, the old
// key opens nothing; if it was interrupted, Open with the new key finishes it.
func (v *Vault) Rewrap(ctx context.Context, newKey []byte) error {
	m, err := newMaster(newKey)
	if err != nil {
		return err
	}
	v.rotating.Lock()
	defer v.rotating.Unlock()
	cur := v.masters.Load()
	switch {
	case cur.current == nil:
		return errClosed()
	case cur.current.id == m.id && cur.previous == nil:
		return nil
	case cur.current.id == m.id:
		return v.rewrapAll(ctx) // goes on after a failure
	case cur.previous != nil:
		return problem.New(problem.Conflict,
			"Ein früherer Wechsel des Hauptschlüssels ist noch nicht beendet.",
			"An earlier change of the master key has not finished.").
			WithHint("Bitte zuerst den früheren Wechsel mit demselben Schlüssel wiederholen.",
				"Please repeat the earlier change with the same key first.")
	}
	// From here on the new key is the one that opens the vault.
	if err := v.writeRoot(m, cur.current); err != nil {
		return err
	}
	v.masters.Store(&masters{current: m, previous: cur.current})
	return v.rewrapAll(ctx)
}

// rewrapAll wraps what is still under the previous master key, then forgets it.
func (v *Vault) rewrapAll(ctx context.Context) error {
	cur := v.masters.Load().current
	// Whoever took the old key for a new file is still inside a lock; the
	// listing below must see that file.
	for i := range v.locks {
		v.locks[i].Lock()
		v.locks[i].Unlock() //nolint:staticcheck // a barrier
	}
	err := v.walk("keys", func(rel string, e os.DirEntry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		sum, err := parseID(idPrefix + e.Name())
		if err != nil {
			return corrupt(rel, errForeign)
		}
		return v.rewrapOne(cur, tag(sum))
	})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return unavailable(err)
	}
	if err := v.writeRoot(cur, nil); err != nil {
		return err
	}
	v.masters.Store(&masters{current: cur})
	return nil
}

func (v *Vault) rewrapOne(cur *master, t tag) error {
	lock := &v.locks[t[0]]
	lock.Lock()
	defer lock.Unlock()
	raw, err := readLimited(v.keyPath(t), keyFileSize)
	if err != nil {
		return unavailable(err)
	}
	f, key, err := v.openKeyFile(raw, t)
	if err != nil {
		return corrupt(keyName(t), err)
	}
	if f.master == cur.id {
		return nil
	}
	nonce, err := v.random(nonceSize)
	if err != nil {
		return err
	}
	return v.writeFile(sealKey(cur, f.kind, f.generation, t, nonce, key), v.keyPath(t))
}

// keyCache keeps the subject keys used last.
type keyCache struct {
	mu    sync.Mutex
	limit int
	order *list.List // of cached, the one used last in front
	byTag map[tag]*list.Element
}

type cached struct {
	tag tag
	key *subjectKey
}

func newKeyCache(limit int) *keyCache {
	return &keyCache{limit: limit, order: list.New(), byTag: map[tag]*list.Element{}}
}

func (c *keyCache) get(t tag) *subjectKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byTag[t]
	if !ok {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(cached).key
}

func (c *keyCache) put(t tag, k *subjectKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byTag[t]; ok {
		e.Value = cached{t, k}
		c.order.MoveToFront(e)
		return
	}
	c.byTag[t] = c.order.PushFront(cached{t, k})
	for c.order.Len() > c.limit {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byTag, last.Value.(cached).tag)
	}
}

func (c *keyCache) drop(t tag) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byTag[t]; ok {
		c.order.Remove(e)
		delete(c.byTag, t)
	}
}

func (c *keyCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order.Init()
	clear(c.byTag)
}
