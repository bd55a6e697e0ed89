package vault

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"augenmass/internal/problem"
)

// rootName is the blob that says which master key is in force.
const rootName = "root"

const maxRoot = 4096

// openRoot proves that the master key fits, and reads the naming key.
func (v *Vault) openRoot(ctx context.Context, m *master) error {
	for range attempts {
		raw, err := v.tree.Read(ctx, rootName, maxRoot)
		if err == nil {
			return v.adopt(raw, m)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return unavailable(named(rootName, err))
		}
		if err := v.createRoot(ctx, m); !errors.Is(err, ErrChanged) {
			return err // with ErrChanged another process was faster
		}
	}
	return errBusy()
}

// adopt takes over what a root says if one of the master keys that are known
// here is the one in force.
func (v *Vault) adopt(raw []byte, known ...*master) error {
	r, err := parseRoot(raw)
	if err != nil {
		return corrupt(rootName, err)
	}
	ms := &masters{root: raw}
	begun := false
	for _, m := range known {
		switch {
		case m == nil:
		case m.id == r.master:
			ms.current = m
		case r.hasPrevious && m.id == r.previous:
			begun = true
		}
	}
	if ms.current == nil {
		return wrongMaster(begun)
	}
	naming, err := r.openNaming(ms.current)
	if err != nil || v.naming != nil && !bytes.Equal(naming, v.naming) {
		return corrupt(rootName, errSeal)
	}
	if r.hasPrevious {
		old, err := r.openPrevious(ms.current)
		if err != nil {
			return corrupt(rootName, err)
		}
		if ms.previous, err = newMaster(old); err != nil {
			return corrupt(rootName, err)
		}
	}
	if v.naming == nil {
		v.naming = naming
	}
	v.masters.Store(ms)
	return nil
}

func wrongMaster(begun bool) error {
	p := problem.New(problem.Denied,
		"Der Hauptschlüssel passt nicht zu diesem Tresor.",
		"The master key does not fit this vault.")
	if begun {
		return p.WithHint(
			"Ein Wechsel des Hauptschlüssels wurde begonnen; bitte mit dem neuen Schlüssel starten.",
			"A change of the master key was begun; please start with the new key.")
	}
	return p.WithHint(
		"Bitte die Schlüsseldatei oder die Umgebungsvariable prüfen; ohne den richtigen Schlüssel sind die Inhalte nicht lesbar. Stimmt der Schlüssel, ist die Datei vault/root beschädigt.",
		"Please check the key file or the environment variable; without the right key the contents cannot be read. If the key is right, the file vault/root is damaged.")
}

// reload reads the root again after another process may have changed it. If it
// changed the master key to one that is unknown here, this process can no
// longer read or write (Denied) until Rewrap or Open brings that key.
func (v *Vault) reload(ctx context.Context) error {
	v.reloading.Lock()
	defer v.reloading.Unlock()
	ms := v.masters.Load()
	if ms.current == nil {
		return errClosed()
	}
	raw, err := v.tree.Read(ctx, rootName, maxRoot)
	if errors.Is(err, fs.ErrNotExist) {
		return corrupt(rootName, errMissing)
	}
	if err != nil {
		return unavailable(named(rootName, err))
	}
	if bytes.Equal(raw, ms.root) {
		return nil
	}
	return v.adopt(raw, ms.current, ms.previous)
}

// createRoot starts a new vault. A tree that holds keys or blobs but no root is
// not new: its naming key is lost, and starting over would hide that.
func (v *Vault) createRoot(ctx context.Context, m *master) error {
	used, err := Used(ctx, v.tree)
	if err != nil {
		return err
	}
	if used {
		raw, err := v.tree.Read(ctx, rootName, maxRoot)
		if err == nil { // made since we looked
			return v.adopt(raw, m)
		}
		return corrupt(rootName, errMissing)
	}
	if v.naming, err = v.random(32); err != nil {
		return err
	}
	ms := &masters{current: m}
	if ms.root, err = v.sealRoot(m, nil); err != nil {
		return err
	}
	if err := v.tree.Swap(ctx, Swap{Name: rootName, New: ms.root}); err != nil {
		v.naming = nil
		if errors.Is(err, ErrChanged) {
			return err
		}
		return unavailable(err)
	}
	v.masters.Store(ms)
	return nil
}

