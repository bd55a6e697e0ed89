package command

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// ErrHelp is what Parse returns when the call asks for help on the command.
var ErrHelp = errors.New("help was asked for")

// Parse reads the arguments of a call into the structs and returns the command
// that was chosen. Otherwise the error is ErrHelp, with the command that it is
// about, or an *Error. A call that asks for help need not be complete.
func (c *Command) Parse(args []string) (*Command, error) {
	if err := c.precheck(args); err != nil {
		return c, err
	}
	if err := c.flags.Parse(args); err != nil {
		return c, c.slip(err)
	}
	rest := c.flags.Args()
	if len(c.Commands) == 0 {
		return c, c.take(rest)
	}
	if len(rest) == 0 {
		if c.help {
			return c, ErrHelp
		}
		return c, c.commandMissing()
	}
	below := c.Find(rest[0])
	if below == nil {
		return c, c.unknownCommand(rest[0])
	}
	below.help = c.help
	return below.Parse(rest[1:])
}

// precheck refuses two things that pflag lets pass: a value written behind its
// flag that is a flag itself (--org --json), and flags of the form -test.x, which
// pflag keeps for Go's own tests.
func (c *Command) precheck(args []string) error {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--", len(c.Commands) > 0 && !strings.HasPrefix(arg, "-"):
			return nil
		case strings.HasPrefix(arg, "-test."):
			return c.unknownFlag("-t", "")
		case !strings.HasPrefix(arg, "--") || strings.Contains(arg, "="):
			continue
		}
		f := c.flags.Lookup(arg[2:])
		if f == nil || f.NoOptDefVal != "" || len(args) == 0 {
			continue // pflag says what is wrong, if anything is
		}
		if v := args[0]; len(v) > 1 && v[0] == '-' {
			return c.flagForValue(f, v)
		}
		args = args[1:]
	}
	return nil
}

// take gives the arguments their fields and looks whether anything is missing
// or too much.
func (c *Command) take(rest []string) error {
	missing := []string{}
	for _, a := range c.Args {
		switch {
		case len(rest) == 0 && a.Required:
			missing = append(missing, "<"+a.Name+">")
		case len(rest) == 0:
		case a.Many:
			*a.field.(*[]string), rest = rest, nil
		default:
			*a.field.(*string), rest = rest[0], rest[1:]
		}
	}
	if len(rest) > 0 {
		return c.tooMany(rest[0])
	}
	if c.help {
		return ErrHelp
	}
	flags := []string{}
	for _, f := range c.Flags {
		if f.Required && !c.flags.Changed(f.Name) {
			flags = append(flags, "--"+f.Name)
		}
	}
	if len(missing)+len(flags) > 0 {
		return c.missing(missing, flags)
	}
	for _, val := range append(c.Args[:len(c.Args):len(c.Args)], c.Flags...) {
		if val.path {
			p := val.field.(*string)
			*p = absolute(*p)
		}
	}
	return nil
}

// absolute makes a path independent of the working directory. Nothing, and "-"
// for the standard streams, stay what they are.
func absolute(path string) string {
	if path == "" || path == "-" {
		return path
	}
	if below, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, below)
		}
	}
	if abs, err := filepath.Abs(path); err == nil && !filepath.IsAbs(path) {
		return abs
	}
	return path
}
