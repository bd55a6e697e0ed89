package main

import (
	"errors"
	"os"
	"sync"
)

// bareLog is group commit and nothing else: whoever comes first writes and
// flushes for all who came until the flush before ended. No tree, no checksum,
// nobody can read it back. It is what any server must at least do that answers
// only when something is on the disk. Several such logs side by side, two to
// eight, were slower.
type bareLog struct {
	mu   sync.Mutex // guards next
	next *bareGroup // takes entries; nil: the next caller is the first

	flushing sync.Mutex // guards file and off
	file     *os.File
	off      int64
}

type bareGroup struct {
	buf  []byte
	done chan struct{}
	err  error // set before done is closed
}

// openBare prepares the file; it begins again at the start when it is full.
func openBare(name string) (*bareLog, error) {
	f, err := zeroed(name, rawFileBytes)
	if err != nil {
		return nil, err
	}
	return &bareLog{file: f}, nil
}

func (l *bareLog) Close() error { return l.file.Close() }

// keep returns when e is on the disk.
func (l *bareLog) keep(e []byte) error {
	l.mu.Lock()
	g, first := l.next, l.next == nil
	if first {
		g = &bareGroup{done: make(chan struct{})}
		l.next = g
	}
	g.buf = append(g.buf, e...)
	l.mu.Unlock()
	if !first {
		<-g.done
		return g.err
	}
	l.flushing.Lock()
	l.mu.Lock()
	l.next = nil
	l.mu.Unlock()
	if l.off+int64(len(g.buf)) > rawFileBytes {
		l.off = 0
	}
	_, err := l.file.WriteAt(g.buf, l.off)
	l.off += int64(len(g.buf))
	g.err = errors.Join(err, flushData(l.file))
	l.flushing.Unlock()
	close(g.done)
	return g.err
}

// zeroed is a new file of so many zeros that are on the disk, as a log has it
// ready before it is written.
func zeroed(name string, size int64) (f *os.File, err error) {
	if f, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	zeros := make([]byte, 1<<20)
	for off := int64(0); off < size && err == nil; off += int64(len(zeros)) {
		_, err = f.WriteAt(zeros, off)
	}
	if err = errors.Join(err, f.Sync()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
