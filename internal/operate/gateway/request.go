package gateway

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"augenmass/internal/problem"
)

// modelName is what a model may be called; it becomes part of an address.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// maxWrong bounds the list of wrong fields in one answer.
const maxWrong = 50

// tensor is one input or output as it came, its data flattened row by row.
type tensor struct {
	name     string
	datatype string
	shape    []int64
	data     []value // scalars
	raw      []byte
}

// rows and columns of a tensor; a scalar has one row.
func (t tensor) rows() int {
	if len(t.shape) == 0 {
		return 1
	}
	return int(t.shape[0])
}

func (t tensor) columns() int {
	if t.rows() == 0 {
		return 0
	}
	return len(t.data) / t.rows()
}

// request is one inference request that fits its route.
type request struct {
	id         string
	inputs     []tensor
	outputs    []string // asked for; nil: all
	rows       int
	rawInputs  []byte
	parameters []byte
}

// reader collects every wrong field of a request.
type reader struct {
	c     problem.Checks
	wrong int
}

func (r *reader) field(ok bool, path, de, en string) bool {
	if !ok {
		if r.wrong < maxWrong {
			r.c.Field(false, path, de, en)
		}
		r.wrong++
	}
	return ok
}

func (r *reader) is(v value, k kind, path string) bool {
	de := [...]string{"null", "true oder false", "eine Zahl", "ein Text", "eine Liste", "ein Objekt"}[k]
	en := [...]string{"null", "true or false", "a number", "a text", "a list", "an object"}[k]
	return r.field(v.kind == k, path, "Hier steht "+de+".", "Here stands "+en+".")
}

// only names every field that the protocol does not have.
func (r *reader) only(v value, at string, names ...string) {
	for _, f := range v.fields {
		if !slices.Contains(names, f.name) {
			r.field(false, at+short(f.name), "Dieses Feld gibt es nicht.", "There is no such field.")
		}
	}
}

// short keeps a stranger's field name from filling the answer.
func short(name string) string {
	if len(name) > 64 {
		return strconv.Quote(name[:61] + "...")
	}
	return name
}

// readRequest reads the body of an inference request and holds it against the
// route. The problem names every field that is wrong, up to fifty.
func readRequest(body []byte, route Route) (request, error) {
	v, err := readJSON(body)
	if err != nil {
		return request{}, problem.New(problem.BadInput, "Die Anfrage ist kein gültiges JSON.", "The request is not valid JSON.").
			WithField("", "Nicht lesbar: "+err.Error(), "Not readable: "+err.Error()).Wrap(err)
	}
	r := &reader{}
	if !r.is(v, isObject, "") {
		return request{}, r.c.Err()
	}
	r.only(v, "", "id", "parameters", "inputs", "outputs")
	q := request{rows: -1}
	if id, ok := v.get("id"); ok && r.is(id, isText, "id") {
		r.field(len(id.text) <= 256, "id", "Länger als 256 Zeichen.", "Longer than 256 characters.")
		q.id = id.text
	}
	if p, ok := v.get("parameters"); ok {
		r.parameters(p, "parameters")
		q.parameters = p.raw
	}
	if out, ok := v.get("outputs"); ok && r.is(out, isList, "outputs") {
		q.outputs = r.requested(out)
	}
	in, ok := v.get("inputs")
	if r.field(ok, "inputs", "Die Eingaben fehlen.", "The inputs are missing.") && r.is(in, isList, "inputs") {
		q.rawInputs = in.raw
		r.inputs(&q, in, route)
	}
	if err := r.c.Err(); err != nil {
		return request{}, err
	}
	return q, nil
}

func (r *reader) parameters(p value, path string) {
	if !r.is(p, isObject, path) {
		return
	}
	for _, f := range p.fields {
		r.field(f.kind <= isText, path+"."+short(f.name), "Erlaubt sind Text, Zahl, true und false.", "Allowed are text, number, true and false.")
	}
}

