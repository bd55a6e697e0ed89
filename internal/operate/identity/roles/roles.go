// Package roles says what each role of the house may do: eight roles, one table
// (catalogue ZTA-02, requirement 001-22). Whatever the table does not say is
// denied: a role, an action or a kind that is not in it.
//
// It only answers. Who holds which role is identity's to know; checking is done
// by whoever offers the action, and by record/store for every object (Access).
package roles

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Role is what a person is entrusted with.
type Role string

// The eight roles.
const (
	Director  Role = "director"
	AIOfficer Role = "ai_officer"
	Safety    Role = "safety"
	ShiftLead Role = "shift_lead"
	Council   Role = "council"
	Auditor   Role = "auditor"
	Admin     Role = "admin"
	Worker    Role = "worker"
)

// Values lists the roles.
func (Role) Values() []string {
	out := make([]string, len(infos))
	for i, r := range infos {
		out[i] = string(r.Role)
	}
	return out
}

// Info describes a role to people.
type Info struct {
	Role  Role
	Title text.Bi
	Does  text.Bi
	MFA   bool // should sign in with a second factor (requirement 001-22)
}

var infos = []Info{
	{Director, bi("Geschäftsführung", "Director"), bi("gibt frei, verantwortet und kann jedes System anhalten", "approves, is accountable and can stop any system"), true},
	{AIOfficer, bi("KI-Beauftragte", "AI officer"), bi("führt das Register, stuft ein und bewertet; gibt nichts frei", "keeps the register, classifies and assesses; approves nothing"), true},
	{Safety, bi("Arbeitssicherheit", "Safety specialist"), bi("gibt frei, was die Fertigung berührt, und vertritt die Schichtleitung bei Prüffällen", "approves what touches the shop floor and stands in for the shift lead on review cases"), true},
	{ShiftLead, bi("Schichtleitung", "Shift lead"), bi("entscheidet Prüffälle und kann anhalten", "decides review cases and can stop"), false},
	{Council, bi("Betriebsrat", "Works council"), bi("liest, was die Mitbestimmung betrifft, und schließt Vereinbarungen", "reads what co-determination concerns and concludes agreements"), false},
	{Auditor, bi("Prüfung", "Auditor"), bi("liest alles und schreibt nichts", "reads everything and writes nothing"), false},
	{Admin, bi("Verwaltung", "Administrator"), bi("verwaltet Zugänge und Geräte; gibt nichts frei und entscheidet nichts", "manages accounts and devices; approves and decides nothing"), true},
	{Worker, bi("Beschäftigte", "Worker"), bi("liest, welche Systeme es gibt und was sie dürfen", "reads which systems there are and what they may do"), false},
}

func bi(de, en string) text.Bi { return text.Bi{DE: de, EN: en} }

// All describes all roles in their order.
func All() []Info { return slices.Clone(infos) }

// Info describes one role, function or place of a signature; an unknown one has its own name as title.
func (r Role) Info() Info {
	for _, i := range infos {
		if i.Role == r {
			return i
		}
	}
	i, _ := place(r)
	return i
}

// Apart names the pairs of roles that one person cannot hold together: who
// manages accounts does not approve or decide, and who audits does not act
// (separation of duties, ISO/IEC 27001 A.5.3; own choice of pairs).
var Apart = [][2]Role{
	{Admin, Director}, {Admin, AIOfficer}, {Admin, Safety}, {Admin, ShiftLead}, {Admin, Council},
	{Auditor, Director}, {Auditor, AIOfficer}, {Auditor, Safety}, {Auditor, ShiftLead}, {Auditor, Council}, {Auditor, Admin},
}

// Actions beyond those of the store (read, create, update, delete).
const (
	Manage  = "manage"  // through this room's own rules: accounts, tokens
	Approve = "approve" // sign a dossier, withdraw the signature
	Decide  = "decide"  // end a review case
	Stop    = "stop"    // press the stop button
	Lift    = "lift"    // let a stopped system run again
	Export  = "export"  // take a copy out of the house
)