// Used reports whether a vault was ever opened in a tree or anything lies in
// it. Ask before LoadMasterKey: a used vault needs the key it had.
func Used(ctx context.Context, t Tree) (bool, error) {
	found := errors.New("found")
	for _, prefix := range []string{rootName, "keys/", "blobs/"} {
		err := t.Walk(ctx, prefix, 0, func(Entry) error { return found })
		if errors.Is(err, found) {
			return true, nil
		}
		if err != nil {
			return false, unavailable(err)
		}
	}
	return false, nil
}

// Rewrap changes the master key: every subject's key is wrapped anew, blobs
// stay as they are. It may run beside Put and Get. After it returned, the old
// key opens nothing; if it was interrupted, Open with the new key finishes it.
//
// Where several processes share the tree, the first call does the work; the
// others are refused (Denied) as soon as they meet the new key, and a call of
// Rewrap with the same new key makes them go on with it.
func (v *Vault) Rewrap(ctx context.Context, newKey []byte) error {
	m, err := newMaster(newKey)
	if err != nil {
		return err
	}
	v.rotating.Lock()
	defer v.rotating.Unlock()
	for range attempts {
		cur := v.masters.Load()
		switch {
		case cur.current == nil:
			return errClosed()
		case cur.current.id == m.id && cur.previous == nil:
			return nil
		case cur.current.id == m.id:
			return v.rewrapAll(ctx) // goes on after a failure or beside another process
		case cur.previous != nil:
			return problem.New(problem.Conflict,
				"Ein früherer Wechsel des Hauptschlüssels ist noch nicht beendet.",
				"An earlier change of the master key has not finished.").
				WithHint("Bitte zuerst den früheren Wechsel mit demselben Schlüssel wiederholen.",
					"Please repeat the earlier change with the same key first.")
		}
		// From here on the new key is the one that opens the vault.
		if err := v.swapRoot(ctx, cur, m, cur.current); err != nil && !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return errBusy()
}

// swapRoot writes a new root in the place of the one that is known. If another
// process was faster it takes over that one's root and returns ErrChanged.
func (v *Vault) swapRoot(ctx context.Context, known *masters, current, previous *master) error {
	raw, err := v.sealRoot(current, previous)
	if err != nil {
		return err
	}
	v.reloading.Lock()
	defer v.reloading.Unlock()
	err = v.tree.Swap(ctx, Swap{Name: rootName, Old: known.root, New: raw})
	if err == nil {
		v.masters.Store(&masters{current: current, previous: previous, root: raw})
		return nil
	}
	if !errors.Is(err, ErrChanged) {
		return unavailable(err)
	}
	now, err := v.tree.Read(ctx, rootName, maxRoot)
	if err != nil {
		return unavailable(named(rootName, err))
	}
	if err := v.adopt(now, current, known.current, known.previous); err != nil {
		return err
	}
	return ErrChanged
}

// rewrapAll wraps what is still under the previous master key, then forgets it.
// A key is only ever written while the root is the one its writer knew, so
// the walk after the change of the root finds every key under the old one.
func (v *Vault) rewrapAll(ctx context.Context) error {
	cur := v.masters.Load()
	err := v.tree.Walk(ctx, "keys/", 0, func(e Entry) error {
		t, err := tagOf(e.Name)
		if err != nil {
			return corrupt(e.Name, errForeign)
		}
		return v.rewrapOne(ctx, t)
	})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return unavailable(err)
	}
	err = v.swapRoot(ctx, cur, cur.current, nil)
	if errors.Is(err, ErrChanged) {
		if ms := v.masters.Load(); ms.current != nil && ms.current.id == cur.current.id && ms.previous == nil {
			return nil // another process finished it
		}
		return errBusy()
	}
	return err
}

func (v *Vault) rewrapOne(ctx context.Context, t tag) error {
	lock := &v.locks[t[0]]
	lock.Lock()
	defer lock.Unlock()
	for range attempts {
		raw, err := v.tree.Read(ctx, keyName(t), keyFileSize)
		if err != nil {
			return unavailable(named(keyName(t), err))
		}
		f, key, err := v.openKey(ctx, raw, t)
		if err != nil {
			return err
		}
		if cur := v.masters.Load().current; cur == nil || f.master == cur.id {
			return nil
		}
		nonce, err := v.random(nonceSize)
		if err != nil {
			return err
		}
		err = v.swapKey(ctx, t, Swap{Name: keyName(t), Old: raw}, func(m *master) []byte {
			return sealKey(m, f.kind, f.generation, t, nonce, key)
		})
		if !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return errBusy()
}
