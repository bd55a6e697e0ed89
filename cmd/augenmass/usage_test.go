package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// A slip in a call is told in the caller's language, names what is missing, and
// points to the help of the command, with exit code 2.
func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ args, de, en string }{
		{"nonsense", "„nonsense“ gehört nicht hierher.", "unexpected argument nonsense"},
		{"serve --bogus", "Die Angabe --bogus gibt es hier nicht.\n„augenmass help serve“", "unknown flag --bogus\n'augenmass help serve'"},
		{"restore x.tar", "Es fehlt --data, --org.\n„augenmass help restore“", "missing flags: --data, --org\n"},
		{"journal", "Es fehlt eines von \"check\"", "expected one of \"check\""},
		{"journal rotate", "Es fehlt --data, --org.\n„augenmass help journal rotate“", "'augenmass help journal rotate'"},
		{"move a", "Es fehlt <to>.", "expected \"<to>\""},
		{"demo --decisions many", "--decisions verlangt eine ganze Zahl, nicht \"many\".", "int but got"},
		{"demo --decisions -5", "--decisions verlangt einen Wert, nicht \"-5\"", "int value but got"},
		{"serve --data " + dir + " --listen nowhere", "keine Adresse", "is no address"},
		{"move mysql://u:secret@h/x " + dir, "Adresse der Datenbank", "address of the database"},
		{"move " + dir + " POSTGRES://u:secret@h/x#werk", "Adresse der Datenbank", "address of the database"},
		{"journal rotate --data postgres://u:secret@h/x --org werk", "--data", "--data"},
		{"restore x.tar --org werk --data postgres://u:secret@h/x", "--data", "--data"},
		{"backup --org werk --out x.tar --data postgres://u:secret@h/x", "--data", "--data"},
		{"serve --data postgres://u:secret@h/x", "--data", "--data"},
		{"journal witness --listen 127.0.0.1:0 --name a.example --log none --dir " + filepath.Join(dir, "w"), "ganze Zeile", "whole line"},
		{"journal witness --listen 127.0.0.1:0 --name b.example --log none --dir " + filepath.Join(dir, "w"), "gehört dem Zeugen „a.example“", "is that of the witness 'a.example'"},
	} {
		for lang, says := range map[string]string{"de_DE.UTF-8": c.de, "C": c.en} {
			var out, errw bytes.Buffer
			code := run(context.Background(), strings.Fields(c.args), &out, &errw, func(k string) string { return map[string]string{"LC_ALL": lang}[k] })
			if code != exitUsage || !strings.Contains(errw.String(), says) || out.Len() > 0 || strings.Contains(errw.String(), "secret") {
				t.Errorf("%s (%s): exit %d, want %d and %q: %s%s", c.args, lang, code, exitUsage, says, out.String(), errw.String())
			}
		}
	}
}
