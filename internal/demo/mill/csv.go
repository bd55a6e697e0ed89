package mill

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"augenmass/internal/problem"
)

// header is the header line of an AI4I 2020 file.
var header = []string{
	"UDI", "Product ID", "Type", "Air temperature [K]", "Process temperature [K]",
	"Rotational speed [rpm]", "Torque [Nm]", "Tool wear [min]",
	"Machine failure", "TWF", "HDF", "PWF", "OSF", "RNF",
}

// Limits of what ReadCSV takes.
const (
	MaxRows  = 1_000_000
	maxBytes = 128 << 20
)

// bounds are the values that a sensor of this line can report at all; anything
// outside is a defect of the file, not of the machine.
var bounds = []struct {
	column   int
	min, max float64
}{
	{3, 250, 350},  // air, K
	{4, 250, 400},  // process, K
	{5, 0, 10_000}, // speed, rpm
	{6, 0, 500},    // torque, Nm
	{7, 0, 10_000}, // wear, min
}

// ReadCSV reads a file in the format of AI4I 2020: comma separated, with or
// without a byte order mark, LF or CRLF, the header of the published file,
// plain decimal numbers. UDI must rise from row to row.
//
// The labels are taken as they stand; the published file contains failures
// without a mode and random failures that it does not count as failures.
//
// Every error is a *problem.Problem of kind BadInput (or TooLarge) that names
// the line of the file, counted from 1 with the header.
func ReadCSV(r io.Reader) ([]Row, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	buffered := bufio.NewReader(limited)
	if bom, err := buffered.Peek(3); err == nil && string(bom) == "\ufeff" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, unreadable(1, err)
		}
	}
	in := csv.NewReader(buffered)
	in.FieldsPerRecord = -1 // counted here, with a better message
	in.ReuseRecord = true

	first, err := in.Read()
	if err != nil {
		return nil, unreadable(1, err)
	}
	if err := checkHeader(first); err != nil {
		return nil, err
	}
	var rows []Row
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if limited.N <= 0 || len(rows) == MaxRows {
			return nil, problem.Newf(problem.TooLarge,
				"Die Datei ist zu groß; höchstens %[1]d Zeilen und %[2]d MB werden gelesen.",
				"The file is too large; at most %[1]d rows and %[2]d MB are read.", MaxRows, maxBytes>>20)
		}
		if err != nil {
			return nil, unreadable(2+len(rows), err)
		}
		line, _ := in.FieldPos(0)
		row, err := parseRow(record, line)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 && row.UDI <= rows[len(rows)-1].UDI {
			return nil, badField(line, 0, "UDI steigt nicht; sie dient als Zeit", "UDI does not rise; it serves as time", record[0])
		}
		rows = append(rows, row)
	}
	if limited.N <= 0 {
		return nil, problem.Newf(problem.TooLarge,
			"Die Datei ist größer als %d MB.", "The file is larger than %d MB.", maxBytes>>20)
	}
	if len(rows) == 0 {
		return nil, problem.New(problem.BadInput,
			"Zeile 2: Die Datei enthält nur die Kopfzeile.", "Line 2: the file holds nothing but the header.")
	}
	return rows, nil
}

func unreadable(line int, err error) error {
	var broken *csv.ParseError
	if errors.As(err, &broken) {
		line, err = broken.Line, broken.Err
	}
	if errors.Is(err, io.EOF) {
		return problem.New(problem.BadInput, "Zeile 1: Die Datei ist leer.", "Line 1: the file is empty.").
			WithHint("Erwartet wird eine Datei im Format von AI4I 2020.", "A file in the format of AI4I 2020 is expected.")
	}
	return problem.Newf(problem.BadInput,
		"Zeile %d lässt sich nicht als CSV lesen.", "Line %d cannot be read as CSV.", line).Wrap(err)
}

func checkHeader(got []string) error {
	for i, want := range header {
		if i < len(got) && got[i] == want {
			continue
		}
		have := "nichts"
		haveEN := "nothing"
		if i < len(got) {
			have = strconv.Quote(shortened(got[i]))
			haveEN = have
		}
		return problem.New(problem.BadInput,
			fmt.Sprintf("Zeile 1, Spalte %d: erwartet wird „%s“, gefunden wurde %s.", i+1, want, have),
			fmt.Sprintf("Line 1, column %d: expected %q, found %s.", i+1, want, haveEN)).
			WithHint("Die Kopfzeile muss der von AI4I 2020 gleichen, mit Kommas getrennt.",
				"The header must equal that of AI4I 2020, separated by commas.")
	}
	if len(got) > len(header) {
		return problem.Newf(problem.BadInput,
			"Zeile 1: %[1]d Spalten gefunden, erwartet werden %[2]d.",
			"Line 1: %[1]d columns found, %[2]d expected.", len(got), len(header))
	}
	return nil
}

