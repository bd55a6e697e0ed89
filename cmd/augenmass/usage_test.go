package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/command"
	"augenmass/internal/text"
)

// The tags of every command can be read, each command runs or holds commands,
// and each has its help, without a text that nobody uses.
func TestCommands(t *testing.T) {
	used := map[string]bool{}
	for _, l := range text.Langs {
		program, err := command.New(&cli{}, helpIn(l))
		if err != nil {
			t.Fatal(err)
		}
		var walk func(c *command.Command)
		walk = func(c *command.Command) {
			if _, runs := c.Target().(runner); runs != (len(c.Commands) == 0) {
				t.Errorf("%q runs: %v, with %d commands of its own", c.Path(), runs, len(c.Commands))
			}
			used[c.Help] = true
			for _, below := range c.Commands {
				if below.Help == "" {
					t.Errorf("%q has no help", below.Path())
				}
				walk(below)
			}
			for _, v := range append(c.Args[:len(c.Args):len(c.Args)], c.Flags...) {
				used[v.Help] = true
				if v.Help == "" && !v.Hidden && c.Path() != "help" {
					t.Errorf("%q: %s has no help", c.Path(), v.Name)
				}
			}
		}
		walk(program)
	}
	for key, h := range helpTexts {
		if !used[h.DE] || !used[h.EN] {
			t.Errorf("nothing shows the help text %s", key)
		}
	}
}

// A slip in a call is told in the caller's language, names what is missing, and
// points to the help of the command, with exit code 2.
func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ args, de, en string }{
		{"nonsense", "Den Befehl „nonsense“ gibt es nicht.\n„augenmass help“", "there is no command 'nonsense'\n'augenmass help'"},
		{"serv", "Den Befehl „serv“ gibt es nicht. Gemeint ist vielleicht „serve“.", "there is no command 'serv', did you mean 'serve'?"},
		{"journal nonsense", "Den Befehl „journal nonsense“ gibt es nicht.\n„augenmass help journal“", "'augenmass help journal'"},
		{"demo extra", "„extra“ gehört nicht hierher.\n„augenmass help demo“", "unexpected argument extra"},
		{"serve --bogus", "Die Angabe --bogus gibt es hier nicht.\n„augenmass help serve“", "unknown flag --bogus\n'augenmass help serve'"},
		{"restore x.tar", "Es fehlt --data, --org.\n„augenmass help restore“", "missing flags: --data, --org\n"},
		{"journal", "Es fehlt eines von \"check\"", "expected one of \"check\""},
		{"journal rotate", "Es fehlt --data, --org.\n„augenmass help journal rotate“", "'augenmass help journal rotate'"},
		{"restore", "Es fehlt <file>, --data, --org.", "expected \"<file>\", missing flags: --data, --org\n"},
		{"data", "Es fehlt verify.\n„augenmass help data“", "expected \"verify\""},
		{"move a", "Es fehlt <to>.", "expected \"<to>\""},
		{"verify x --key", "Hinter --key fehlt der Wert.", "--key: missing value"},
		{"verify x --json=maybe", "--json verlangt true oder false, nicht \"maybe\".", "--json: expected true or false but got \"maybe\""},
		{"demo --seed=-1", "--seed verlangt eine ganze Zahl ab 0, nicht \"-1\".", "--seed: expected"},
		{"demo --rows --once", "--rows verlangt einen Wert, nicht \"--once\"; sonst als --rows=WERT schreiben.", "write --rows=VALUE"},
		{"demo -x", "Die Angabe -x gibt es hier nicht.", "unknown flag -x"},
		{"demo --=x", "\"--=x\" ist keine Angabe", "\"--=x\" is no flag"},
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
