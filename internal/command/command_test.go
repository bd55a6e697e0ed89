package command

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type program struct {
	Paint struct {
		Folder    string   `arg:"" help:"Where."`
		Rooms     []string `arg:"" optional:""`
		Colour    string   `required:"" help:"${colour}"`
		Coats     int      `default:"2"`
		Seed      uint64   `default:"1"`
		MasterKey string   `type:"path"`
		Out       string   `default:"." type:"path"`
		Note      []string
		JSON      bool
		DryRun    bool   `name:"try"`
		Secret    string `hidden:""`
	} `cmd:"" help:"Paints."`
	Wall struct {
		Build struct {
			Data string `required:""`
			Org  string `required:""`
			From string `arg:""`
			To   string `arg:""`
		} `cmd:""`
		Break struct{} `cmd:""`
	} `cmd:""`
	One struct {
		Only struct{} `cmd:""`
	} `cmd:""`
}

func parse(t *testing.T, call string) (*program, *Command, error) {
	t.Helper()
	var p program
	c, err := New(&p, map[string]string{"colour": "Which."})
	if err != nil {
		t.Fatal(err)
	}
	at, err := c.Parse(strings.Fields(call))
	return &p, at, err
}

// Flags stand before and behind arguments, with = or a blank; -- ends them; the
// last one counts, or all where a flag keeps all.
func TestParse(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", here)
	for _, call := range []string{
		"paint --colour=red wall a b --coats 3 --seed=0x10 --master-key k --note x,y --note=z --json --try=no --secret s=1",
		"paint --try wall --colour blue a --json=YES --colour red --coats=3 --seed 16 --master-key ~/k --note=x,y b --try=0 --note z --secret=s=1",
		"paint --colour=red --master-key=" + filepath.Join(here, "k") + " --coats=3 --seed=16 --note=x,y --note=z --json=1 --secret s=1 -- wall a b",
	} {
		p, at, err := parse(t, call)
		got := p.Paint
		if err != nil || at.Target() != any(&p.Paint) || at.Path() != "paint" ||
			got.Folder != "wall" || !slices.Equal(got.Rooms, []string{"a", "b"}) || got.Colour != "red" || got.Coats != 3 || got.Seed != 16 ||
			got.MasterKey != filepath.Join(here, "k") || got.Out != here || !slices.Equal(got.Note, []string{"x,y", "z"}) || !got.JSON || got.DryRun || got.Secret != "s=1" {
			t.Errorf("%s: %+v, %v", call, got, err)
		}
	}
	p, _, err := parse(t, "paint --colour= --master-key= --out - -- --json")
	if got := p.Paint; err != nil || got.Folder != "--json" || got.JSON || got.Coats != 2 || got.Seed != 1 || got.MasterKey != "" || got.Out != "-" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, at, err := parse(t, "wall build --data d --org=o a -"); err != nil || at.Path() != "wall build" {
		t.Errorf("%v, %v", at.Path(), err)
	}
}