func parseRow(f []string, line int) (Row, error) {
	if len(f) != len(header) {
		return Row{}, problem.Newf(problem.BadInput,
			"Zeile %[1]d: %[2]d Spalten gefunden, erwartet werden %[3]d.",
			"Line %[1]d: %[2]d columns found, %[3]d expected.", line, len(f), len(header))
	}
	var r Row
	var ok bool
	if r.UDI, ok = wholeNumber(f[0]); !ok || r.UDI < 1 {
		return Row{}, badField(line, 0, "keine positive ganze Zahl", "not a positive whole number", f[0])
	}
	code := Variant(f[2]).Code()
	if code < 0 {
		return Row{}, badField(line, 2, "weder L noch M noch H", "neither L nor M nor H", f[2])
	}
	r.Type = [...]Variant{Low, Medium, High}[code] // not f[2], which would keep the whole line in memory
	if serial, found := strings.CutPrefix(f[1], f[2]); !found || !digits(serial) {
		return Row{}, badField(line, 1, "nicht der Buchstabe der Variante mit einer Nummer", "not the letter of the variant with a number", f[1])
	}
	r.ProductID = strings.Clone(f[1])
	values := []*float64{&r.AirTemperature, &r.ProcessTemperature, &r.RotationalSpeed, &r.Torque, &r.ToolWear}
	for i, b := range bounds {
		v, ok := decimal(f[b.column])
		if !ok {
			return Row{}, badField(line, b.column, "keine Dezimalzahl", "not a decimal number", f[b.column])
		}
		if v < b.min || v > b.max {
			return Row{}, badField(line, b.column,
				fmt.Sprintf("außerhalb von %g bis %g", b.min, b.max), fmt.Sprintf("outside %g to %g", b.min, b.max), f[b.column])
		}
		*values[i] = v
	}
	for i, flag := range []*bool{&r.Failure, &r.TWF, &r.HDF, &r.PWF, &r.OSF, &r.RNF} {
		switch f[8+i] {
		case "0":
		case "1":
			*flag = true
		default:
			return Row{}, badField(line, 8+i, "weder 0 noch 1", "neither 0 nor 1", f[8+i])
		}
	}
	return r, nil
}

func badField(line, column int, de, en, have string) error {
	name, have := header[column], strconv.Quote(shortened(have))
	p := problem.New(problem.BadInput,
		fmt.Sprintf("Zeile %d, „%s“: %s ist %s.", line, name, have, de),
		fmt.Sprintf("Line %d, %q: %s is %s.", line, name, have, en))
	return p.WithField(fmt.Sprintf("lines.%d.%s", line, name), de, en)
}

// shortened keeps a message readable whatever the file holds.
func shortened(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func wholeNumber(s string) (int, bool) {
	if !digits(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// decimal takes digits with an optional point, and nothing else that
// strconv.ParseFloat would: no sign, exponent, hexadecimal digits, infinity.
func decimal(s string) (float64, bool) {
	whole, part, found := strings.Cut(s, ".")
	if !digits(whole) || found && !digits(part) || len(s) > 24 {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// WriteCSV writes rows in the format that ReadCSV takes: byte order mark,
// CRLF, the published header and its number of decimals.
func WriteCSV(w io.Writer, rows []Row) error {
	out := bufio.NewWriter(w)
	out.WriteString("\ufeff" + strings.Join(header, ",") + "\r\n")
	for _, r := range rows {
		// The published file writes 309, not 309.0, in this one column.
		process := strconv.FormatFloat(round(r.ProcessTemperature, 1), 'f', -1, 64)
		fmt.Fprintf(out, "%d,%s,%s,%.1f,%s,%.0f,%.1f,%.0f", r.UDI, r.ProductID, r.Type,
			r.AirTemperature, process, r.RotationalSpeed, r.Torque, r.ToolWear)
		for _, flag := range []bool{r.Failure, r.TWF, r.HDF, r.PWF, r.OSF, r.RNF} {
			if flag {
				out.WriteString(",1")
			} else {
				out.WriteString(",0")
			}
		}
		out.WriteString("\r\n")
	}
	if err := out.Flush(); err != nil {
		return problem.New(problem.Unavailable, "Die Zeilen ließen sich nicht schreiben.", "The rows could not be written.").Wrap(err)
	}
	return nil
}
