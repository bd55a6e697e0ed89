package objects

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
)

// WriteCSV answers with a table to take away: UTF-8 with the mark that
// spreadsheets look for, comma separated (RFC 4180). No cell is read as a formula.
func WriteCSV(w http.ResponseWriter, name string, rows [][]string) error {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	out := csv.NewWriter(&b)
	out.UseCRLF = true
	for _, row := range rows {
		line := make([]string, len(row))
		for i, s := range row {
			line[i] = Cell(s)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, err := w.Write(b.Bytes())
	return err
}

// Cell is a text as a cell of a table that spreadsheets read as text and never as
// a formula: one that starts like a formula gets an apostrophe in front (OWASP,
// CSV injection).
func Cell(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r\n", rune(s[0])) && !strings.HasPrefix(s, "＝") &&
		!strings.HasPrefix(s, "＋") && !strings.HasPrefix(s, "－") && !strings.HasPrefix(s, "＠") {
		return s
	}
	return "'" + s
}