func (r *reader) requested(out value) []string {
	names := []string{}
	for i, o := range out.list {
		at := fmt.Sprintf("outputs.%d", i)
		if !r.is(o, isObject, at) {
			continue
		}
		r.only(o, at+".", "name", "parameters")
		if p, ok := o.get("parameters"); ok {
			r.parameters(p, at+".parameters")
		}
		if n, ok := o.get("name"); r.field(ok, at+".name", "Der Name fehlt.", "The name is missing.") && r.is(n, isText, at+".name") {
			names = append(names, n.text)
		}
	}
	return names
}

func (r *reader) inputs(q *request, in value, route Route) {
	missing := map[string]Tensor{}
	for _, t := range route.Inputs {
		missing[t.Name] = t
	}
	for i, v := range in.list {
		at := fmt.Sprintf("inputs.%d", i)
		if !r.is(v, isObject, at) {
			continue
		}
		r.only(v, at+".", "name", "shape", "datatype", "parameters", "data")
		if p, ok := v.get("parameters"); ok {
			r.parameters(p, at+".parameters")
		}
		n, ok := v.get("name")
		if !r.field(ok, at+".name", "Der Name fehlt.", "The name is missing.") || !r.is(n, isText, at+".name") {
			continue
		}
		spec, ok := missing[n.text]
		if !r.field(ok, at+".name", "Diese Eingabe hat das Modell nicht, oder sie steht doppelt.", "The model has no such input, or it is there twice.") {
			continue
		}
		delete(missing, n.text)
		if t, ok := r.tensor(v, spec, at); ok {
			r.field(q.rows < 0 || t.rows() == q.rows, at+".shape", "Die Eingaben haben nicht gleich viele Zeilen.", "The inputs do not have the same number of rows.")
			q.rows = t.rows()
			r.field(q.rows <= route.MaxRows, at+".shape",
				fmt.Sprintf("Höchstens %d Zeilen in einer Anfrage.", route.MaxRows), fmt.Sprintf("At most %d rows in one request.", route.MaxRows))
			q.inputs = append(q.inputs, t)
		}
	}
	for _, t := range route.Inputs {
		if _, still := missing[t.Name]; still {
			r.field(false, "inputs."+t.Name, "Diese Eingabe fehlt.", "This input is missing.")
		}
	}
}

// tensor reads one tensor and holds it against its description.
func (r *reader) tensor(v value, spec Tensor, at string) (tensor, bool) {
	before := r.wrong
	t := tensor{name: spec.Name, raw: v.raw}
	if dt, ok := v.get("datatype"); r.field(ok, at+".datatype", "Der Datentyp fehlt.", "The data type is missing.") && r.is(dt, isText, at+".datatype") {
		t.datatype = dt.text
		r.field(dt.text == spec.Datatype, at+".datatype", "Das Modell erwartet "+spec.Datatype+".", "The model expects "+spec.Datatype+".")
	}
	if sh, ok := v.get("shape"); r.field(ok, at+".shape", "Die Form fehlt.", "The shape is missing.") && r.is(sh, isList, at+".shape") {
		t.shape = r.shape(sh, at+".shape")
		r.field(r.wrong > before || fits(t.shape, spec.Shape), at+".shape",
			fmt.Sprintf("Das Modell erwartet die Form %v.", spec.Shape), fmt.Sprintf("The model expects the shape %v.", spec.Shape))
	}
	d, ok := v.get("data")
	if !r.field(ok, at+".data", "Die Werte fehlen.", "The values are missing.") || !r.is(d, isList, at+".data") || r.wrong > before {
		return t, false
	}
	t.data, ok = flatten(d, t.shape)
	r.field(ok, at+".data", "Die Werte passen nicht zur Form.", "The values do not fit the shape.")
	for i, s := range t.data {
		if s.kind == isNull && spec.Nullable {
			continue
		}
		if !scalarFits(s, spec.Datatype) {
			r.field(false, fmt.Sprintf("%s.data.%d", at, i), "Der Wert ist kein "+spec.Datatype+".", "The value is no "+spec.Datatype+".")
		}
	}
	return t, r.wrong == before
}

