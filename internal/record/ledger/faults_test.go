package ledger

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"

	"augenmass/internal/record/ledger/disk"
)

// faultyDisk is a disk that can fill up, fail to flush, and lose power. It
// works on real files; what was not flushed when power fails is undone sector
// by sector, at random.
type faultyDisk struct {
	disk.Disk
	mu     sync.Mutex
	rnd    *rand.Rand
	left   int  // operations until power fails; negative: never
	dead   bool // power has failed
	open   []*faultySegment
	unsure []unsure // files put since the last barrier

	createErr, syncErr, putErr, writeErr error
}

var errDead = errors.New("power failed")

type unsure struct {
	name string
	old  []byte
	was  bool
}

func newFaultyDisk(o Options, left int, seed uint64) *faultyDisk {
	return &faultyDisk{Disk: disk.New(o.Dir, o.Dir+"/tmp"), left: left, rnd: rand.New(rand.NewPCG(seed, 11))}
}

// step counts one operation. last says that this one is the last and happens
// only in part.
func (d *faultyDisk) step() (last bool, err error) {
	if d.dead {
		return false, errDead
	}
	if d.left == 0 {
		d.dead = true
		return true, nil
	}
	if d.left > 0 {
		d.left--
	}
	return false, nil
}

func (d *faultyDisk) CreateSegment(name string, size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	last, err := d.step()
	if err = errors.Join(err, d.createErr); err != nil {
		return err
	}
	if last {
		size = d.rnd.Int64N(size)
	}
	err = d.Disk.CreateSegment(name, size)
	if last {
		return errors.Join(err, errDead)
	}
	return err
}

func (d *faultyDisk) OpenSegment(name string) (disk.Segment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.Disk.OpenSegment(name)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(name)
	s := &faultySegment{Segment: f, d: d, name: name, durable: content}
	d.open = append(d.open, s)
	return s, err
}

func (d *faultyDisk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	last, err := d.step()
	if err != nil {
		return err
	}
	if !last || d.rnd.IntN(2) == 0 {
		err = d.Disk.Rename(from, to)
	}
	if last {
		return errors.Join(err, errDead)
	}
	return err
}

func (d *faultyDisk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last, err := d.step(); err != nil || last {
		return errDead
	}
	return d.Disk.Remove(name)
}

func (d *faultyDisk) Put(name string, data []byte, flush bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	last, err := d.step()
	if err = errors.Join(err, d.putErr); err != nil {
		return err
	}
	old, readErr := os.ReadFile(name)
	if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
		return readErr
	}
	d.unsure = append(d.unsure, unsure{name, old, readErr == nil})
	err = d.Disk.Put(name, data, flush)
	if last {
		return errors.Join(err, errDead)
	}
	return err
}

func (d *faultyDisk) SyncsVolume() bool { return false }

func (d *faultyDisk) Barrier(all bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last, err := d.step(); err != nil || last {
		return errDead
	}
	d.unsure = nil
	return d.Disk.Barrier(all)
}

// powerFailed leaves on disk what could be there after a power cut.
func (d *faultyDisk) powerFailed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
	for _, s := range d.open {
		if err := s.lose(); err != nil {
			return err
		}
	}
	for i := len(d.unsure) - 1; i >= 0; i-- {
		u := d.unsure[i]
		if d.rnd.IntN(2) == 0 {
			continue
		}
		var err error
		if u.was {
			err = os.WriteFile(u.name, u.old, 0o600)
		} else {
			err = disk.RemoveIfThere(u.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type faultySegment struct {
	disk.Segment
	d       *faultyDisk
	name    string
	durable []byte
}

func (s *faultySegment) WriteAt(b []byte, off int64) (int, error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	last, err := s.d.step()
	if err = errors.Join(err, s.d.writeErr); err != nil {
		return 0, err
	}
	if last {
		b = b[:s.d.rnd.IntN(len(b)+1)]
	}
	n, err := s.Segment.WriteAt(b, off)
	if last {
		return n, errors.Join(err, errDead)
	}
	return n, err
}

func (s *faultySegment) Sync() error {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if last, err := s.d.step(); err != nil || last {
		return errDead
	}
	if s.d.syncErr != nil {
		return s.d.syncErr
	}
	content, err := os.ReadFile(s.name)
	if err == nil {
		s.durable = content
	}
	return err
}

// lose puts back, sector by sector and at random, what was there at the last
// flush. A segment that was renamed meanwhile was flushed before.
func (s *faultySegment) lose() error {
	now, err := os.ReadFile(s.name)
	if errors.Is(err, fs.ErrNotExist) || len(now) != len(s.durable) {
		return nil
	}
	if err != nil {
		return err
	}
	const sector = 512
	for at := 0; at < len(now); at += sector {
		if s.d.rnd.IntN(2) == 0 {
			copy(now[at:min(at+sector, len(now))], s.durable[at:])
		}
	}
	return os.WriteFile(s.name, now, 0o600)
}

var errFull = &fs.PathError{Op: "write", Path: "segment", Err: syscall.ENOSPC}