// actionInfos gives each action its letter in the table and its words.
var actionInfos = []struct {
	letter byte
	action string
	title  text.Bi
}{
	{'r', store.Read, bi("lesen", "read")},
	{'c', store.Create, bi("anlegen", "create")},
	{'u', store.Update, bi("ändern", "update")},
	{'d', store.Delete, bi("löschen", "delete")},
	{'m', Manage, bi("verwalten", "manage")},
	{'a', Approve, bi("freigeben", "approve")},
	{'v', Decide, bi("entscheiden", "decide")},
	{'s', Stop, bi("anhalten", "stop")},
	{'l', Lift, bi("Halt aufheben", "lift a stop")},
	{'x', Export, bi("ausleiten", "export")},
}

type matrixRow struct {
	area, kind string
	title      text.Bi
	cells      string // director ai_officer safety shift_lead council auditor admin worker
}

// matrix says what each role may do with each kind: one column a role, in the
// order of infos, one letter an action, a dash for nothing. It is the
// least-privilege table of catalogue ZTA-02 (requirement 001-22). A kind that
// is not here is denied to everybody.
//
// A signature is an object of kind approval, so approving includes creating
// and updating it. Persons and tokens change only through this room (manage).
var matrix = []matrixRow{
	{"govern", "system", bi("KI-System", "AI system"), "rsl rcudsl rsl rs r r r r"},
	{"govern", "model", bi("Modell", "model"), "r rcud r r r r r -"},
	{"govern", "vendor", bi("Lieferant", "vendor"), "r rcud r - r r r -"},
	{"govern", "usecase", bi("Anwendungsfall", "use case"), "rcu rcud r rc r r - -"},
	{"govern", "classification", bi("Einstufung", "classification"), "r rcu r r r r - -"},
	{"govern", "class_row", bi("Zeile der Klassentabelle", "row of the class table"), "r rcud r r r r - -"},
	{"govern", "external_result", bi("Ergebnis von außen", "external result"), "r rcu r r r r - -"},
	{"govern", "exception", bi("Ausnahme von Anhang III", "exception from Annex III"), "r rcud r r r r - -"},
	{"govern", "declaration", bi("Erklärung zu verbotenen Systemen", "declaration on prohibited systems"), "rc r r r r r - -"},
	{"govern", "conformity", bi("Konformitätsbewertung", "conformity assessment"), "r rcud r - r r - -"},
	{"govern", "zone_level", bi("Security Level einer Zone", "security level of a zone"), "r rcud rcu r r r r -"},
	{"govern", "workflow", bi("Ablauf einer Stufe", "workflow of a stage"), "rcu rcu r r r r - -"},
	{"govern", "stage_step", bi("Bestätigter Schritt", "confirmed step"), "rc rc rc rc r r - -"},
	{"govern", "pilot", bi("Pilot", "pilot"), "ru rcud r r r r - -"},
	{"govern", "retirement", bi("Plan der Stilllegung", "retirement plan"), "ru rcud r r r r - -"},
	{"govern", "assessment", bi("Folgenabschätzung", "impact assessment"), "r rcu rcu r r r - -"},
	{"govern", "interview", bi("Runde einer Folgenabschätzung", "round of an impact assessment"), "r rcu r r r r - -"},
	{"govern", "interview_entry", bi("Antwort einer Folgenabschätzung", "answer of an impact assessment"), "rc rc rc rc rc r - -"},
	{"govern", "barrier", bi("Antwort auf die Frage nach Hemmnissen", "answer on obstacles"), "rc rc rc rc rc r r rc"},
	{"govern", "agreement", bi("Betriebsvereinbarung", "works agreement"), "rcu r r - rcu r - -"},
	{"govern", "profile", bi("Steckbrief", "profile"), "ru rcud r r r r - -"},
	{"govern", "approval", bi("Freigabe", "approval"), "rcua r rcua r r r - -"},
	{"govern", "permit", bi("Betriebserlaubnis", "operating permit"), "r r r r r r r -"},
	{"govern", "control", bi("Aussage zu einer Anforderung", "statement on a requirement"), "ru rcud r - r r - -"},
	{"govern", "evidence", bi("Nachweis", "evidence"), "r rcud r - r r - -"},
	{"govern", "target", bi("Zieltermin", "target date"), "rcu rcud r - r r - -"},
	{"govern", "risk", bi("Risiko", "risk"), "ru rcud r - - r - -"},
	{"govern", "measure", bi("Maßnahme gegen Risiken", "measure against risks"), "ru rcud ru - r r - -"},
	{"govern", "acceptance", bi("Annahme eines Risikos", "acceptance of a risk"), "ru rc r - - r - -"},
	{"govern", "metric", bi("Messgröße", "metric"), "r rcud r r r r - -"},
	{"govern", "reading", bi("Messwert", "reading"), "r rc rc rc r r - -"},
	{"govern", "system_check", bi("Prüfung eines Systems", "check of a system"), "r rcu rcu r r r - -"},
	{"govern", "dataset", bi("Datensatz", "data set"), "r rcud r - r r - -"},
	{"govern", "flow", bi("Datenfluss", "data flow"), "r rcud r - r r - -"},
	{"govern", "model_check", bi("Abnahme eines Modells", "acceptance of a model"), "r rcud r - r r - -"},
	{"govern", "system_file", bi("Datei ai-system.yaml", "file ai-system.yaml"), "r rcud - - - r - -"},
	{"govern", "adoption", bi("Übernommenes Wissenspaket", "adopted content pack"), "r rcu r - r r - -"},
	{"govern", "pack_text", bi("Text eines Wissenspakets", "text of a content pack"), "r rc r - r r - -"},
	{"govern", "task", bi("Aufgabe", "task"), "rcu rcud rcu - r r - -"},
	{"govern", "document", bi("Dokument", "document"), "r rcud r r r r - -"},
	{"govern", "own_template", bi("Eigene Vorlage", "own template"), "r rcud r r r r - -"},
	{"govern", "own_pack", bi("Eigenes Wissenspaket", "own content pack"), "r rcud r - r r - -"},
	{"govern", "requirement_status", bi("Stand einer Anforderung", "status of a requirement"), "r rcu r - - r - -"},
	{"govern", "software", bi("Software im Einsatz", "software in use"), "r rcud r r r r - -"},
	{"govern", "tip", bi("Hinweis aus dem Betrieb", "tip from the workplace"), "r rcud - - r r - -"},
	{"govern", "intake", bi("Link für Hinweise", "link for tips"), "r rcu - - r r - -"},
	{"govern", "inquiry", bi("Brief an einen Lieferanten", "letter to a vendor"), "r rcud r - r r - -"},
	{"govern", "start", bi("Herkunft eines Eintrags", "where an entry came from"), "ru rcud r r r r - -"},
	{"govern", "finding", bi("Feststellung", "finding"), "rcu rcu rcu rc rc r - -"},
	{"govern", "comment", bi("Anmerkung", "comment"), "rc rc rc rc rc r - -"},
	{"operate", "policy", bi("Zugriffsregel", "policy"), "r rcud r - - r r -"},
	{"operate", "case", bi("Prüffall", "review case"), "r r rv rv - r - -"},
	{"operate", "workload", bi("Programm", "workload"), "r r r r - r rcud -"},
	{"operate", "device", bi("Gerät", "device"), "r r r r - r rcud -"},
	{"operate", "person", bi("Person", "person"), "r r r - - r rm -"},
	{"operate", "passkey", bi("Passkey", "passkey"), "- - - - - r rm -"},
	{"operate", "token", bi("Zugangsschlüssel", "API token"), "- - - - - r rm -"},
	{"prove", "journal", bi("Journal", "journal"), "r r r r - r r -"},
	{"prove", "casefile", bi("Prüfakte", "case file"), "rx rx r - - rx - -"},
}

