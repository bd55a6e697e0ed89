package vault

import (
	"container/list"
	"context"
	"crypto/cipher"
	"errors"
	"io/fs"
	"sync"

	"augenmass/internal/problem"
)

// subjectKey is a subject's key made ready, or its tombstone (aead nil).
type subjectKey struct {
	generation uint32
	aead       cipher.AEAD
	raw        []byte // as stored
}

func (k *subjectKey) erased() bool { return k.aead == nil }

func keyName(t tag) string {
	s := t.String()
	return "keys/" + s[:2] + "/" + s
}

// subjectKey returns the key of a subject, its tombstone, or nil if there never
// was one. The caller holds the subject's lock. In a shared tree it is read
// each time: another process may have destroyed it a moment ago.
func (v *Vault) subjectKey(ctx context.Context, t tag) (*subjectKey, error) {
	if k := v.cache.get(t); k != nil {
		return k, nil
	}
	raw, err := v.tree.Read(ctx, keyName(t), keyFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(named(keyName(t), err))
	}
	f, key, err := v.openKey(ctx, raw, t)
	if err != nil {
		return nil, unavailable(err)
	}
	k := &subjectKey{generation: f.generation, raw: raw}
	if f.kind == kindKey {
		if k.aead, err = gcm(key); err != nil {
			return nil, corrupt(keyName(t), err)
		}
	}
	v.cache.put(t, k)
	return k, nil
}

// openKey unseals a stored key. A key under a master key that is not known here
// may be the work of another process that changed it: then the root says so.
func (v *Vault) openKey(ctx context.Context, raw []byte, t tag) (keyFile, []byte, error) {
	f, err := parseKey(raw)
	if err != nil {
		return f, nil, corrupt(keyName(t), err)
	}
	m := v.masters.Load().by(f.master)
	if m == nil && v.tree.Shared() {
		if err := v.reload(ctx); err != nil {
			return f, nil, err
		}
		m = v.masters.Load().by(f.master)
	}
	if m == nil {
		return f, nil, corrupt(keyName(t), errSeal)
	}
	key, err := f.open(m, t)
	if err != nil {
		return f, nil, corrupt(keyName(t), err)
	}
	return f, key, nil
}

// attempts bounds how often a change starts over because another process was
// faster. Each time somebody else got ahead, so that few are ever needed.
const attempts = 64

func errBusy() error {
	return problem.New(problem.Unavailable, "Der Tresor wird gerade von anderen geändert.", "The vault is being changed by others right now.").
		WithHint("Bitte gleich noch einmal versuchen.", "Please try again in a moment.").Wrap(ErrChanged)
}

// keyForPut returns the subject's key, made if need be, with the subject's lock
// held for reading until unlock, so that an erasure in this process waits for
// running writes.
func (v *Vault) keyForPut(ctx context.Context, t tag) (k *subjectKey, unlock func(), err error) {
	lock := &v.locks[t[0]]
	for range attempts {
		lock.RLock()
		k, err := v.subjectKey(ctx, t)
		if err != nil {
			lock.RUnlock()
			return nil, nil, err
		}
		if k != nil && !k.erased() {
			return k, lock.RUnlock, nil
		}
		lock.RUnlock()
		if err := v.makeKey(ctx, t); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, errBusy()
}

// makeKey creates a subject's key unless another caller, here or in another
// process, just did. After an erasure the next key has the next generation, so
// that blobs of the destroyed one are known as erased and not taken for
// damaged.
func (v *Vault) makeKey(ctx context.Context, t tag) error {
	lock := &v.locks[t[0]]
	lock.Lock()
	defer lock.Unlock()
	for range attempts {
		k, err := v.subjectKey(ctx, t)
		if err != nil || (k != nil && !k.erased()) {
			return err
		}
		s := Swap{Name: keyName(t)}
		generation := uint32(1)
		if k != nil {
			generation, s.Old = k.generation+1, k.raw
		}
		secrets, err := v.random(32 + nonceSize)
		if err != nil {
			return err
		}
		err = v.swapKey(ctx, t, s, func(m *master) []byte {
			return sealKey(m, kindKey, generation, t, secrets[32:], secrets[:32])
		})
		if !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return errBusy()
}

// swapKey writes a subject's key or tombstone on the condition that the master
// key it is sealed under is still the one in force: a change of the master key
// in another process must find every key. On ErrChanged the root was read
// again.
func (v *Vault) swapKey(ctx context.Context, t tag, s Swap, sealed func(*master) []byte) error {
	ms := v.masters.Load()
	if ms.current == nil {
		return errClosed()
	}
	s.New = sealed(ms.current)
	s.While.Name, s.While.Data = rootName, ms.root
	v.cache.drop(t)
	err := v.tree.Swap(ctx, s)
	if err == nil {
		return nil
	}
	if !errors.Is(err, ErrChanged) {
		return unavailable(err)
	}
	if rerr := v.reload(ctx); rerr != nil {
		return rerr
	}
	return ErrChanged
}

// Erase destroys the key of a subject: all its blobs become unreadable and
// their commitments can no longer be opened, while blobs' hashes and the
// journal still verify (GDPR Art. 17). It returns after the key is destroyed as
// the tree can (Files: overwritten in place and flushed) and every process that
// shares the tree refuses the subject's data; if it fails, call it again.
// Erasing a subject without data is no error. Later Puts for the subject start
// with a new key.
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
	for range attempts {
		v.cache.drop(t)
		s := Swap{Name: keyName(t), Destroy: true}
		generation := uint32(unknownGeneration)
		k, err := v.subjectKey(ctx, t)
		switch {
		case problem.Is(err, problem.Corrupt): // a key that cannot be read is destroyed all the same
		case err != nil:
			return err
		case k == nil || k.erased():
			return nil
		default:
			generation, s.Old = k.generation, k.raw
		}
		nonce, err := v.random(nonceSize)
		if err != nil {
			return err
		}
		err = v.swapKey(ctx, t, s, func(m *master) []byte {
			return sealKey(m, kindTombstone, generation, t, nonce, make([]byte, 32))
		})
		if !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return errBusy()
}

// unknownGeneration stands for that of a destroyed key which could not be read:
// above every generation that one subject can reach, so that all its blobs
// count as erased.
const unknownGeneration = 1 << 31

// keyCache keeps the subject keys used last; with limit 0 none.
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
	if c.limit <= 0 {
		return
	}
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
