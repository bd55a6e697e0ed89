package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"strings"
	"time"

	"augenmass/internal/problem"
)

// Swept says what Sweep removed.
type Swept struct {
	Expired int   // blobs past their end
	Erased  int   // blobs whose key was destroyed: nobody could read them any more
	Bytes   int64 // disk space given back
}

// Sweep removes the blobs whose end is at or before now, and those whose
// subject was erased. It reads the head of every blob; a blob whose head cannot
// be read is left for Check to name. What it has removed by the time of an
// error or the end of ctx stays removed.
func (v *Vault) Sweep(ctx context.Context, now time.Time) (Swept, error) {
	s := sweep{v: v, keys: map[tag]fate{}}
	err := v.tree.Walk(ctx, "blobs/", headerSize, func(e Entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := parseHeader(e.Head)
		if err != nil {
			return nil
		}
		if h.until != 0 && h.until <= now.Unix() {
			s.next.Expired++
		} else {
			erased, err := s.isErased(ctx, h)
			if err != nil || !erased {
				return err
			}
			s.next.Erased++
		}
		s.next.Bytes += e.Size
		s.names = append(s.names, e.Name)
		if len(s.names) < sweepBatch {
			return nil
		}
		return s.remove(ctx)
	})
	if err == nil {
		err = s.remove(ctx)
	}
	if err != nil && ctx.Err() != nil {
		return s.done, ctx.Err()
	}
	if err != nil {
		return s.done, unavailable(err)
	}
	return s.done, nil
}

// sweepBatch is how many blobs are removed at once: one flush or one statement.
const sweepBatch = 256

type sweep struct {
	v          *Vault
	names      []string     // to be removed
	next, done Swept        // what they are; what was removed
	keys       map[tag]fate // what was seen in this sweep: what is erased stays erased
}

// fate is what remains of a subject's key: blobs up to a generation are erased.
type fate struct{ erasedUpTo int64 }

func (s *sweep) remove(ctx context.Context) error {
	if len(s.names) == 0 {
		return nil
	}
	if err := s.v.tree.Remove(ctx, s.names...); err != nil {
		return err
	}
	s.done.Expired += s.next.Expired
	s.done.Erased += s.next.Erased
	s.done.Bytes += s.next.Bytes
	s.names, s.next = s.names[:0], Swept{}
	return nil
}

func (s *sweep) isErased(ctx context.Context, h blobHeader) (bool, error) {
	f, seen := s.keys[h.tag]
	if !seen {
		lock := &s.v.locks[h.tag[0]]
		lock.RLock()
		k, err := s.v.subjectKey(ctx, h.tag)
		lock.RUnlock()
		switch {
		case problem.Is(err, problem.Corrupt): // for Check to name
		case err != nil:
			return false, err
		case k == nil:
		case k.erased():
			f.erasedUpTo = int64(k.generation)
		default:
			f.erasedUpTo = int64(k.generation) - 1
		}
		s.keys[h.tag] = f
	}
	return int64(h.generation) <= f.erasedUpTo, nil
}

// Check reads everything and returns nil if all of it verifies: the root file,
// every key under the master key, every blob's hash, and the seal of every blob
// that was not erased. Otherwise it names the first broken file in the order
// root, keys, blobs, by name. Expired blobs that wait for Sweep are checked
// like the others; files in the making are ignored.
func (v *Vault) Check(ctx context.Context) error {
	raw, err := v.tree.Read(ctx, rootName, maxRoot)
	if errors.Is(err, fs.ErrNotExist) {
		return corrupt(rootName, errMissing)
	}
	if err != nil {
		return unavailable(named(rootName, err))
	}
	if err := v.checkRoot(raw); err != nil {
		return corrupt(rootName, err)
	}
	for _, part := range []struct {
		prefix string
		check  func(ctx context.Context, name string, sum [32]byte) error
	}{{"keys/", v.checkKey}, {"blobs/", v.checkBlob}} {
		err := v.tree.Walk(ctx, part.prefix, 0, func(e Entry) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			sum, err := tagOf(e.Name)
			if err != nil {
				return corrupt(e.Name, errForeign)
			}
			return part.check(ctx, e.Name, sum)
		})
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return unavailable(err)
		}
	}
	return nil
}

func (v *Vault) checkRoot(raw []byte) error {
	r, err := parseRoot(raw)
	if err != nil {
		return err
	}
	m := v.masters.Load().by(r.master)
	if m == nil {
		return errSeal
	}
	_, err = r.openNaming(m)
	return err
}

// tagOf reads the 32 bytes that a name in keys/ or blobs/ ends with.
func tagOf(name string) (tag, error) {
	parts := strings.Split(name, "/")
	if len(parts) != 3 || len(parts[2]) < 2 || parts[1] != parts[2][:2] {
		return tag{}, errForeign
	}
	sum, err := parseID(idPrefix + parts[2])
	return tag(sum), err
}

func (v *Vault) checkKey(ctx context.Context, name string, sum [32]byte) error {
	t := tag(sum)
	lock := &v.locks[t[0]]
	lock.RLock()
	defer lock.RUnlock()
	raw, err := v.tree.Read(ctx, name, keyFileSize)
	if err != nil {
		return named(name, err)
	}
	_, _, err = v.openKey(ctx, raw, t)
	return err
}

func (v *Vault) checkBlob(ctx context.Context, name string, sum [32]byte) error {
	raw, err := v.tree.Read(ctx, name, maxBlob)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // swept since the listing
	}
	if err != nil {
		return named(name, err)
	}
	if sha256.Sum256(raw) != sum {
		return corrupt(name, errHash)
	}
	b, err := parseBlob(raw)
	if err != nil {
		return corrupt(name, err)
	}
	_, _, err = v.openBlob(ctx, name, b)
	if problem.Is(err, problem.NotFound) {
		return nil // erased, as its subject wished
	}
	return err
}
