package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
)

// smallDisk mounts a disk of a few megabytes.
func smallDisk(_ context.Context, dir string) (string, world, error) {
	d := &mounted{at: filepath.Join(dir, "disk")}
	if err := os.Mkdir(d.at, 0o700); err != nil {
		return "", nil, err
	}
	if err := command("mount", "-t", "tmpfs", "-o", "size=24m", "augenmass-crash", d.at); err != nil {
		return "", nil, err
	}
	return d.at, d, nil
}

type mounted struct{ at string }

func (m *mounted) end() error { return command("umount", m.at) }

func command(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w: %s", name, args, err, out)
	}
	return nil
}

// fillDisk takes what room is left, lets the journal run into it, and gives the
// room back.
func fillDisk(_ context.Context, w world, rnd *rand.Rand) error {
	hog := filepath.Join(w.(*mounted).at, "somebody-elses-file")
	f, err := os.Create(hog)
	if err != nil {
		return err
	}
	chunk := make([]byte, 4<<10+rnd.IntN(60<<10))
	for err == nil {
		_, err = f.Write(chunk)
	}
	time.Sleep(time.Duration(rnd.Int64N(int64(time.Second))))
	if err := errors.Join(f.Close(), os.Remove(hog)); err != nil {
		return err
	}
	return nil
}

// writeUntilFull appends until it is killed. When the journal takes nothing any
// more, it is opened again, as an operator would after making room.
func writeUntilFull(dir string, acked io.Writer) error {
	var mu sync.Mutex
	for {
		j, err := openLedger(dir)
		if err != nil {
			if !problem.Is(err, problem.Unavailable) {
				return err
			}
			time.Sleep(20 * time.Millisecond) // still full
			continue
		}
		var callers sync.WaitGroup
		for c := range 4 {
			callers.Go(func() { appendUntilRefused(j, c, &mu, acked) })
		}
		callers.Wait()
		if err := j.Close(); err != nil && !problem.Is(err, problem.Unavailable) {
			return err
		}
	}
}

func appendUntilRefused(j *ledger.Journal, c int, mu *sync.Mutex, acked io.Writer) {
	for i := 0; ; i++ {
		content := fmt.Sprintf("pid=%d,caller=%d,n=%d,at=%d,pad=%s", os.Getpid(), c, i, time.Now().UnixNano(), strings.Repeat("x", (i*37+c*11)%300))
		r, err := j.Append(context.Background(), []byte(content))
		if err != nil {
			return
		}
		mu.Lock()
		_, err = fmt.Fprintf(acked, "%d %s\n", r.Index, content)
		mu.Unlock()
		if err != nil {
			return
		}
		time.Sleep(time.Millisecond) // the disk is small
	}
}
