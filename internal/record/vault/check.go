package vault

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
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
	var s Swept
	dirty := map[string]bool{}
	err := v.walk("blobs", func(rel string, e os.DirEntry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(v.dir, rel)
		h, size, ok, err := readHeader(path)
		if err != nil || !ok {
			return err
		}
		if h.until != 0 && h.until <= now.Unix() {
			s.Expired++
		} else {
			erased, err := v.isErased(h)
			if err != nil || !erased {
				return err
			}
			s.Erased++
		}
		if err := ignoreMissing(os.Remove(path)); err != nil {
			return err
		}
		s.Bytes += size
		dirty[filepath.Dir(path)] = true
		return nil
	})
	for dir := range dirty {
		if serr := v.disk.syncDir(dir); err == nil {
			err = serr
		}
	}
	if err != nil && ctx.Err() != nil {
		return s, ctx.Err()
	}
	if err != nil {
		return s, unavailable(err)
	}
	return s, nil
}

// readHeader reads the head of a blob; ok is false if it is none.
func readHeader(path string) (h blobHeader, size int64, ok bool, err error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return h, 0, false, nil
	}
	if err != nil {
		return h, 0, false, err
	}
	defer f.Close() // only read
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return h, 0, false, err
	}
	var buf [headerSize]byte
	n, err := io.ReadFull(f, buf[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return h, 0, false, err
	}
	h, perr := parseHeader(buf[:n])
	return h, st.Size(), perr == nil, nil
}

func (v *Vault) isErased(h blobHeader) (bool, error) {
	lock := &v.locks[h.tag[0]]
	lock.RLock()
	defer lock.RUnlock()
	k, err := v.subjectKey(h.tag)
	if problem.Is(err, problem.Corrupt) {
		return false, nil
	}
	if err != nil || k == nil {
		return err == nil && v.doomed(h.tag), err
	}
	return h.generation < k.generation || (h.generation == k.generation && k.erased()), nil
}

// Check reads everything and returns nil if all of it verifies: the root file,
// every key under the master key, every blob's hash, and the seal of every blob
// that was not erased. Otherwise it names the first broken file in the order
// root, keys, blobs, by name. Expired blobs that wait for Sweep are checked
// like the others; files in the making are ignored.
func (v *Vault) Check(ctx context.Context) error {
	raw, err := readLimited(filepath.Join(v.dir, "root"), 4096)
	if os.IsNotExist(err) {
		return corrupt("root", errMissing)
	}
	if err != nil {
		return unavailable(err)
	}
	r, err := parseRoot(raw)
	if err == nil {
		m := v.masters.Load().by(r.master)
		if m == nil {
			err = errSeal
		} else {
			_, err = r.openNaming(m)
		}
	}
	if err != nil {
		return corrupt("root", err)
	}
	for _, part := range []struct {
		sub   string
		check func(rel string, sum [32]byte) error
	}{{"keys", v.checkKey}, {"blobs", v.checkBlob}} {
		err := v.walk(part.sub, func(rel string, e os.DirEntry) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			sum, err := parseID(idPrefix + e.Name())
			if err != nil || !e.Type().IsRegular() || filepath.Base(filepath.Dir(rel)) != e.Name()[:2] {
				return corrupt(rel, errForeign)
			}
			return part.check(rel, sum)
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

func (v *Vault) checkKey(rel string, sum [32]byte) error {
	t := tag(sum)
	lock := &v.locks[t[0]]
	lock.RLock()
	defer lock.RUnlock()
	raw, err := readLimited(v.keyPath(t), keyFileSize)
	if err == nil {
		_, _, err = v.openKeyFile(raw, t)
		if err != nil {
			return corrupt(rel, err)
		}
	}
	return named(rel, ignoreMissing(err)) // a key may be replaced while we look
}

func (v *Vault) checkBlob(rel string, sum [32]byte) error {
	raw, err := readLimited(filepath.Join(v.dir, rel), maxBlob)
	if os.IsNotExist(err) {
		return nil // swept since the listing
	}
	if err != nil {
		return named(rel, err)
	}
	if sha256.Sum256(raw) != sum {
		return corrupt(rel, errHash)
	}
	b, err := parseBlob(raw)
	if err != nil {
		return corrupt(rel, err)
	}
	_, _, err = v.openBlob(rel, b)
	if problem.Is(err, problem.NotFound) {
		return nil // erased, as its subject wished
	}
	return err
}
