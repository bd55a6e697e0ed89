// Package command reads a command line into structs: commands, arguments and
// flags are fields, and tags say what they are. It stands on pflag, which knows
// how flags are written (GNU long options: --name=value and --name value, before
// and after arguments, -- ends them), and adds what pflag leaves out: commands
// below commands, arguments with names, what is required, and every complaint in
// German and English.
//
// A field that is a struct with the tag cmd is a command; a command either has
// commands of its own or arguments and flags. Tags of the other fields:
//
//	arg:""        an argument; the others are flags
//	name:"x"      its name; else the field's name in lower case with hyphens
//	help:"${key}" one sentence, with the keys of the texts given to New
//	default:"x"   what it is when the call does not say; flags only
//	required:""   a flag that must be given
//	optional:""   an argument that may be left out
//	hidden:""     not on the help page
//	type:"path"   a relative path becomes an absolute one, ~/ the user's home
//
// Fields are string, bool, int, uint64 or []string; an argument is string or
// []string, and the latter takes all that is left. New refuses everything else,
// so that a test that calls it knows all of it.
//
// The package reads fields only and never asks for a method by name: a program
// that does so carries every method of every type (see the linker's dead code
// elimination). What runs a command is up to the caller, who gets the chosen
// struct from Target. Printing help is his, too.
package command

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/pflag"
)

// Command is the program or one of its commands. It is made by New, and parses
// one call.
type Command struct {
	Name     string // the program has none
	Help     string
	Commands []*Command
	Args     []*Value
	Flags    []*Value // without --help, which each command has

	above  *Command
	target any // pointer to the struct
	flags  *pflag.FlagSet
	help   bool // --help was given
}

// Value is an argument or a flag.
type Value struct {
	Name, Help, Default string
	Required, Hidden    bool
	Bool                bool // is on when it is named
	Many                bool // keeps every value that is given

	field any // pointer to the field
	path  bool
}

// Target is the pointer to the struct of the command.
func (c *Command) Target() any { return c.target }

// Path is the names of the commands that lead here: "journal rotate", and ""
// for the program.
func (c *Command) Path() string {
	if c.above == nil || c.above.Name == "" {
		return c.Name
	}
	return c.above.Path() + " " + c.Name
}

// Find returns the command below c that the names lead to, nil when there is
// none.
func (c *Command) Find(names ...string) *Command {
	for _, name := range names {
		i := slices.IndexFunc(c.Commands, func(b *Command) bool { return b.Name == name })
		if i < 0 {
			return nil
		}
		c = c.Commands[i]
	}
	return c
}

// New reads the tags of the struct that program points to. texts are the
// sentences that help tags name as ${key}.
func New(program any, texts map[string]string) (*Command, error) {
	v := reflect.ValueOf(program)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("command: %T is no pointer to a struct", program)
	}
	c := &Command{}
	return c, c.read(v.Elem(), texts)
}

