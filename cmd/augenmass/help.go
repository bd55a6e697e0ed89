package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"augenmass/internal/command"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// helpTexts are the sentences of the help page, by the key used in the struct
// tags of the commands.
var helpTexts = map[string]text.Bi{
	"demo_help":       {DE: "Startet eine Musterfirma mit laufender Fertigung in einem vorläufigen Ordner.", EN: "Starts a model company with a running plant in a temporary folder."},
	"serve_help":      {DE: "Bedient die Organisationen eines Ordners oder einer PostgreSQL-Datenbank.", EN: "Serves the organisations of a folder or of a PostgreSQL database."},
	"verify_help":     {DE: "Prüft eine Prüfakte ohne Server und nennt die erste Bruchstelle.", EN: "Verifies a case file without a server and names the first break."},
	"move_help":       {DE: "Kopiert eine Organisation aus einem Ordner in eine PostgreSQL-Datenbank oder zurück und beweist, dass beide gleich sind.", EN: "Copies an organisation from a folder into a PostgreSQL database or back and proves that both are the same."},
	"move_from_help":  {DE: "Ordner der Organisation oder postgres://…#kurzname.", EN: "Folder of the organisation or postgres://…#short-name."},
	"move_to_help":    {DE: "Wohin: ein neuer Ordner oder postgres://…#kurzname.", EN: "Where to: a new folder or postgres://…#short-name."},
	"move_org_help":   {DE: "Kurzname der Organisation, wenn er sich nicht aus Ordner oder Adresse ergibt.", EN: "Short name of the organisation when folder or address do not tell it."},
	"version_help":    {DE: "Nennt die Version.", EN: "Prints the version."},
	"help_help":       {DE: "Zeigt diese Übersicht.", EN: "Shows this page."},
	"listen_help":     {DE: "Adresse, an der Seiten und Schnittstellen antworten.", EN: "Address on which pages and interfaces answer."},
	"data_help":       {DE: "Ordner mit einem Unterordner je Organisation; mit --database nur für deren Hauptschlüssel.", EN: "Folder with one folder per organisation; with --database for their master keys only."},
	"database_help":   {DE: "PostgreSQL-Datenbank mit einem Schema je Organisation; mehrere Knoten dürfen sie zugleich bedienen.", EN: "PostgreSQL database with one schema per organisation; several nodes may serve it at once."},
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
	"keep_help":       {DE: "Vorhandener oder neuer Ordner statt eines vorläufigen; bleibt danach bestehen.", EN: "An existing or new folder instead of a temporary one; it stays afterwards."},
	"demo_db_help":    {DE: "Die Musterfirma in einer PostgreSQL-Datenbank statt in einem Ordner; bleibt danach bestehen.", EN: "The model company in a PostgreSQL database instead of a folder; it stays afterwards."},
	"master_key_help": {DE: "Datei mit dem Hauptschlüssel (sonst Umgebungsvariable AUGENMASS_MASTER_KEY oder eine Datei je Organisation).", EN: "File with the master key (else environment variable AUGENMASS_MASTER_KEY or a file per organisation)."},

	"journal_help":         {DE: "Prüft ein Journal, wechselt seinen Schlüssel, bezeugt fremde Journale.", EN: "Verifies a journal, changes its key, witnesses journals of others."},
	"journal_check_help":   {DE: "Prüft die veröffentlichten Dateien eines Journals: jeden Eintrag, jede Kachel, alle Schlüssel.", EN: "Verifies the published files of a journal: every entry, every tile, all keys."},
	"journal_rotate_help":  {DE: "Wechselt den Signierschlüssel; der Server auf dem Ordner muss beendet sein.", EN: "Changes the signing key; the server on the folder must have stopped."},
	"journal_witness_help": {DE: "Bezeugt die Prüfpunkte fremder Journale (C2SP tlog-witness).", EN: "Cosigns the checkpoints of journals of others (C2SP tlog-witness)."},
	"journal_folder_help":  {DE: "Der Ordner log des Journals.", EN: "The folder log of the journal."},
	"journal_key_help":     {DE: "Ein Schlüssel, der das Journal unterschreibt oder früher unterschrieb und anderswo bekannt ist.", EN: "A key that signs the journal or signed it once and is known from elsewhere."},
	"journal_memory_help":  {DE: "Ordner, in dem der Zeuge seinen Schlüssel und die letzten Prüfpunkte behält.", EN: "Folder in which the witness keeps its key and the last checkpoints."},
	"journal_name_help":    {DE: "Name des Zeugen, etwa eine Adresse ohne https://.", EN: "Name of the witness, such as an address without https://."},
	"journal_log_help":     {DE: "Öffentlicher Schlüssel eines Journals, das bezeugt wird; mehrfach möglich.", EN: "Public key of a journal that is witnessed; may be repeated."},

	"packs_help":       {DE: "Prüft Wissenspakete: Gesetze, Normen, Rahmenwerke, Fragen und Regeln.", EN: "Checks content packs: laws, standards, frameworks, questions and rules."},
	"packs_check_help": {DE: "Nennt jedes Paket und jeden Fehler mit Datei und Zeile und lässt alle Fälle laufen.", EN: "Names every pack and every defect with file and line and runs all cases."},
	"packs_dir_help":   {DE: "Ordner mit Paketen, statt der mitgelieferten.", EN: "Folder with packs, instead of those that ship."},
	"packs_own_help":   {DE: "Ordner mit eigenen Paketen, zusätzlich; sie dürfen die anderen nennen und nichts ersetzen.", EN: "Folder with packs of your own, in addition; they may cite the others and replace nothing."},

	// import
	"import_help":      {DE: "Liest Kataloge und Pakete anderer ein: Vorschau, Fehler nach Stelle, und mit --org in eine Organisation.", EN: "Imports catalogues and packs of others: preview, errors by position, and with --org into an organisation."},
	"import_file_help": {DE: "Tabelle (Markdown, XLSX, CSV), Bibliothek von CISO Assistant, eigenes Paket (YAML) oder Stückliste (CycloneDX, JSON).", EN: "A table (Markdown, XLSX, CSV), a CISO Assistant library, an own pack (YAML) or a bill of materials (CycloneDX, JSON)."},
	"import_as_help":   {DE: "table, ciso-assistant, own-pack, register oder mlbom; ohne die Angabe wird die Art erkannt (register nie).", EN: "table, ciso-assistant, own-pack, register or mlbom; without it the kind is recognised (register never)."},
	"import_dry_help":  {DE: "Nur prüfen und zeigen, was daraus würde.", EN: "Only check and show what would come of it."},
	"import_org_help":  {DE: "Ordner der Organisation; der Server auf ihm muss beendet sein. Ohne die Angabe wird nur geprüft.", EN: "Folder of the organisation; the server on it must have stopped. Without it the file is checked only."},

	// what a code repository says, and data sets
	"apply_help":       {DE: "Übernimmt ai-system.yaml aus einem Code-Verzeichnis ins Register und zeigt den Unterschied.", EN: "Takes ai-system.yaml of a code repository into the register and shows the difference."},
	"apply_file_help":  {DE: "Die Datei ai-system.yaml (docs/ai-system.md).", EN: "The file ai-system.yaml (docs/ai-system.md)."},
	"apply_org_help":   {DE: "Ordner der Organisation; der Server auf ihm muss beendet sein.", EN: "Folder of the organisation; the server on it must have stopped."},
	"apply_dry_help":   {DE: "Nur zeigen, was sich ändern würde.", EN: "Only show what would change."},
	"check_help":       {DE: "Prüft ai-system.yaml in einer Bauschritt-Kette: 0 in Ordnung, 1 etwas ist offen, 2 unlesbar.", EN: "Checks ai-system.yaml in a build pipeline: 0 fine, 1 something is open, 2 unreadable."},
	"check_org_help":   {DE: "Ordner der Organisation, gegen deren Register und Erlaubnis geprüft wird; der Server auf ihm muss beendet sein.", EN: "Folder of the organisation whose register and permit it is checked against; the server on it must have stopped."},
	"data_cmd_help":    {DE: "Prüft die Herkunft von Datensätzen.", EN: "Verifies the provenance of data sets."},
	"data_verify_help": {DE: "Prüft Unterschriften und Kette der Schritte und nennt den ersten Bruch.", EN: "Verifies signatures and chain of the steps and names the first break."},
	"data_set_help":    {DE: "Kennung oder Name eines Datensatzes; ohne die Angabe alle.", EN: "Id or name of a data set; without it all."},
	"import_sys_help":  {DE: "Für mlbom: Kennung oder Name des Systems, das Modelle und Datensätze bekommt.", EN: "For mlbom: id or name of the system that gets models and data sets."},

	// backup and restore
	"folder_help":            {DE: "Ordner mit einem Unterordner je Organisation.", EN: "Folder with one folder per organisation."},
	"backup_help":            {DE: "Sichert eine Organisation, in einem Ordner oder auf PostgreSQL, in eine Datei, auch während Server auf ihr arbeiten.", EN: "Backs up an organisation, in a folder or on PostgreSQL, into one file, also while servers work on it."},
	"backup_database_help":   {DE: "PostgreSQL-Datenbank, statt --data; auch mit mehreren Rechnern und target_session_attrs=read-write.", EN: "PostgreSQL database, instead of --data; also with several hosts and target_session_attrs=read-write."},
	"backup_master_key_help": {DE: "Mit --database: Datei mit dem Hauptschlüssel der Knoten (sonst Umgebungsvariable AUGENMASS_MASTER_KEY). Er kommt nicht in die Sicherung.", EN: "With --database: file with the nodes' master key (else environment variable AUGENMASS_MASTER_KEY). It does not get into the backup."},
	"backup_org_help":        {DE: "Kurzname der Organisation.", EN: "Short name of the organisation."},
	"backup_out_help":        {DE: "Neue Datei, oder ein Ordner für eine Datei mit Namen und Zeit.", EN: "A new file, or a folder for a file with name and time."},
	"without_keys_help":      {DE: "Schlüssel weglassen; zum Einspielen werden sie dann von anderswo gebraucht.", EN: "Leave the keys out; a restore then needs them from elsewhere."},
	"restore_help":           {DE: "Prüft eine Sicherung ganz und macht wieder einen Ordner daraus.", EN: "Verifies a backup completely and makes a folder of it again."},
	"restore_file_help":      {DE: "Die Sicherung.", EN: "The backup."},
	"restore_org_help":       {DE: "Kurzname der Organisation; der aus der Sicherung.", EN: "Short name of the organisation; the one in the backup."},
	"restore_keys_help":      {DE: "Ordner mit den Schlüsseln, die nicht in der Sicherung sind.", EN: "Folder with the keys that are not in the backup."},
	"known_help":             {DE: "Datei mit einem Prüfpunkt des Journals, der anderswo aufbewahrt wurde; die Sicherung darf ihm nicht widersprechen.", EN: "File with a checkpoint of the journal that was kept elsewhere; the backup must not contradict it."},
	"continue_help":          {DE: "Das Journal unter dem alten Namen weiterführen; nur mit --known und nur, wenn danach nichts mehr kam.", EN: "Go on with the journal under its old name; only with --known, and only when nothing came after it."},
	"replace_help":           {DE: "Einen vorhandenen Ordner beiseitelegen; er bleibt erhalten.", EN: "Put an existing folder aside; it is kept."},
}