func (r *reader) shape(v value, path string) []int64 {
	var shape []int64
	total := int64(1)
	for i, d := range v.list {
		n, err := strconv.ParseInt(d.text, 10, 64)
		ok := d.kind == isNumber && err == nil && n >= 1 && n <= 1<<20 && total <= 1<<20/n
		if !r.field(ok, fmt.Sprintf("%s.%d", path, i), "Erlaubt sind ganze Zahlen ab 1, im Produkt höchstens 1.048.576.", "Allowed are whole numbers from 1, their product at most 1,048,576.") {
			return nil
		}
		total *= n
		shape = append(shape, n)
	}
	return shape
}

func fits(shape, want []int64) bool {
	if len(shape) != len(want) {
		return false
	}
	for i, d := range want {
		if d != -1 && d != shape[i] {
			return false
		}
	}
	return true
}

// flatten returns the scalars of a tensor in row-major order. The protocol
// allows both one flat list and lists nested exactly as the shape says.
func flatten(v value, shape []int64) ([]value, bool) {
	total := int64(1)
	for _, d := range shape {
		total *= d
	}
	if len(v.list) == 0 || v.list[0].kind < isList {
		for _, s := range v.list {
			if s.kind >= isList {
				return nil, false
			}
		}
		return v.list, int64(len(v.list)) == total
	}
	out := make([]value, 0, min(total, 1<<16))
	var walk func(v value, dims []int64) bool
	walk = func(v value, dims []int64) bool {
		if len(dims) == 0 {
			out = append(out, v)
			return v.kind < isList
		}
		if v.kind != isList || int64(len(v.list)) != dims[0] {
			return false
		}
		for _, inner := range v.list {
			if !walk(inner, dims[1:]) {
				return false
			}
		}
		return true
	}
	return out, walk(v, shape)
}

// scalarFits says whether one value is of a data type and within its range.
func scalarFits(v value, datatype string) bool {
	switch datatype {
	case "BOOL":
		return v.kind == isBool
	case "BYTES":
		return v.kind == isText
	}
	if v.kind != isNumber {
		return false
	}
	bits := map[string]int{"UINT8": 8, "UINT16": 16, "UINT32": 32, "UINT64": 64, "INT8": 8, "INT16": 16, "INT32": 32, "INT64": 64}
	if n, ok := bits[datatype]; ok {
		var err error
		if datatype[0] == 'U' {
			_, err = strconv.ParseUint(v.text, 10, n)
		} else {
			_, err = strconv.ParseInt(v.text, 10, n)
		}
		return err == nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	limit := map[string]float64{"FP16": 65504, "FP32": math.MaxFloat32, "FP64": math.MaxFloat64}[datatype]
	return err == nil && math.Abs(f) <= limit
}

// number returns a scalar as a float, NaN for anything that is none.
func number(v value) float64 {
	switch v.kind {
	case isBool:
		if v.yes {
			return 1
		}
		return 0
	case isNumber:
		if f, err := strconv.ParseFloat(v.text, 64); err == nil {
			return f
		}
	}
	return math.NaN()
}

// features returns the values of the route's features in one row.
func (q request) features(route Route, row int, into map[string]float64) {
	for _, f := range route.Features {
		into[f.Name] = math.NaN()
		if v, ok := q.at(f.input(), row, f.Column); ok {
			if v.kind == isText {
				into[f.Name] = float64(slices.Index(f.Values, v.text))
				continue
			}
			into[f.Name] = number(v)
		}
	}
}

func (q request) at(input string, row, column int) (value, bool) {
	for _, t := range q.inputs {
		if t.name == input {
			i := row*t.columns() + column
			if i < len(t.data) && column < t.columns() {
				return t.data[i], true
			}
		}
	}
	return value{}, false
}
