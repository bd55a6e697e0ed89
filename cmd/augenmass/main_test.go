package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
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
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
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
