package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"augenmass/internal/org"
	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

// Exit codes of an import: 0 what came of it, 1 the file is wrong, 2 it cannot
// be read at all. With --json an error of the file is JSON as well.
func TestExitCodesOfAnImport(t *testing.T) {
	dir := t.TempDir()
	write := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	head := "urn: urn:acme:risk:library:x\nlocale: en\nref_id: X\nversion: 1\nobjects:\n"
	whole := "  framework: {urn: 'urn:acme:risk:framework:x', ref_id: X, requirement_nodes: [{urn: 'urn:acme:risk:req_node:x:1', assessable: true}]}\n"
	for name, c := range map[string]struct {
		file string
		more []string
		code int
	}{
		"whole":             {write("good.yaml", head+whole), nil, exitOK},
		"wrong":             {write("bad.yaml", head+"  thraets: []\n"), nil, exitNo},
		"nothing for us":    {write("threats.yaml", head+"  threats: [{urn: 'urn:acme:risk:threat:t', ref_id: T}]\n"), nil, exitNo},
		"broken YAML":       {write("broken.yaml", "urn: [\n"), []string{"--as", "ciso-assistant"}, exitNo},
		"not recognised":    {write("other.yaml", "a: b\n"), nil, exitUsage},
		"unknown kind":      {write("more.yaml", "a: b\n"), []string{"--as", "wish"}, exitUsage},
		"not there":         {filepath.Join(dir, "no.yaml"), nil, exitUsage},
		"no organisation":   {filepath.Join(dir, "good.yaml"), []string{"--org", dir}, exitUsage},
		"address for --org": {filepath.Join(dir, "good.yaml"), []string{"--org", "postgres://u:secret@h/x"}, exitUsage},
	} {
		var out, errw bytes.Buffer
		args := append([]string{"import", "--json", c.file}, c.more...)
		code := run(context.Background(), args, &out, &errw, func(k string) string { return map[string]string{"LC_ALL": "C"}[k] })
		if code != c.code {
			t.Errorf("%s: exit %d, want %d: %s%s", name, code, c.code, out.String(), errw.String())
		}
		if bytes.Contains(errw.Bytes(), []byte("secret")) {
			t.Errorf("%s: a password is shown", name)
		}
		if code == exitUsage {
			continue
		}
		var got struct {
			Kind   string
			Errors []any
			Packs  []any
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Kind == "" || (len(got.Errors) == 0) != (code == exitOK) || (len(got.Packs) == 0) == (code == exitOK) {
			t.Errorf("%s: %v %s", name, err, out.String())
		}
	}
}

// An organisation that a server holds is not written to.
func TestAnImportKeepsOffAServedOrganisation(t *testing.T) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "werk")
	g, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Name: "Werk", Library: lib})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	file := filepath.Join(dir, "x.yaml")
	if err := os.WriteFile(file, []byte("a: b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errw bytes.Buffer
	code := run(context.Background(), []string{"import", file, "--as", "own-pack", "--org", dir}, &out, &errw, func(string) string { return "C" })
	if code != exitNo || out.Len() > 0 || errw.Len() == 0 {
		t.Errorf("exit %d: %s%s", code, out.String(), errw.String())
	}
}
