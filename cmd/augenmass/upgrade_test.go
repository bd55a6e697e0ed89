package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/govern/voice"
	"augenmass/internal/record/store"
)

// A folder whose data do not fit the program is named with what does not fit,
// in the reader's language, and the program ends with exit code 1.
func TestServeRefusesWhatDoesNotFit(t *testing.T) {
	type agreement struct {
		Sponsor string `json:"sponsor" store:"index"`
	}
	data := t.TempDir()
	dir := filepath.Join(data, "werk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	k := store.NewKind[agreement](voice.Agreements().Name(), voice.Agreements().Prefix())
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "org.db"), Kinds: []store.AnyKind{k}})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for locale, says := range map[string][]string{
		"C":           {"The data of agreement no longer fit the program", "sponsor"},
		"de_DE.UTF-8": {"Die Daten von „agreement“ passen nicht mehr zum Programm", "sponsor"},
	} {
		var out, errw bytes.Buffer
		code := run(context.Background(), []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, &out, &errw,
			func(k string) string { return map[string]string{"LC_ALL": locale}[k] })
		if code != exitNo || out.Len() > 0 {
			t.Errorf("%s: exit %d: %s", locale, code, out.String())
		}
		for _, s := range says {
			if !strings.Contains(errw.String(), s) {
				t.Errorf("%s: %q is not said: %s", locale, s, errw.String())
			}
		}
	}
}
