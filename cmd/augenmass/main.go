// Command augenmass is the one binary of the product: it serves
// organisations, runs the demonstration company, and verifies an auditor's
// case file without a server.
//
// It wires and parses; what the commands do lies in internal/demo,
// internal/serve and internal/prove. Exit codes: 0 done, 1 the answer is no
// (a case that does not verify, a run that failed), 2 the call or its input
// cannot be read.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"augenmass/internal/command"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// version is set when a release is built (-ldflags "-X main.version=…").
var version = "dev"

// Exit codes of every command.
const (
	exitOK    = 0
	exitNo    = 1
	exitUsage = 2
)

type cli struct {
	Demo    demoCmd    `cmd:"" help:"${demo_help}"`
	Serve   serveCmd   `cmd:"" help:"${serve_help}"`
	Verify  verifyCmd  `cmd:"" help:"${verify_help}"`
	Backup  backupCmd  `cmd:"" help:"${backup_help}"`
	Restore restoreCmd `cmd:"" help:"${restore_help}"`
	Move    moveCmd    `cmd:"" help:"${move_help}"`
	Journal journalCmd `cmd:"" help:"${journal_help}"`
	Packs   packsCmd   `cmd:"" help:"${packs_help}"`
	Import  importCmd  `cmd:"" help:"${import_help}"`
	Apply   applyCmd   `cmd:"" help:"${apply_help}"`
	Check   checkCmd   `cmd:"" help:"${check_help}"`
	Data    dataCmd    `cmd:"" help:"${data_cmd_help}"`
	Version versionCmd `cmd:"" help:"${version_help}"`
	Help    helpCmd    `cmd:"" help:"${help_help}"`
}

// outside is the world as the commands see it.
type outside struct {
	ctx      context.Context
	out, err io.Writer
	lang     text.Lang
	env      func(string) string
	commands *command.Command // the program, for its help
}

// runner is a command that does something; the others only hold commands.
type runner interface{ Run(w *outside) error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// run is main without the process: arguments in, exit code out.
func run(ctx context.Context, args []string, out, errw io.Writer, env func(string) string) int {
	w := &outside{ctx: ctx, out: out, err: errw, lang: locale(env), env: env}
	if len(args) == 0 {
		args = []string{"help"}
	}
	var c cli
	program, err := command.New(&c, helpIn(w.lang))
	if err != nil {
		fmt.Fprintln(errw, err)
		return exitUsage
	}
	w.commands = program
	chosen, err := program.Parse(args)
	if errors.Is(err, command.ErrHelp) {
		return report(w, printHelp(w, chosen))
	}
	if err != nil {
		misunderstood(w, err)
		return exitUsage
	}
	return report(w, chosen.Target().(runner).Run(w)) // a test holds that every command runs
}

// coded is an error that names its exit code.
type coded struct {
	code int
	err  error
}

func (c coded) Error() string {
	if c.err == nil {
		return fmt.Sprintf("exit %d", c.code)
	}
	return c.err.Error()
}
func (c coded) Unwrap() error { return c.err }

// report prints a problem the way a person reads it and returns the exit code.
func report(w *outside, err error) int {
	if err == nil {
		return exitOK
	}
	code := exitNo
	var c coded
	if errors.As(err, &c) {
		code = c.code
		if c.err == nil {
			return code
		}
		err = c.err
	}
	if w.ctx.Err() != nil && (errors.Is(err, w.ctx.Err()) || errors.Is(err, context.Cause(w.ctx))) { // Ctrl-C is nobody's fault
		fmt.Fprintln(w.err, say(w.lang, "Abgebrochen, bevor es fertig war.", "Interrupted before it was done."))
		return code
	}
	p := problem.From(err)
	if p.Kind == problem.BadInput {
		code = exitUsage
	}
	fmt.Fprintln(w.err, p.Say.In(w.lang))
	for _, f := range p.Fields {
		fmt.Fprintf(w.err, "  %s: %s\n", f.Path, f.Say.In(w.lang))
	}
	for _, r := range p.Reasons {
		fmt.Fprintf(w.err, "  %s\n", r.Say.In(w.lang))
	}
	if !p.Hint.IsZero() {
		fmt.Fprintln(w.err, p.Hint.In(w.lang))
	}
	if cause := p.Unwrap(); cause != nil {
		fmt.Fprintf(w.err, "  (%v)\n", cause)
	}
	return code
}

// locale follows the usual order of POSIX: LC_ALL, LC_MESSAGES, LANG.
func locale(env func(string) string) text.Lang {
	for _, k := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(k); v != "" {
			if l, ok := text.ParseLang(v); ok {
				return l
			}
			return text.EN
		}
	}
	return text.EN
}

func say(l text.Lang, de, en string) string { return text.Bi{DE: de, EN: en}.In(l) }

type versionCmd struct{}

func (versionCmd) Run(w *outside) error {
	_, err := fmt.Fprintf(w.out, "augenmass %s\n", version)
	return err
}
