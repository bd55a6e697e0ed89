package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"augenmass/internal/org"
	"augenmass/internal/org/move"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

type moveCmd struct {
	From      string `arg:"" help:"${move_from_help}"`
	To        string `arg:"" help:"${move_to_help}"`
	Org       string `help:"${move_org_help}"`
	MasterKey string `help:"${master_key_help}" type:"path"`
	JSON      bool   `help:"${json_help}"`
}

// Run copies an organisation from a folder into a database or back and prints
// what both have in common.
func (c moveCmd) Run(w *outside) error {
	o := move.Options{MasterKeyFile: c.MasterKey}
	var err error
	var slugs [2]string
	if o.From, slugs[0], err = place(c.From); err != nil {
		return err
	}
	if o.To, slugs[1], err = place(c.To); err != nil {
		return err
	}
	if o.Slug, err = c.slug(o, slugs); err != nil {
		return err
	}
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return err
	}
	if o.Library, err = packs.Load(tree); err != nil {
		return err
	}
	done, err := move.Move(w.ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(w.out, done)
	}
	_, err = fmt.Fprint(w.out, c.say(w.lang, o, done))
	return err
}

// place reads a folder or "postgres://…#slug".
func place(s string) (p move.Place, slug string, err error) {
	if !strings.HasPrefix(s, "postgres://") && !strings.HasPrefix(s, "postgresql://") {
		if addressLike.MatchString(s) {
			return p, "", noDatabase()
		}
		p.Dir, err = filepath.Abs(s)
		return p, "", err
	}
	u, err := url.Parse(s)
	if err != nil { // without err: it shows the password
		return p, "", noDatabase()
	}
	slug = u.Fragment
	u.Fragment, u.RawFragment = "", ""
	p.Database = u.String()
	return p, slug, nil
}

func noDatabase() error {
	return problem.New(problem.BadInput, "Die Adresse der Datenbank ist unlesbar.", "The address of the database is unreadable.").
		WithHint("Sie hat die Form postgres://nutzer@rechner:5432/datenbank#kurzname.", "It has the form postgres://user@host:5432/database#short-name.")
}

// slug finds the short name of the organisation, which a move cannot change:
// --org, else what follows # in an address, else the name of the source's
// folder, else that of the target's.
func (c moveCmd) slug(o move.Options, named [2]string) (string, error) {
	slug := c.Org
	for _, s := range named {
		if s != "" && slug != "" && s != slug {
			return "", problem.Newf(problem.BadInput, "Heißt die Organisation „%s“ oder „%s“? Ein Umzug ändert ihren Kurznamen nicht.",
				"Is the organisation '%s' or '%s'? A move does not change its short name.", slug, s)
		}
		if slug == "" {
			slug = s
		}
	}
	for _, p := range []move.Place{o.From, o.To} {
		if slug == "" && p.Dir != "" {
			slug = filepath.Base(p.Dir)
		}
	}
	if !org.ValidSlug(slug) {
		return "", problem.Newf(problem.BadInput, "„%s“ kann keine Organisation benennen.", "'%s' cannot name an organisation.", slug).
			WithHint("Bitte den Kurznamen mit --org angeben.", "Please give the short name with --org.")
	}
	return slug, nil
}

// say is the result as people read it.
func (c moveCmd) say(l text.Lang, o move.Options, d move.Done) string {
	var s strings.Builder
	where := func(p move.Place) string {
		if p.Dir != "" {
			return p.Dir
		}
		return say(l, "Schema ", "schema ") + org.Schema(d.Slug)
	}
	fmt.Fprintf(&s, say(l, "Umgezogen und verglichen: %s\n  von  %s\n  nach %s\n", "Moved and compared: %s\n  from %s\n  to   %s\n"), d.Name, where(o.From), where(o.To))
	fmt.Fprintf(&s, say(l, "Auf beiden Seiten gleich:\n  Journal    %s Einträge, Wurzel %s\n  Datenbank  %s\n  Tresor     %s Teile, %s\n",
		"Equal on both sides:\n  Journal    %s entries, root %s\n  Database   %s\n  Vault      %s parts, %s\n"),
		text.Int(l, int64(d.Entries)), d.Root, d.Objects, text.Int(l, int64(d.Blobs)), d.Vault)
	switch {
	case o.To.Database != "":
		s.WriteString(say(l, "Jeder Knoten braucht den Hauptschlüssel, mit dem die Organisation bisher lief; er liegt nicht in der Datenbank.\n",
			"Every node needs the master key that the organisation ran with so far; it is not in the database.\n"))
	case d.MasterKey != "":
		fmt.Fprintf(&s, say(l, "Der Hauptschlüssel liegt auch in %s.\n", "The master key is also in %s.\n"), d.MasterKey)
	}
	s.WriteString(say(l, "Die Quelle ist unverändert. Bitte nur noch das Ziel bedienen und die Quelle beiseitelegen: Zwei Journale eines Namens widersprechen einander.\n",
		"The source is unchanged. Please serve the target only and put the source away: two journals of one name contradict each other.\n"))
	return s.String()
}
