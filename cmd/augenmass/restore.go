package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"augenmass/internal/org"
	"augenmass/internal/org/backup"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

type restoreCmd struct {
	File      string `arg:"" help:"${restore_file_help}" type:"path"`
	Data      string `help:"${folder_help}" required:"" type:"path"`
	Org       string `help:"${restore_org_help}" required:""`
	Keys      string `help:"${restore_keys_help}" type:"path"`
	MasterKey string `help:"${master_key_help}" type:"path"`
	Known     string `help:"${known_help}" type:"path"`
	Continue  bool   `help:"${continue_help}"`
	Replace   bool   `help:"${replace_help}"`
	JSON      bool   `help:"${json_help}"`
}

// Run makes an organisation's folder of a backup after everything in it was
// checked.
func (c restoreCmd) Run(w *outside) error {
	if !org.ValidSlug(c.Org) {
		return problem.Newf(problem.BadInput, "„%s“ kann keine Organisation benennen.", "'%s' cannot name an organisation.", c.Org)
	}
	if err := isFolder("--data", c.Data); err != nil {
		return err
	}
	o := backup.RestoreOptions{File: c.File, Dir: filepath.Join(c.Data, c.Org), Slug: c.Org, Keys: c.Keys, MasterKeyFile: c.MasterKey,
		Continue: c.Continue, Replace: c.Replace}
	if c.Known != "" {
		raw, err := os.ReadFile(c.Known)
		if err != nil {
			return problem.Newf(problem.BadInput, "Der Prüfpunkt „%s“ lässt sich nicht lesen.", "The checkpoint '%s' cannot be read.", c.Known).Wrap(err)
		}
		o.Known = raw
	}
	r, err := backup.Restore(w.ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(w.out, r)
	}
	_, err = fmt.Fprint(w.out, sayRestored(w.lang, r))
	return err
}

func sayRestored(l text.Lang, r backup.Restored) string {
	var s strings.Builder
	fmt.Fprintf(&s, say(l, "Eingespielt und geprüft: %s\n", "Restored and verified: %s\n"), r.Dir)
	fmt.Fprintf(&s, say(l, "  Stand %s UTC, %s Journaleinträge\n", "  as of %s UTC, %s journal entries\n"),
		r.Head.TakenAt.Format("2006-01-02 15:04:05"), text.Int(l, int64(r.Entries)))
	if r.Origin == r.Head.Journal.Origin {
		fmt.Fprintf(&s, say(l, "  Das Journal geht unter „%s“ weiter.\n", "  The journal goes on as '%s'.\n"), r.Origin)
	} else {
		fmt.Fprintf(&s, say(l, "  Das Journal heißt jetzt „%s“ und nennt „%s“ als Vorgänger. Neuer Schlüssel für Zeugen und Prüfer:\n  %s\n",
			"  The journal is now named '%s' and names '%s' as its predecessor. New key for witnesses and auditors:\n  %s\n"), r.Origin, r.Head.Journal.Origin, r.VKey)
	}
	if r.Lost > 0 {
		fmt.Fprintf(&s, say(l, "  Verloren sind mindestens %s Einträge, die der angegebene Prüfpunkt nennt.\n", "  At least %s entries that the given checkpoint counts are lost.\n"), text.Int(l, int64(r.Lost)))
	}
	if r.Aside != "" {
		fmt.Fprintf(&s, say(l, "  Der alte Ordner liegt in %s\n", "  The old folder lies in %s\n"), r.Aside)
	}
	if r.Origin != r.Head.Journal.Origin { // else nothing came after the backup
		s.WriteString(say(l, "Was danach gelöscht (DSGVO Art. 17), gesperrt, widerrufen oder angehalten wurde, gilt hier nicht mehr. Bitte gleich nach dem Start wiederholen.\n",
			"What was erased (GDPR Art. 17), revoked, withdrawn or stopped after that time is undone here. Please do it again right after the start.\n"))
	}
	return s.String()
}