// Every slip has its kind, a sentence in either language and the command whose
// help tells more.
func TestSlips(t *testing.T) {
	for _, c := range []struct {
		call   string
		kind   Kind
		at     string
		de, en string
	}{
		{"roof", UnknownCommand, "", "Den Befehl „roof“ gibt es nicht.", "there is no command 'roof'"},
		{"-- roof", UnknownCommand, "", "Den Befehl „roof“ gibt es nicht.", "there is no command 'roof'"},
		{"wal", UnknownCommand, "", "Den Befehl „wal“ gibt es nicht. Gemeint ist vielleicht „wall“.", "there is no command 'wal', did you mean 'wall'?"},
		{"wall biuld", UnknownCommand, "wall", "Den Befehl „wall biuld“ gibt es nicht.", "there is no command 'wall biuld'"},
		{"wall buid", UnknownCommand, "wall", "Den Befehl „wall buid“ gibt es nicht. Gemeint ist vielleicht „build“.", "there is no command 'wall buid', did you mean 'build'?"},
		{"wall", NoCommand, "wall", "Es fehlt eines von \"build\", \"break\".", "expected one of \"build\", \"break\""},
		{"", NoCommand, "", "Es fehlt eines von \"paint\", \"wall\", \"one\".", "expected one of \"paint\", \"wall\", \"one\""},
		{"one", NoCommand, "one", "Es fehlt only.", "expected \"only\""},
		{"--json paint", UnknownFlag, "", "Die Angabe --json gibt es hier nicht.", "unknown flag --json"},
		{"paint --jsn", UnknownFlag, "paint", "Die Angabe --jsn gibt es hier nicht. Gemeint ist vielleicht --json.", "unknown flag --jsn, did you mean --json?"},
		{"paint --secre=1", UnknownFlag, "paint", "Die Angabe --secre gibt es hier nicht.", "unknown flag --secre"},
		{"paint --dry-run", UnknownFlag, "paint", "Die Angabe --dry-run gibt es hier nicht.", "unknown flag --dry-run"},
		{"paint -5", UnknownFlag, "paint", "Die Angabe -5 gibt es hier nicht.", "unknown flag -5"},
		{"paint -öl", UnknownFlag, "paint", "Die Angabe -ö gibt es hier nicht.", "unknown flag -ö"},
		{"paint -test.v wall --colour x", UnknownFlag, "paint", "Die Angabe -t gibt es hier nicht.", "unknown flag -t"},
		{"paint --=x", BadFlag, "paint", "\"--=x\" ist keine Angabe; sie heißen --name oder --name=WERT.", "\"--=x\" is no flag; they are written --name or --name=VALUE"},
		{"paint ---x", BadFlag, "paint", "\"---x\" ist keine Angabe; sie heißen --name oder --name=WERT.", "\"---x\" is no flag; they are written --name or --name=VALUE"},
		{"paint --colour", NoValue, "paint", "Hinter --colour fehlt der Wert.", "--colour: missing value"},
		{"paint --coats -5", FlagForValue, "paint", "--coats verlangt einen Wert, nicht \"-5\"; sonst als --coats=WERT schreiben.", "--coats: expected int value but got \"-5\"; else write --coats=VALUE"},
		{"paint --note --json", FlagForValue, "paint", "--note verlangt einen Wert, nicht \"--json\"; sonst als --note=WERT schreiben.", "--note: expected string value but got \"--json\"; else write --note=VALUE"},
		{"paint --coats many", BadValue, "paint", "--coats verlangt eine ganze Zahl, nicht \"many\".", "--coats: expected a valid int but got \"many\""},
		{"paint --coats=", BadValue, "paint", "--coats verlangt eine ganze Zahl, nicht \"\".", "--coats: expected a valid int but got \"\""},
		{"paint --coats 99999999999999999999", BadValue, "paint", "--coats verlangt eine Zahl mit weniger Stellen, nicht \"99999999999999999999\".", "--coats: expected a number of fewer digits but got \"99999999999999999999\""},
		{"paint --seed=-1", BadValue, "paint", "--seed verlangt eine ganze Zahl ab 0, nicht \"-1\".", "--seed: expected a valid unsigned int but got \"-1\""},
		{"paint --json=maybe", BadValue, "paint", "--json verlangt true oder false, nicht \"maybe\".", "--json: expected true or false but got \"maybe\""},
		{"wall break stone", TooMany, "wall break", "„stone“ gehört nicht hierher.", "unexpected argument stone"},
		{"wall build a b c d", TooMany, "wall build", "„c“ gehört nicht hierher.", "unexpected argument c"},
		{"wall build --data x --org y", Missing, "wall build", "Es fehlt <from> <to>.", "expected \"<from> <to>\""},
		{"wall build a --data x --org y", Missing, "wall build", "Es fehlt <to>.", "expected \"<to>\""},
		{"wall build a b", Missing, "wall build", "Es fehlt --data, --org.", "missing flags: --data, --org"},
		{"wall build a", Missing, "wall build", "Es fehlt <to>, --data, --org.", "expected \"<to>\", missing flags: --data, --org"},
	} {
		_, at, err := parse(t, c.call)
		var slip *Error
		if !errors.As(err, &slip) {
			t.Errorf("%s: %v", c.call, err)
			continue
		}
		if slip.Kind != c.kind || slip.At != at || at.Path() != c.at || slip.Say.DE != c.de || slip.Say.EN != c.en || slip.Error() != c.en {
			t.Errorf("%s: kind %d at %q: %+v", c.call, slip.Kind, slip.At.Path(), slip.Say)
		}
	}
}

