package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Bars of G2: the product's own promises about one process on one machine. They
// are absolute, because nothing runs beside it that it could be divided by.
const (
	mostStart  = 1.0 // seconds from exec to the first page
	mostMemory = 150 // MB resident, idle and with the line running
	mostBinary = 45  // MB
)

// coldStart is G2: the model company from exec to its first page, several
// times in fresh folders, and the memory of one process.
func coldStart(ctx context.Context, s settings) (outcome, error) {
	bin := filepath.Join(s.dir, "augenmass-g2")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, "./cmd/augenmass")
	build.Dir = ".." // the product is a module of its own
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return outcome{}, fmt.Errorf("build: %w: %s", err, out)
	}
	defer os.Remove(bin) //nolint:errcheck // scratch
	info, err := os.Stat(bin)
	if err != nil {
		return outcome{}, err
	}
	runs, settle := 7, 15*time.Second
	if s.quick {
		runs, settle = 3, 5*time.Second
	}
	var starts, idle []float64
	var busy float64
	for i := range runs {
		wait := time.Duration(0)
		if i == runs-1 {
			wait = settle
		}
		one, err := startOnce(ctx, bin, wait)
		if err != nil {
			return outcome{}, err
		}
		starts, idle = append(starts, one.start), append(idle, one.idle)
		busy = max(busy, one.busy)
	}
	slices.Sort(starts)
	slices.Sort(idle)
	size := float64(info.Size()) / 1e6
	return outcome{
		rows: []row{
			{"cold start to first page", map[string]float64{"median_s": starts[len(starts)/2], "min_s": starts[0], "max_s": starts[len(starts)-1]}},
			{"resident memory", map[string]float64{"after_start_mb": idle[len(idle)/2], "line_running_mb": busy}},
			{"binary, stripped", map[string]float64{"mb": size}},
		},
		bars: []bar{
			atMost("median start to first page, s", starts[len(starts)/2], mostStart),
			atMost("resident memory, MB", max(busy, idle[len(idle)-1]), mostMemory),
			atMost("binary, MB", size, mostBinary),
		},
	}, nil
}

type started struct{ start, idle, busy float64 }

// startOnce starts the demonstration, asks for its first page, and stops it.
func startOnce(ctx context.Context, bin string, settle time.Duration) (_ started, err error) {
	var m started
	cmd := exec.CommandContext(ctx, bin, "demo", "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return m, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return m, err
	}
	defer func() {
		stop := cmd.Process.Signal(os.Interrupt)
		if runtime.GOOS == "windows" {
			stop = cmd.Process.Kill()
		}
		var exit *exec.ExitError
		if werr := cmd.Wait(); werr != nil && !errors.As(werr, &exit) {
			err = errors.Join(err, werr)
		}
		err = errors.Join(err, stop)
	}()
	url := ""
	lines := bufio.NewScanner(out)
	for url == "" && lines.Scan() {
		for _, word := range strings.Fields(lines.Text()) {
			if strings.HasPrefix(word, "http://") {
				url = word
			}
		}
	}
	if url == "" {
		return m, fmt.Errorf("the demonstration printed no address: %w", lines.Err())
	}
	go func() { // nobody else reads what it prints
		for lines.Scan() {
			continue
		}
	}()
	res, err := http.Get(url)
	if err != nil {
		return m, err
	}
	if err := res.Body.Close(); err != nil {
		return m, err
	}
	if res.StatusCode != http.StatusOK {
		return m, fmt.Errorf("first page: status %d", res.StatusCode)
	}
	m.start = time.Since(began).Seconds()
	if m.idle, err = resident(cmd.Process.Pid); err != nil {
		return m, err
	}
	for end := time.Now().Add(settle); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		now, err := resident(cmd.Process.Pid)
		if err != nil {
			return m, err
		}
		m.busy = max(m.busy, now)
	}
	return m, nil
}
