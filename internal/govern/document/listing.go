package document

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Fault is what is wrong with one line of a pasted list.
type Fault struct {
	Line int // counted from 1
	Say  text.Bi
}

// most is how many documents one list may bring.
const most = 500

// words are the answers that a list may give, in both languages.
var words = map[string]Relevance{
	"ja": Yes, "yes": Yes, "x": Yes, "nein": No, "no": No, "offen": Undecided, "open": Undecided, "": Undecided,
}

var sorts = map[string]Sort{
	"richtlinie": Policy, "policy": Policy, "prozess": Process, "process": Process, "anweisung": Instruction, "arbeitsanweisung": Instruction,
	"instruction": Instruction, "handbuch": Manual, "manual": Manual, "vertrag": Contract, "contract": Contract, "sonstiges": Other, "other": Other, "": Other,
}

// heads are words that show that the first line names the columns.
var heads = []string{"name", "dokument", "document", "titel", "title"}

// Parse reads a list of documents, one a line: name; place; sort; matters for
// AI (ja, nein, offen); reason. Columns are divided by semicolons or tabs, the
// last three may be missing, a first line with column names is skipped. faults
// names every line that cannot be taken over; then nothing of the list should
// be.
func Parse(list string) (docs []Document, faults []Fault) {
	say := func(line int, de, en string) {
		faults = append(faults, Fault{Line: line, Say: text.Bi{DE: de, EN: en}})
	}
	rd := csv.NewReader(strings.NewReader(strings.TrimPrefix(list, "\ufeff")))
	rd.Comma, rd.FieldsPerRecord, rd.TrimLeadingSpace, rd.LazyQuotes = ';', -1, true, true
	if strings.Count(list, "\t") > strings.Count(list, ";") {
		rd.Comma = '\t'
	}
	seen := map[string]int{}
	for first := true; ; first = false {
		row, err := rd.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var p *csv.ParseError
			line := 1
			if errors.As(err, &p) {
				line = p.Line
			}
			say(line, "Diese Zeile ist nicht lesbar: ein Anführungszeichen ist nicht geschlossen.", "This line cannot be read: a quotation mark is not closed.")
			break
		}
		line, _ := rd.FieldPos(0)
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if strings.Join(row, "") == "" || first && slices.Contains(heads, strings.ToLower(row[0])) {
			continue
		}
		d, ok := one(row, func(de, en string) { say(line, de, en) })
		if before, twice := seen[d.Name+"\x00"+d.Place]; ok && twice {
			say(line, "Dieses Dokument steht schon in Zeile "+itoa(before)+".", "This document stands in line "+itoa(before)+" already.")
			continue
		}
		if ok {
			seen[d.Name+"\x00"+d.Place] = line
			docs = append(docs, d)
		}
		if len(docs) > most {
			say(line, "Eine Liste hat höchstens 500 Dokumente. Bitte in mehreren Schritten einlesen.", "A list has at most 500 documents. Please read it in several steps.")
			break
		}
	}
	return docs, faults
}

// one reads a row; what is wrong with it is said.
func one(row []string, say func(de, en string)) (Document, bool) {
	col := func(i int) string {
		if i < len(row) {
			return row[i]
		}
		return ""
	}
	d := Document{Name: col(0), Place: col(1), Reason: col(4)}
	ok := true
	wrong := func(bad bool, de, en string) {
		if bad {
			say(de, en)
			ok = false
		}
	}
	var known bool
	wrong(len(row) > 5, "Die Zeile hat mehr als fünf Spalten: Name; Ort; Art; KI; Begründung.", "The line has more than five columns: name; place; sort; AI; reason.")
	wrong(strings.ContainsAny(strings.Join(row, ""), "\r\n"), "Ein Anführungszeichen ist nicht geschlossen.", "A quotation mark is not closed.")
	wrong(utf8.RuneCountInString(d.Name) > 200 || utf8.RuneCountInString(d.Place) > 2000 || utf8.RuneCountInString(d.Reason) > 2000,
		"Zu lang: ein Name hat höchstens 200 Zeichen, Ort und Begründung höchstens 2.000.", "Too long: a name has at most 200 characters, place and reason at most 2,000.")
	wrong(d.Name == "", "Der Name fehlt.", "The name is missing.")
	wrong(d.Place == "", "Der Ort fehlt: wo liegt das Dokument?", "The place is missing: where does the document lie?")
	d.Sort, known = sorts[strings.ToLower(col(2))]
	wrong(!known, "Unbekannte Art „"+col(2)+"“. Möglich sind Richtlinie, Prozess, Anweisung, Handbuch, Vertrag, Sonstiges.",
		"Unknown sort '"+col(2)+"'. Possible are policy, process, instruction, manual, contract, other.")
	d.Relevant, known = words[strings.ToLower(col(3))]
	wrong(!known, "Für KI von Belang: ja, nein oder offen; gefunden: „"+col(3)+"“.", "Matters for AI: yes, no or open; found: '"+col(3)+"'.")
	if err := d.Validate(); ok && err != nil {
		for _, f := range problem.From(err).Fields {
			wrong(true, f.Say.DE, f.Say.EN)
		}
	}
	return d, ok
}

// Import stores all documents of a list or none.
func (r *Room) Import(ctx context.Context, docs []Document) (n int, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		made, err := r.Documents.CreateMany(ctx, tx, docs)
		n = len(made)
		return err
	})
	return n, err
}

func itoa(n int) string { return strconv.Itoa(n) }