// Help may be asked for anywhere, and then nothing need be there; what is wrong
// is wrong all the same.
func TestHelp(t *testing.T) {
	for call, path := range map[string]string{
		"--help": "", "-h": "", "-h paint": "paint", "paint --help": "paint", "paint x -h --json": "paint",
		"wall --help": "wall", "wall --help build": "wall build", "wall build a -h": "wall build", "--help wall": "wall",
	} {
		if _, at, err := parse(t, call); !errors.Is(err, ErrHelp) || at.Path() != path {
			t.Errorf("%s: %q, %v", call, at.Path(), err)
		}
	}
	for _, call := range []string{"--help roof", "paint --help --bogus", "paint --bogus -h", "wall break stone -h", "paint --colour --help"} {
		if _, _, err := parse(t, call); err == nil || errors.Is(err, ErrHelp) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

// The tree says what a help page needs.
func TestTree(t *testing.T) {
	c, err := New(&program{}, map[string]string{"colour": "Which."})
	if err != nil {
		t.Fatal(err)
	}
	paint := c.Find("paint")
	if c.Find() != c || c.Find("wall", "build").Path() != "wall build" || c.Find("wall", "roof") != nil || c.Find("roof") != nil || paint.Help != "Paints." {
		t.Error("commands are not found by their names")
	}
	seen := []string{}
	for _, v := range append(paint.Args, paint.Flags...) {
		s := v.Name + " " + v.Default
		for mark, on := range map[string]bool{"!": v.Required, "?": v.Bool} {
			if on {
				s += mark
			}
		}
		if v.Many {
			s += "*"
		}
		if v.Hidden {
			s += "-"
		}
		seen = append(seen, s)
	}
	want := []string{"folder !", "rooms *", "colour !", "coats 2", "seed 1", "master-key ", "out .", "note *", "json ?", "try ?", "secret -"}
	if !slices.Equal(seen, want) || paint.Flags[0].Help != "Which." || paint.Args[0].Help != "Where." {
		t.Errorf("%q, want %q", seen, want)
	}
}

// What a struct says wrongly is found when the program starts, not when somebody
// needs the command.
func TestNewRefuses(t *testing.T) {
	for says, p := range map[string]any{
		"no pointer":   program{},
		"not exported": &struct{ a string }{},
		"a struct, not int": &struct {
			A int `cmd:""`
		}{},
		"cannot be a *float64": &struct{ A float64 }{},
		"string or []string": &struct {
			A int `arg:""`
		}{},
		"a path is a string": &struct {
			A int `type:"path"`
		}{},
		"type \"file\"": &struct {
			A string `type:"file"`
		}{},
		"tag requird": &struct {
			A string `help:"x" requird:""`
		}{},
		"no text nothing": &struct {
			A string `help:"${nothing}"`
		}{},
		"--a is there twice": &struct {
			A string
			B string `name:"a"`
		}{},
		"--help is there twice": &struct{ Help bool }{},
		"command a is there twice": &struct {
			A struct{} `cmd:""`
			B struct{} `cmd:"" name:"a"`
		}{},
		"has commands, and": &struct {
			A struct{} `cmd:""`
			B string
		}{},
		"can follow the argument a": &struct {
			A []string `arg:"" optional:""`
			B string   `arg:"" optional:""`
		}{},
		"can follow the argument b": &struct {
			B string `arg:"" optional:""`
			C string `arg:""`
		}{},
		"argument has no default": &struct {
			A string `arg:"" default:"x"`
		}{},
		"every value has no default": &struct {
			A []string `default:"x"`
		}{},
		"parsing \"x\"": &struct {
			A int `default:"x"`
		}{},
	} {
		if _, err := New(p, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q: %v", says, err)
		}
	}
	for _, tag := range []reflect.StructTag{"help", "help:x", `help:"x`} {
		if err := knownTags(tag); err == nil {
			t.Errorf("the tag %s is understood", tag)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("paint wall --colour=red --coats 3")
	f.Add("wall build -- --data")
	f.Add("paint -h --test.x --note --=")
	f.Fuzz(func(t *testing.T, call string) {
		_, at, err := parse(t, call)
		var slip *Error
		switch {
		case at == nil, err == nil && len(at.Commands) > 0:
			t.Errorf("%q: no command, and no word", call)
		case err == nil, errors.Is(err, ErrHelp):
		case !errors.As(err, &slip), slip.Kind == 0, !slip.Say.Complete():
			t.Errorf("%q: %v", call, err)
		}
	})
}