// read fills c with what the fields of a struct are.
func (c *Command) read(v reflect.Value, texts map[string]string) error {
	c.target = v.Addr().Interface()
	c.flags = pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	c.flags.SetOutput(io.Discard)
	c.flags.BoolVarP(&c.help, "help", "h", false, "")
	for i := range v.NumField() {
		f := v.Type().Field(i)
		where := fmt.Sprintf("command: %s.%s", v.Type(), f.Name)
		if !f.IsExported() || f.Anonymous {
			return fmt.Errorf("%s is embedded or not exported", where)
		}
		if err := c.add(f, v.Field(i), texts); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	if len(c.Commands) > 0 && len(c.Args)+len(c.Flags) > 0 {
		return fmt.Errorf("command: %s has commands, and arguments or flags", v.Type())
	}
	c.flags.SetInterspersed(len(c.Commands) == 0)
	return nil
}

// add makes a command, an argument or a flag of a field.
func (c *Command) add(f reflect.StructField, v reflect.Value, texts map[string]string) error {
	if err := knownTags(f.Tag); err != nil {
		return err
	}
	name := f.Tag.Get("name")
	if name == "" {
		name = hyphenated(f.Name)
	}
	help, err := expand(f.Tag.Get("help"), texts)
	if err != nil {
		return err
	}
	if has(f.Tag, "cmd") {
		if v.Kind() != reflect.Struct {
			return fmt.Errorf("a command is a struct, not %s", f.Type)
		}
		if c.Find(name) != nil {
			return fmt.Errorf("the command %s is there twice", name)
		}
		below := &Command{Name: name, Help: help, above: c}
		c.Commands = append(c.Commands, below)
		return below.read(v, texts)
	}
	val := &Value{
		Name: name, Help: help, Default: f.Tag.Get("default"),
		Required: has(f.Tag, "required"), Hidden: has(f.Tag, "hidden"),
		field: v.Addr().Interface(), path: f.Tag.Get("type") == "path",
	}
	if t := f.Tag.Get("type"); t != "" && t != "path" {
		return fmt.Errorf("the type %q is not known", t)
	}
	if _, isString := val.field.(*string); val.path && !isString {
		return fmt.Errorf("a path is a string, not %s", f.Type)
	}
	if has(f.Tag, "arg") {
		val.Required = !has(f.Tag, "optional")
		return c.addArg(val)
	}
	return c.addFlag(val)
}

// addArg puts an argument behind the others.
func (c *Command) addArg(val *Value) error {
	switch val.field.(type) {
	case *string:
	case *[]string:
		val.Many = true
	default:
		return fmt.Errorf("an argument is string or []string, not %T", val.field)
	}
	if val.Default != "" {
		return fmt.Errorf("an argument has no default")
	}
	if n := len(c.Args); n > 0 && (c.Args[n-1].Many || val.Required && !c.Args[n-1].Required) {
		return fmt.Errorf("nothing can follow the argument %s", c.Args[n-1].Name)
	}
	c.Args = append(c.Args, val)
	return nil
}

// addFlag registers a flag and sets what it is without a call.
func (c *Command) addFlag(val *Value) error {
	if c.flags.Lookup(val.Name) != nil {
		return fmt.Errorf("the flag --%s is there twice", val.Name)
	}
	switch p := val.field.(type) {
	case *string:
		c.flags.StringVar(p, val.Name, "", "")
	case *int:
		c.flags.IntVar(p, val.Name, 0, "")
	case *uint64:
		c.flags.Uint64Var(p, val.Name, 0, "")
	case *[]string:
		val.Many = true
		c.flags.StringArrayVar(p, val.Name, nil, "")
	case *bool:
		val.Bool = true
		c.flags.Var((*yesNo)(p), val.Name, "")
		c.flags.Lookup(val.Name).NoOptDefVal = "true"
	default:
		return fmt.Errorf("a flag cannot be a %T", val.field)
	}
	c.Flags = append(c.Flags, val)
	if val.Default == "" {
		return nil
	}
	if val.Many {
		return fmt.Errorf("a flag that keeps every value has no default")
	}
	return c.flags.Lookup(val.Name).Value.Set(val.Default)
}

// yesNo is a flag that is on when it is named, and says so in the words of a
// person when it is written with a value.
type yesNo bool

func (y *yesNo) Set(s string) error {
	switch strings.ToLower(s) {
	case "true", "yes", "1":
		*y = true
	case "false", "no", "0":
		*y = false
	default:
		return strconv.ErrSyntax
	}
	return nil
}
func (y *yesNo) String() string { return strconv.FormatBool(bool(*y)) }
func (y *yesNo) Type() string   { return "bool" }

func has(tag reflect.StructTag, key string) bool {
	_, ok := tag.Lookup(key)
	return ok
}

// knownTags finds the tag that is written wrong, which reflect passes over.
func knownTags(tag reflect.StructTag) error {
	rest := strings.TrimSpace(string(tag))
	for rest != "" {
		key, value, ok := strings.Cut(rest, ":")
		quoted, err := strconv.QuotedPrefix(value)
		if !ok || err != nil {
			return fmt.Errorf("the tag %q cannot be read", tag)
		}
		if !slices.Contains([]string{"cmd", "arg", "name", "help", "default", "required", "optional", "hidden", "type"}, key) {
			return fmt.Errorf("the tag %s is not known", key)
		}
		rest = strings.TrimSpace(value[len(quoted):])
	}
	return nil
}

// expand puts the texts for their keys.
func expand(s string, texts map[string]string) (string, error) {
	var err error
	s = os.Expand(s, func(key string) string {
		t, ok := texts[key]
		if !ok {
			err = fmt.Errorf("there is no text %s", key)
		}
		return t
	})
	return s, err
}

// hyphenated writes MasterKey as master-key and JSON as json.
func hyphenated(field string) string {
	var b strings.Builder
	low := false
	for _, r := range field {
		if low && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		low = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
