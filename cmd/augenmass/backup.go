package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/org/backup"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

type backupCmd struct {
	Data        string `help:"${folder_help}" type:"path"`
	Database    string `help:"${backup_database_help}"`
	Org         string `help:"${backup_org_help}" required:""`
	Out         string `help:"${backup_out_help}" required:""`
	MasterKey   string `help:"${backup_master_key_help}" type:"path"`
	WithoutKeys bool   `help:"${without_keys_help}"`
	JSON        bool   `help:"${json_help}"`
}

// backedUp is what --json prints.
type backedUp struct {
	File string `json:"file"`
	backup.Summary
}

// Run writes a backup of an organisation, in a folder or on PostgreSQL, which
// servers may be working on, into a new file.
func (c backupCmd) Run(w *outside) (err error) {
	if !org.ValidSlug(c.Org) {
		return problem.Newf(problem.BadInput, "„%s“ kann keine Organisation benennen.", "'%s' cannot name an organisation.", c.Org)
	}
	if err := isFolder("--data", c.Data); err != nil {
		return err
	}
	if (c.Data == "") == (c.Database == "") {
		return problem.New(problem.BadInput, "Gesichert wird entweder ein Ordner (--data) oder eine Datenbank (--database).", "A backup is either of a folder (--data) or of a database (--database).")
	}
	file := c.Out
	if info, err := os.Stat(c.Out); err == nil && info.IsDir() || c.Out != "" && os.IsPathSeparator(c.Out[len(c.Out)-1]) {
		file = filepath.Join(c.Out, fmt.Sprintf("augenmass-%s-%s.tar", c.Org, time.Now().UTC().Format("20060102-150405Z")))
	}
	if _, err := os.Lstat(file); err == nil {
		return problem.Newf(problem.Conflict, "Die Datei „%s“ gibt es schon; sie wird nicht überschrieben.", "The file '%s' exists already; it is not overwritten.", file).
			WithHint("Bitte einen anderen Namen oder einen Ordner angeben.", "Please give another name, or a folder.")
	}
	done := backedUp{File: file}
	if done.Summary, err = c.write(w, file); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(w.out, done)
	}
	_, err = fmt.Fprint(w.out, done.say(w.lang))
	return err
}

// write gives the file its name when it is whole and on the disk.
func (c backupCmd) write(w *outside, file string) (s backup.Summary, err error) {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s, noTarget(err)
	}
	f, err := os.CreateTemp(dir, ".augenmass-*.part") // mode 0600
	if err != nil {
		return s, noTarget(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	o := backup.Options{Dir: filepath.Join(c.Data, c.Org), Slug: c.Org, WithoutKeys: c.WithoutKeys, Spool: dir, Program: version}
	if c.Database == "" {
		s, err = backup.Write(w.ctx, o, f)
	} else {
		s, err = c.writeDatabase(w, o, f)
	}
	if err != nil {
		return s, errors.Join(err, f.Close())
	}
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		return s, noTarget(err)
	}
	if err = os.Rename(f.Name(), file); err != nil {
		return s, noTarget(err)
	}
	return s, nil
}

func (c backupCmd) writeDatabase(w *outside, o backup.Options, f io.Writer) (s backup.Summary, err error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return s, err
	}
	lib, err := packs.Load(tree)
	if err != nil {
		return s, err
	}
	return backup.WriteDatabase(w.ctx, o, backup.Database{URL: c.Database, Library: lib, MasterKeyFile: c.MasterKey}, f)
}

func noTarget(err error) error {
	return problem.New(problem.Unavailable, "Die Sicherung lässt sich dort nicht schreiben.", "The backup cannot be written there.").
		WithHint("Ist Platz frei, und darf das Programm dort schreiben?", "Is there room, and may the program write there?").Wrap(err)
}

// say is the result as people read it.
func (b backedUp) say(l text.Lang) string {
	var s strings.Builder
	fmt.Fprintf(&s, say(l, "Gesichert: %s\n", "Backed up: %s\n"), b.File)
	fmt.Fprintf(&s, say(l, "  %s Teile, %s MB; Prüfpunkt über %s Einträge von %s\n", "  %s members, %s MB; checkpoint over %s entries of %s\n"),
		text.Int(l, b.Members), text.Decimal(l, float64(b.Bytes)/1e6, 1), text.Int(l, int64(b.Journal.Size)), b.Journal.Origin)
	if apart := b.Apart(); len(apart) > 0 {
		fmt.Fprintf(&s, say(l, "Ohne Schlüssel: Zum Einspielen werden %s gebraucht (--keys). Bitte getrennt aufbewahren.\n",
			"Without keys: a restore needs %s (--keys). Please keep them apart.\n"), strings.Join(apart, ", "))
	} else if !slices.ContainsFunc(b.Keys, func(k backup.Key) bool { return k.Name == "master.key" }) {
		s.WriteString(say(l, "Ohne Hauptschlüssel: Zum Einspielen wird er gebraucht (--master-key). Wer die Datei hat, kann die Datenbank lesen und unterschreiben, den Tresor nicht lesen.\n",
			"Without the master key: a restore needs it (--master-key). Who has the file can read the database and sign, and cannot read the vault.\n"))
	} else {
		s.WriteString(say(l, "Mit Schlüsseln: Wer die Datei hat, kann alles lesen und unterschreiben. Bitte wie einen Schlüssel aufbewahren.\n",
			"With keys: who has the file can read and sign everything. Please keep it like a key.\n"))
	}
	return s.String()
}

func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
