package operation

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/operate/oversee"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// featureRow is one value that the model was given, with its share of the
// result once the suggestion is shown.
type featureRow struct {
	Name    string
	Value   string // with its unit
	Missing bool
	Share   float64 // of all influence, 0..1
	Word    string  // direction and share
}

// output is the one result of a model that a person confirms or replaces. A
// result of several rows or several values has no name: a person's own value
// then stands alone.
type output struct {
	Name     string
	Binary   bool
	Value    string // as the model gave it; never shown before it was asked for
	Question string // key of the question that a binary result answers
	family   string // keys of the two answers
}

// outputOf finds the result among the tensors of an answer. The house's failure
// models call it "failure"; a single truth value is binary under any name.
func outputOf(ts []oversee.Tensor) output {
	var rest []oversee.Tensor
	for _, t := range ts {
		if t.Name == "failure" && len(t.Data) == 1 && isBinary(t.Data[0]) {
			return output{Name: t.Name, Binary: true, Value: truth(t.Data[0]), Question: "operation.failure.question", family: "operation.failure."}
		}
		if t.Name != "confidence" {
			rest = append(rest, t)
		}
	}
	if len(rest) != 1 || len(rest[0].Data) != 1 {
		return output{}
	}
	o := output{Name: rest[0].Name, Value: string(rest[0].Data[0])}
	if rest[0].Datatype == "BOOL" && isBinary(rest[0].Data[0]) {
		o.Binary, o.Value, o.family = true, truth(rest[0].Data[0]), "operation.truth."
	}
	return o
}

func isBinary(v oversee.Value) bool {
	return slices.Contains([]oversee.Value{"0", "1", "true", "false"}, v)
}

// truth is a binary value as the form carries it.
func truth(v oversee.Value) string {
	if v == "1" || v == "true" {
		return "1"
	}
	return "0"
}

// Say is a value of a binary output in words.
func (o output) Say(c ui.Ctx, value string) string { return c.T(o.family + value) }

// Other is the answer that the model did not give.
func (o output) Other() string {
	if o.Value == "1" {
		return "0"
	}
	return "1"
}

// choices are both answers, in an order that gives nothing away.
func (o output) choices(c ui.Ctx) []ui.Option {
	return []ui.Option{{Value: "1", Text: o.Say(c, "1")}, {Value: "0", Text: o.Say(c, "0")}}
}

// own is a person's value as the caller of the model gets it: under the name of
// the output, or alone.
func (o output) own(l text.Lang, typed string) (json.RawMessage, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, nil
	}
	var v any = typed
	switch n, isNumber := text.ParseDecimal(l, typed); {
	case o.Binary && typed != "0" && typed != "1":
		return nil, problem.New(problem.BadInput, "Diesen Wert gibt es hier nicht.", "There is no such value here.").
			WithField("value", "Bitte eine der beiden Antworten wählen.", "Please choose one of the two answers.")
	case isNumber:
		v = n
	}
	if o.Name != "" {
		v = map[string]any{o.Name: v}
	}
	return json.Marshal(v)
}

// mostRows is how many rows of one request the desk shows.
const mostRows = 50

// content fills what the reader may see of the case, and returns the labels of
// its features. The whole content is read, because how a person answers depends
// on the kind of result; what gives the suggestion away is left out here unless
// it was asked for or the case has ended.
func (v *desk) content(r *page.Request, reveal bool) (map[string]string, error) {
	c := r.C
	if !decides(r, v.Case) {
		v.Blank = c.T("operation.desk.closed", "roles", v.Decides)
		return labelsOf(r, v.Case.Model)
	}
	got, err := r.Org.Oversee.Content(r.Context(), r.Principal(), v.Case.ID, true)
	if problem.Is(err, problem.NotFound) {
		v.Blank = c.T("operation.desk.erased")
		return labelsOf(r, v.Case.Model)
	}
	if err != nil {
		return nil, err
	}
	v.Sees, v.Revealed = true, v.Case.Suggested && (reveal || v.ended())
	v.Output = outputOf(got.Suggestion)
	labels := map[string]string{}
	for _, f := range slices.Concat(got.Explained, got.Features) {
		labels[f.Name] = show.Say(c, f.Label)
	}
	if len(got.Rows) == 1 {
		v.Features = featureRows(c, got, v.Revealed, v.Output)
		v.Influence = v.Revealed && len(got.Explanation) == 1
	} else {
		v.Rows, v.More = rowTable(c, got), max(0, len(got.Rows)-mostRows)
	}
	if v.Revealed {
		v.suggest(c, got)
	}
	return labels, nil
}