// grant is one cell of the matrix made ready.
type grant struct{ role, kind, action string }

var grants = func() map[grant]bool {
	g := map[grant]bool{}
	for _, row := range matrix {
		for i, cell := range strings.Fields(row.cells) {
			for _, a := range actionInfos {
				if strings.IndexByte(cell, a.letter) >= 0 {
					g[grant{string(infos[i].Role), row.kind, a.action}] = true
				}
			}
		}
	}
	grantFunctions(g)
	return g
}()

// ReadOnly among roles takes away everything but reading: a token of a person.
const ReadOnly = "read_only"

// Allowed reports whether one of the roles may do action on objects of kind.
// What is unknown is denied: role, action or kind.
func Allowed(roles []string, action, kind string) bool {
	if action != store.Read && slices.Contains(roles, ReadOnly) {
		return false
	}
	return slices.ContainsFunc(roles, func(r string) bool { return grants[grant{r, kind, action}] })
}

// Access is the store.AccessFunc of the house: the table, and nothing else. A
// refusal names the roles that may.
func Access(_ context.Context, a store.Actor, action, kind string, _ any) error {
	if a.Kind == store.System || Allowed(a.Roles, action, kind) {
		return nil
	}
	var de, en []string
	for _, r := range infos {
		if grants[grant{string(r.Role), kind, action}] {
			de, en = append(de, r.Title.DE), append(en, r.Title.EN)
		}
	}
	p := problem.New(problem.Denied, "Das ist in Ihrer Rolle nicht vorgesehen.", "Your role does not provide for this.")
	if len(de) == 0 {
		return p.WithReason("role."+action, "Dieses Recht hat keine Rolle.", "No role has this right.")
	}
	return p.WithReason("role."+action,
		"Vorgesehen ist es für: "+strings.Join(de, ", ")+".", "It is provided for: "+strings.Join(en, ", ")+".").
		WithHint("Bitte eine dieser Rollen darum bitten.", "Please ask one of these roles.")
}

