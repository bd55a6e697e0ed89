package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"augenmass/internal/text"
)

// helpTexts are the sentences of the help page, by the key used in the struct
// tags of the commands.
var helpTexts = map[string]text.Bi{
	"demo_help":       {DE: "Startet eine Musterfirma mit laufender Fertigung in einem vorläufigen Ordner.", EN: "Starts a model company with a running plant in a temporary folder."},
	"serve_help":      {DE: "Bedient die Organisationen eines Ordners.", EN: "Serves the organisations of a folder."},
	"verify_help":     {DE: "Prüft eine Prüfakte ohne Server und nennt die erste Bruchstelle.", EN: "Verifies a case file without a server and names the first break."},
	"version_help":    {DE: "Nennt die Version.", EN: "Prints the version."},
	"help_help":       {DE: "Zeigt diese Übersicht.", EN: "Shows this page."},
	"listen_help":     {DE: "Adresse, an der Seiten und Schnittstellen antworten.", EN: "Address on which pages and interfaces answer."},
	"data_help":       {DE: "Ordner mit einem Unterordner je Organisation.", EN: "Folder with one folder per organisation."},
	"once_help":       {DE: "Ohne Bedienung: Entscheidungen durchlaufen lassen, Prüfakte schreiben, Zahlen als JSON ausgeben.", EN: "Unattended: run decisions, write the case file, print the counts as JSON."},
	"decisions_help":  {DE: "Zahl der KI-Ergebnisse, die durch das Tor gehen.", EN: "Number of inferences that pass the gateway."},
	"seed_help":       {DE: "Startwert; gleiche Werte geben gleiche Zahlen.", EN: "Seed; equal seeds give equal counts."},
	"out_help":        {DE: "Ordner für die Prüfakte.", EN: "Folder for the case file."},
	"rows_help":       {DE: "Zeilen einer AI4I-CSV statt der eigenen Fräslinie.", EN: "Rows of an AI4I CSV instead of our own milling line."},
	"org_help":        {DE: "Kurzname einer Organisation, die angelegt wird, wenn es sie nicht gibt.", EN: "Short name of an organisation, made when it does not exist."},
	"name_help":       {DE: "Name der neuen Organisation, wie Menschen sie nennen.", EN: "Name of the new organisation, as people call it."},
	"tls_help":        {DE: "Ein Proxy davor beendet TLS; Sitzungen gelten dann nur über https.", EN: "A proxy in front ends TLS; sessions then count over https only."},
	"file_help":       {DE: "Die Prüfakte (case.zip).", EN: "The case file (case.zip)."},
	"json_help":       {DE: "Ergebnis als JSON.", EN: "Result as JSON."},
	"key_help":        {DE: "Erwarteter Schlüssel der Organisation; ohne ihn gilt der in der Akte, dessen Kennung ausgegeben wird.", EN: "Expected key of the organisation; without it the one in the case counts, and its name is printed."},
	"flag_help":       {DE: "Zeigt Hilfe zum Befehl.", EN: "Shows help for the command."},
	"keep_help":       {DE: "Vorhandener oder neuer Ordner statt eines vorläufigen; bleibt danach bestehen.", EN: "An existing or new folder instead of a temporary one; it stays afterwards."},
	"master_key_help": {DE: "Datei mit dem Hauptschlüssel (sonst Umgebungsvariable AUGENMASS_MASTER_KEY oder eine Datei je Organisation).", EN: "File with the master key (else environment variable AUGENMASS_MASTER_KEY or a file per organisation)."},
}

func helpVars(l text.Lang) kong.Vars {
	v := kong.Vars{}
	for k, t := range helpTexts {
		v[k] = t.In(l)
	}
	return v
}

type helpCmd struct {
	Command []string `arg:"" optional:""`
}

func (h helpCmd) Run(w *outside, k *kong.Context) error {
	target := k.Model.Node
	for _, name := range h.Command {
		for _, c := range target.Children {
			if c.Name == name {
				target = c
			}
		}
	}
	return printNode(w, target)
}

// printHelp answers --help of the command that was named.
func printHelp(w *outside, k *kong.Context) error {
	node := k.Model.Node
	if s := k.Selected(); s != nil {
		node = s
	}
	return printNode(w, node)
}

func printNode(w *outside, node *kong.Node) error {
	var b strings.Builder
	l := w.lang
	if node.Type == kong.ApplicationNode {
		fmt.Fprintln(&b, say(l, "Augenmaß: das KI-Managementsystem, das hält, was es verspricht.", "Augenmass: the AI management system that carries out what it promises."))
		fmt.Fprintf(&b, "\n%s\n", say(l, "Aufruf: augenmass BEFEHL [Angaben]", "Usage: augenmass COMMAND [options]"))
	} else {
		fmt.Fprintf(&b, "%s\n\n%s augenmass %s\n", node.Help, say(l, "Aufruf:", "Usage:"), strings.TrimPrefix(node.Summary(), "augenmass "))
	}
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	if len(node.Children) > 0 {
		fmt.Fprintf(t, "\n%s\n", say(l, "Befehle:", "Commands:"))
		for _, c := range node.Children {
			fmt.Fprintf(t, "  %s\t%s\n", c.Name, c.Help)
		}
	}
	for _, p := range node.Positional {
		if p.Help != "" {
			fmt.Fprintf(t, "\n  %s\t%s\n", strings.ToUpper(p.Name), p.Help)
		}
	}
	if len(node.Flags) > 0 && node.Type != kong.ApplicationNode {
		fmt.Fprintf(t, "\n%s\n", say(l, "Angaben:", "Options:"))
		for _, f := range node.Flags {
			if f.Name == "help" {
				continue
			}
			fmt.Fprintf(t, "  --%s\t%s%s\n", f.Name, f.Help, defaultOf(l, f))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(w.out, b.String())
	return err
}

func defaultOf(l text.Lang, f *kong.Flag) string {
	if f.Default == "" || f.IsBool() {
		return ""
	}
	return fmt.Sprintf(say(l, " (sonst %s)", " (default %s)"), f.Default)
}
