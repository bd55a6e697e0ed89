package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"augenmass": func() {
			os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
		},
	})
}

// The transcripts below testdata/script show every command as people use it.
// Where the model company is only what commands work on, "metallwerk" puts a
// copy of it into the folder data; it is made once.
func TestTranscripts(t *testing.T) {
	made, out := t.TempDir(), t.TempDir() // stay until the last transcript has ended
	company := sync.OnceValue(func() error {
		var errw bytes.Buffer
		args := []string{"demo", "--once", "--decisions", "5", "--seed", "7", "--out", out, "--data", made}
		if code := run(context.Background(), args, io.Discard, &errw, func(string) string { return "" }); code != exitOK {
			return fmt.Errorf("the model company: exit %d: %s", code, errw.String())
		}
		return nil
	})
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true, Setup: oftenCalled,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"metallwerk": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) > 0 {
					ts.Fatalf("usage: metallwerk")
				}
				ts.Check(company())
				ts.Check(os.CopyFS(ts.MkAbs("data"), os.DirFS(made)))
			},
		}})
}

// oftenCalled lets the short processes of a transcript collect less garbage:
// most of what each of them does is to read the packs.
func oftenCalled(e *testscript.Env) error {
	e.Setenv("GOGC", "400")
	return nil
}

// Exit codes say whose turn it is: 2 the caller's, 1 the answer is no. A run
// that was interrupted says so and blames nobody.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	interrupted, stop := context.WithCancel(context.Background())
	stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		args []string
		code int
		says string
	}{
		"unknown command":  {context.Background(), []string{"bogus"}, exitUsage, "Cannot understand"},
		"no decisions":     {context.Background(), []string{"demo", "--once", "--decisions", "0", "--out", dir}, exitUsage, "decisions"},
		"rows missing":     {context.Background(), []string{"demo", "--once", "--rows", filepath.Join(dir, "no.csv"), "--out", dir}, exitUsage, "cannot be opened"},
		"case missing":     {context.Background(), []string{"verify", filepath.Join(dir, "no.zip")}, exitUsage, "cannot be read"},
		"key unreadable":   {context.Background(), []string{"verify", "--key", "no key", dir}, exitUsage, "key that was given"},
		"not a case":       {context.Background(), []string{"verify", dir}, exitNo, ""},
		"Ctrl-C in a demo": {interrupted, []string{"demo", "--once", "--decisions", "5", "--out", dir}, exitNo, "Interrupted"},
	} {
		var out, errw bytes.Buffer
		code := run(c.ctx, c.args, &out, &errw, func(k string) string { return map[string]string{"LC_ALL": "C"}[k] })
		if code != c.code || !strings.Contains(errw.String(), c.says) || strings.Contains(errw.String(), "our fault") {
			t.Errorf("%s: exit %d, want %d: %s", name, code, c.code, errw.String())
		}
	}
}