// helpIn is the help texts in one language.
func helpIn(l text.Lang) map[string]string {
	in := map[string]string{}
	for k, t := range helpTexts {
		in[k] = t.In(l)
	}
	return in
}

type helpCmd struct {
	Command []string `arg:"" optional:""`
}

// Run shows the help of the command that was named, else the commands.
func (h helpCmd) Run(w *outside) error {
	c := w.commands.Find(h.Command...)
	if c == nil {
		return problem.Newf(problem.BadInput, "Den Befehl „%s“ gibt es nicht.", "There is no command '%s'.", strings.Join(h.Command, " ")).
			WithHint("„augenmass help“ zeigt, was es gibt.", "'augenmass help' shows what there is.")
	}
	return printHelp(w, c)
}

// printHelp prints the page of a command, or of the program.
func printHelp(w *outside, c *command.Command) error {
	var b strings.Builder
	l := w.lang
	about := "augenmass help"
	if c == w.commands {
		fmt.Fprintln(&b, say(l, "Augenmaß: das KI-Managementsystem, das hält, was es verspricht.", "Augenmass: the AI management system that carries out what it promises."))
		fmt.Fprintf(&b, "\n%s\n", say(l, "Aufruf: augenmass BEFEHL [Angaben]", "Usage: augenmass COMMAND [options]"))
	} else {
		about += " " + c.Path()
		fmt.Fprintf(&b, "%s\n\n%s augenmass %s\n", c.Help, say(l, "Aufruf:", "Usage:"), usageOf(l, c))
	}
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	if len(c.Commands) > 0 {
		fmt.Fprintf(t, "\n%s\n", say(l, "Befehle:", "Commands:"))
		for _, below := range c.Commands {
			fmt.Fprintf(t, "  %s\t%s\n", below.Name, below.Help)
		}
		fmt.Fprintf(t, say(l, "\n„%s BEFEHL“ zeigt die Angaben eines Befehls.\n", "\n'%s COMMAND' shows the options of a command.\n"), about)
	}
	for _, a := range c.Args {
		if a.Help != "" {
			fmt.Fprintf(t, "\n  %s\t%s\n", strings.ToUpper(a.Name), a.Help)
		}
	}
	if len(c.Flags) > 0 {
		fmt.Fprintf(t, "\n%s\n", say(l, "Angaben:", "Options:"))
		for _, f := range c.Flags {
			if !f.Hidden {
				fmt.Fprintf(t, "  --%s\t%s%s\n", f.Name, f.Help, defaultOf(l, f))
			}
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(w.out, b.String())
	return err
}

// usageOf is the call of a command: first what is required.
func usageOf(l text.Lang, c *command.Command) string {
	s := c.Path()
	if len(c.Commands) > 0 {
		return s + " " + say(l, "BEFEHL", "COMMAND")
	}
	options := false
	for _, f := range c.Flags {
		if f.Required {
			s += " --" + f.Name + "=…"
		} else {
			options = true
		}
	}
	for _, a := range c.Args {
		word := "<" + a.Name + ">"
		if a.Name == "command" {
			word = say(l, "BEFEHL", "COMMAND")
		}
		if a.Many {
			word += " ..."
		}
		if !a.Required {
			word = "[" + word + "]"
		}
		s += " " + word
	}
	if options {
		s += " " + say(l, "[Angaben]", "[options]")
	}
	return s
}

func defaultOf(l text.Lang, f *command.Value) string {
	if f.Default == "" || f.Bool {
		return ""
	}
	return fmt.Sprintf(say(l, " (sonst %s)", " (default %s)"), f.Default)
}
