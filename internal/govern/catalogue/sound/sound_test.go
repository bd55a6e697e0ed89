package sound

import (
	"fmt"
	"strings"
	"testing"

	"augenmass/internal/problem"

	"github.com/goccy/go-yaml/ast"
)

// walk visits everything that a file stands for, as a reader would.
func walk(f *File, n ast.Node, depth int) error {
	n, err := f.At(n)
	if err != nil || n == nil {
		return err
	}
	if depth > 4*MaxDepth {
		return fmt.Errorf("walked %d levels deep", depth)
	}
	if m, ok := Mapping(n); ok {
		for _, kv := range m.Values {
			if err := walk(f, kv.Value, depth+1); err != nil {
				return err
			}
		}
	}
	if s, ok := n.(*ast.SequenceNode); ok {
		for _, v := range s.Values {
			if err := walk(f, v, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// bomb is nine lists of nine references each: 9^n words.
func bomb(n int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 8), i-1)
	}
	return b.String()
}

// Files that would exhaust memory, stack or patience are refused with a line and
// a sentence, before anything is built of them.
func TestHostileFilesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ data, say string }{
		"deep flow lists":            {"a: " + strings.Repeat("[", 50_000), "nested deeper"},
		"deep flow mappings":         {"a: " + strings.Repeat("{a: ", 50_000), "nested deeper"},
		"deep lists on one line":     {"a:\n" + strings.Repeat("- ", 50_000) + "x\n", "nested deeper"},
		"deep keys on one line":      {strings.Repeat("? ", 50_000) + "x\n", "nested deeper"},
		"deep pairs in flow":         {"a: [" + strings.Repeat("a: ", 30_000) + "x]\n", "nested deeper"},
		"many tags":                  {"a: " + strings.Repeat("!!str ", 30_000) + "x\n", "nested deeper"},
		"many anchors":               {"a: " + strings.Repeat("&a ", 30_000) + "x\n", "nested deeper"},
		"deep blocks":                {deep(2000), "nested deeper"},
		"many documents":             {strings.Repeat("---\na: b\n", 20_000), "exactly one YAML document"},
		"many fields in one block":   {fields(MaxKeys + 1), "more than 200 fields"},
		"many fields without value":  {"a:\n" + strings.Repeat("-\n", 100_000), "fields without a value"},
		"nothing but marks":          {"a: [" + strings.Repeat(",", maxMarks+1) + "]\n", "lines and marks"},
		"nothing but reserved marks": {strings.Repeat("@", 1_000_000), "not valid YAML"},
		"references that multiply":   {bomb(12), "multiply its content"},
		"references in a circle":     {"a: &a [*a]\n", "nested deeper|circles|levels deep"},
		"unknown reference":          {"a: *b\n", "no anchor"},
		"anchor twice":               {"a: &x 1\nb: &x 2\n", "exists already"},
		"foreign tag":                {"a: !!python/name:os.system x\n", "not provided for"},
		"no UTF-8":                   {"a: b\nc: \xff\n", "no readable text"},
		"NUL":                        {"a: b\x00\n", "no readable text"},
		"no mapping":                 {"- a\n- b\n", "consist of named fields"},
		"nothing":                    {"", "exactly one|consist of named fields"},
		"broken":                     {"a: [b\n", "not valid YAML"},
		"too long":                   {strings.Repeat("a", MaxBytes+1), "is larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("x.yaml", []byte(c.data))
			if err == nil {
				err = walk(f, f.Root, 0)
			}
			if err == nil {
				t.Fatal("accepted")
			}
			said := err.Error()
			found := false
			for _, s := range strings.Split(c.say, "|") {
				found = found || strings.Contains(said, s)
			}
			if !found {
				t.Errorf("want %q, have %s", c.say, said)
			}
		})
	}
}

// fields is n fields in one block.
func fields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: b\n", i)
	}
	return b.String()
}

// deep is n mappings within each other.
func deep(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// What people write is left alone: brackets in prose, long lists, references,
// many fields on a line.
func TestUsualFilesAreRead(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "k%d: {a: 1, b: [x, y], c: {d: e}, f: \"siehe [1, 2\"}\n", i)
		fmt.Fprintf(&b, "t%d: Text mit (Klammer], { und [ im Satz\n", i)
		fmt.Fprintf(&b, "l%d:\n  - a: |\n      - - - - kein Baum\n      [[[[\n    b: 'x: y: z'\n", i)
	}
	for i := range 60 {
		fmt.Fprintf(&b, "e%d:\n", i) // without a value
	}
	b.WriteString("nested:\n" + strings.ReplaceAll("  "+strings.TrimSpace(fields(MaxKeys)), "\n", "\n  ") + "\n")
	b.WriteString("anchor: &one [a, b]\nagain: *one\ntagged: !!str 12\n")
	f, err := Parse("x.yaml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := walk(f, f.Root, 0); err != nil {
		t.Fatal(err)
	}
	if f.Steps() == 0 || Line(f.Root.Values[3].Key) != 8 {
		t.Errorf("steps %d, line %d", f.Steps(), Line(f.Root.Values[3].Key))
	}
}

// A defect names file and line.
func TestARefusalNamesTheLine(t *testing.T) {
	_, err := Parse("dir.yaml", []byte("a: b\nc: d\ne: [\n"))
	p := problem.From(err)
	if p.Kind != problem.BadInput || len(p.Fields) != 1 || !strings.HasPrefix(p.Fields[0].Path, "dir.yaml:") || !p.Hint.Complete() {
		t.Errorf("%+v", p)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a: &x [*x]\n")
	f.Add(bomb(4))
	f.Add(deep(60))
	f.Add("a: b\n? c\n: d\n<<: *a\n")
	f.Add("%YAML 1.2\n---\na: !!binary abc\n...\n")
	f.Fuzz(func(t *testing.T, data string) {
		file, err := Parse("x.yaml", []byte(data))
		if err != nil {
			if p := problem.From(err); p.Kind != problem.BadInput && p.Kind != problem.TooLarge {
				t.Fatalf("%v is not about the file", err)
			}
			return
		}
		if err := walk(file, file.Root, 0); err != nil && problem.From(err).Kind == problem.Internal && !strings.Contains(err.Error(), "levels deep") {
			t.Fatal(err)
		}
	})
}