// Unlisted returns those kinds that the table does not know and therefore
// denies to everybody, for a test of whoever registers kinds.
func Unlisted(kinds []string) []string {
	var out []string
	for _, k := range kinds {
		if !slices.ContainsFunc(matrix, func(r matrixRow) bool { return r.kind == k }) {
			out = append(out, k)
		}
	}
	return out
}

// Row is one line of the table of roles, for pages and exports.
type Row struct {
	Area, Kind string
	Title      text.Bi
	Cells      [][]string // actions, one entry a role in the order of All
}

// Matrix is the table of roles.
func Matrix() []Row {
	out := make([]Row, len(matrix))
	for i, row := range matrix {
		out[i] = Row{Area: row.area, Kind: row.kind, Title: row.title, Cells: make([][]string, len(infos))}
		for j, r := range infos {
			for _, a := range actionInfos {
				if grants[grant{string(r.Role), row.kind, a.action}] {
					out[i].Cells[j] = append(out[i].Cells[j], a.action)
				}
			}
		}
	}
	return out
}

// ActionTitle is the word for an action.
func ActionTitle(action string) text.Bi {
	for _, a := range actionInfos {
		if a.action == action {
			return a.title
		}
	}
	return text.Same(action)
}

// Write writes the table of roles as CSV in one language.
func Write(w io.Writer, l text.Lang) error {
	c := csv.NewWriter(w)
	head := []string{bi("Art", "Kind").In(l)}
	for _, r := range infos {
		head = append(head, r.Title.In(l))
	}
	rows := [][]string{head}
	for _, row := range Matrix() {
		line := []string{row.Title.In(l)}
		for _, cell := range row.Cells {
			words := make([]string, len(cell))
			for i, a := range cell {
				words[i] = ActionTitle(a).In(l)
			}
			line = append(line, strings.Join(words, ", "))
		}
		rows = append(rows, line)
	}
	return c.WriteAll(rows)
}
