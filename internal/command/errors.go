package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"augenmass/internal/text"
)

// Kind is what is wrong with a call.
type Kind int

// The kinds of slips.
const (
	UnknownCommand Kind = iota + 1 // there is no such command
	NoCommand                      // the command needs one of its own behind it
	UnknownFlag                    // the command has no such flag
	BadFlag                        // --, then something that is no name
	NoValue                        // the call ends behind a flag that takes a value
	FlagForValue                   // behind a flag that takes a value stands a flag
	BadValue                       // the value is not of the flag's type
	TooMany                        // more arguments than the command takes
	Missing                        // arguments or flags that are required
)

// Error is a call that cannot be understood.
type Error struct {
	Kind Kind
	At   *Command // its help says what can be called
	Say  text.Bi  // the German side is a sentence, the English one a clause
}

func (e *Error) Error() string { return e.Say.EN }

func (c *Command) wrong(k Kind, de, en string) *Error {
	return &Error{Kind: k, At: c, Say: text.Bi{DE: de, EN: en}}
}

// slip says in two languages what pflag found. What it may find in a later
// version comes through in its own words.
func (c *Command) slip(err error) error {
	var unknown *pflag.NotExistError
	var noValue *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown):
		if unknown.GetSpecifiedShortnames() != "" {
			return c.unknownFlag("-"+firstRune(unknown.GetSpecifiedShortnames()), "")
		}
		return c.unknownFlag("--"+unknown.GetSpecifiedName(), unknown.GetSpecifiedName())
	case errors.As(err, &noValue):
		name := "--" + noValue.GetFlag().Name
		return c.wrong(NoValue, fmt.Sprintf("Hinter %s fehlt der Wert.", name), name+": missing value")
	case errors.As(err, &bad):
		return c.badValue(bad)
	case errors.As(err, &syntax):
		f := syntax.GetSpecifiedFlag()
		return c.wrong(BadFlag, fmt.Sprintf("%q ist keine Angabe; sie heißen --name oder --name=WERT.", f), fmt.Sprintf("%q is no flag; they are written --name or --name=VALUE", f))
	}
	return c.wrong(BadFlag, err.Error(), err.Error())
}

func (c *Command) badValue(bad *pflag.InvalidValueError) *Error {
	de, en := "einen anderen Wert", "another value"
	switch bad.GetFlag().Value.Type() {
	case "int":
		de, en = "eine ganze Zahl", "a valid int"
	case "uint64":
		de, en = "eine ganze Zahl ab 0", "a valid unsigned int"
	case "bool":
		de, en = "true oder false", "true or false"
	}
	if errors.Is(bad, strconv.ErrRange) {
		de, en = "eine Zahl mit weniger Stellen", "a number of fewer digits"
	}
	name, got := bad.GetFlag().Name, bad.GetValue()
	return c.wrong(BadValue, fmt.Sprintf("--%s verlangt %s, nicht %q.", name, de, got), fmt.Sprintf("--%s: expected %s but got %q", name, en, got))
}

func (c *Command) flagForValue(f *pflag.Flag, got string) *Error {
	kind := f.Value.Type()
	if kind == "stringArray" {
		kind = "string"
	}
	return c.wrong(FlagForValue,
		fmt.Sprintf("--%s verlangt einen Wert, nicht %q; sonst als --%s=WERT schreiben.", f.Name, got, f.Name),
		fmt.Sprintf("--%s: expected %s value but got %q; else write --%s=VALUE", f.Name, kind, got, f.Name))
}

// unknownFlag names what was written; name is what to look for among the flags.
func (c *Command) unknownFlag(written, name string) *Error {
	names := []string{}
	for _, f := range c.Flags {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	de, en := fmt.Sprintf("Die Angabe %s gibt es hier nicht.", written), "unknown flag "+written
	if meant := nearest(name, names); meant != "" {
		de += fmt.Sprintf(" Gemeint ist vielleicht --%s.", meant)
		en += fmt.Sprintf(", did you mean --%s?", meant)
	}
	return c.wrong(UnknownFlag, de, en)
}

func (c *Command) unknownCommand(name string) *Error {
	names := []string{}
	for _, b := range c.Commands {
		names = append(names, b.Name)
	}
	whole := strings.TrimSpace(c.Path() + " " + name)
	de, en := fmt.Sprintf("Den Befehl „%s“ gibt es nicht.", whole), fmt.Sprintf("there is no command '%s'", whole)
	if meant := nearest(name, names); meant != "" {
		de += fmt.Sprintf(" Gemeint ist vielleicht „%s“.", meant)
		en += fmt.Sprintf(", did you mean '%s'?", meant)
	}
	return c.wrong(UnknownCommand, de, en)
}

func (c *Command) commandMissing() *Error {
	if len(c.Commands) == 1 {
		name := c.Commands[0].Name
		return c.wrong(NoCommand, fmt.Sprintf("Es fehlt %s.", name), fmt.Sprintf("expected %q", name))
	}
	names := []string{}
	for _, b := range c.Commands {
		names = append(names, strconv.Quote(b.Name))
	}
	all := strings.Join(names, ", ")
	return c.wrong(NoCommand, fmt.Sprintf("Es fehlt eines von %s.", all), "expected one of "+all)
}

func (c *Command) tooMany(arg string) *Error {
	return c.wrong(TooMany, fmt.Sprintf("„%s“ gehört nicht hierher.", arg), "unexpected argument "+arg)
}

// missing names every argument and every flag that the call lacks.
func (c *Command) missing(args, flags []string) *Error {
	de, en := []string{}, []string{}
	if len(args) > 0 {
		de = append(de, strings.Join(args, " "))
		en = append(en, fmt.Sprintf("expected %q", strings.Join(args, " ")))
	}
	if len(flags) > 0 {
		de = append(de, strings.Join(flags, ", "))
		en = append(en, "missing flags: "+strings.Join(flags, ", "))
	}
	return c.wrong(Missing, fmt.Sprintf("Es fehlt %s.", strings.Join(de, ", ")), strings.Join(en, ", "))
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// nearest is the name that was probably meant: at most one letter in three is
// wrong, missing or too much. Else it is empty.
func nearest(written string, names []string) string {
	best, at := "", len([]rune(written))/3+1
	for _, n := range names {
		if d := distance([]rune(written), []rune(n)); d < at {
			best, at = n, d
		}
	}
	return best
}

// distance is Levenshtein's: the number of letters to change, add or leave out
// to make b of a.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