// ended reports whether no decision of a person is awaited any more, not even a
// late one.
func (v *desk) ended() bool {
	k := v.Case
	return !k.State.Waiting() && (k.State != oversee.Expired || k.Late > 0)
}

// suggest writes what the model said.
func (v *desk) suggest(c ui.Ctx, got oversee.Content) {
	if v.Output.Binary {
		v.Suggestion = v.Output.Say(c, v.Output.Value)
	}
	for _, t := range got.Suggestion {
		if v.Output.Binary && t.Name == v.Output.Name {
			continue
		}
		name := t.Name
		if key := "operation.output." + t.Name; c.Has(key) {
			name = c.T(key)
		}
		values := make([]string, 0, min(len(t.Data), mostRows))
		for _, d := range t.Data[:min(len(t.Data), mostRows)] {
			values = append(values, written(c, d))
		}
		v.Figures = append(v.Figures, ui.Fact{Term: name, Text: strings.Join(values, " · "), Mono: true})
	}
	// Hints come in both languages, named name_de and name_en.
	for _, name := range slices.Sorted(mapKeys(got.Hints)) {
		which, ok := strings.CutSuffix(name, "_"+string(c.Lang))
		switch hint := got.Hints[name]; {
		case !ok || hint == "":
		case which == "flip":
			v.Hints = append(v.Hints, c.T("operation.desk.flip", "change", hint))
		default:
			v.Hints = append(v.Hints, hint)
		}
	}
}

func mapKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// featureRows lists the values of a single row: in the order of the request
// before the suggestion is shown, by influence after it.
func featureRows(c ui.Ctx, got oversee.Content, revealed bool, out output) []featureRow {
	values := map[string]featureRow{}
	var rows []featureRow
	for i, f := range got.Features {
		row := featureRow{Name: show.Say(c, f.Label)}
		if i < len(got.Rows[0]) {
			row.Value = withUnit(written(c, got.Rows[0][i]), f.Unit)
			row.Missing = got.Rows[0][i] == ""
		}
		values[f.Name] = row
		rows = append(rows, row)
	}
	if !revealed || len(got.Explanation) != 1 || len(got.Explanation[0]) != len(got.Explained) {
		return rows
	}
	sum := 0.0
	for _, w := range got.Explanation[0] {
		sum += math.Abs(w)
	}
	rows = rows[:0]
	for i, f := range got.Explained {
		row, ok := values[f.Name]
		delete(values, f.Name)
		if !ok {
			row = featureRow{Name: show.Say(c, f.Label), Value: c.T("operation.desk.derived")}
		}
		if sum > 0 {
			row.Share = math.Abs(got.Explanation[0][i]) / sum
		}
		row.Word = direction(c, got.Explanation[0][i], row.Share, out)
		rows = append(rows, row)
	}
	for _, f := range got.Features {
		if row, ok := values[f.Name]; ok {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b featureRow) int { return cmp.Compare(b.Share, a.Share) })
	return rows
}

// direction says for which answer a value speaks, where the result is binary:
// shares above zero speak for "1".
func direction(c ui.Ctx, weight, share float64, out output) string {
	part := c.Percent(share, 0)
	if !out.Binary || weight == 0 {
		return part
	}
	for1 := weight > 0
	if for1 == (out.Value == "1") {
		return c.T("operation.desk.for", "share", part)
	}
	return c.T("operation.desk.against", "share", part)
}

func rowTable(c ui.Ctx, got oversee.Content) ui.TableView {
	t := ui.TableView{ID: "rows", Caption: c.T("operation.desk.sees"), Cols: []ui.Col{{Head: c.T("operation.col.row")}}}
	for _, f := range got.Features {
		t.Cols = append(t.Cols, ui.Col{Head: withUnit(show.Say(c, f.Label), f.Unit), Right: true, Mono: true})
	}
	for i, row := range got.Rows[:min(len(got.Rows), mostRows)] {
		cells := []ui.Cell{{Text: c.Int(i + 1)}}
		for _, v := range row {
			cells = append(cells, ui.Cell{Text: written(c, v)})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

func withUnit(value, unit string) string {
	if unit == "" {
		return value
	}
	return value + " " + unit
}

// written is a value as the reader's language writes it, with the decimals it
// came with, at most four.
func written(c ui.Ctx, v oversee.Value) string {
	s := string(v)
	switch s {
	case "":
		return c.T("operation.missing")
	case "true", "false":
		return c.T("operation.truth." + truth(v))
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) >= 1e15 {
		return s
	}
	_, decimals, _ := strings.Cut(s, ".")
	places := min(len(decimals), 4)
	if strings.ContainsAny(s, "eE") {
		places = 4
	}
	return c.Decimal(f, places)
}
