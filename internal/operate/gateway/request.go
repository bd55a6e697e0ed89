package gateway

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"augenmass/internal/operate/wire"
	"augenmass/internal/problem"
)

// modelName is what a model may be called; it becomes part of an address.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// tensor is one input or output as it came, its data flattened row by row.
type tensor struct {
	name     string
	datatype string
	shape    []int64
	data     []wire.Value // scalars
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

// reader holds a request against its route and collects every wrong field.
type reader struct{ wire.Checker }

// readRequest reads the body of an inference request and holds it against the
// route. The problem names every field that is wrong, up to fifty.
func readRequest(body []byte, route Route) (request, error) {
	v, err := wire.Read(body)
	if err != nil {
		return request{}, problem.New(problem.BadInput, "Die Anfrage ist kein gültiges JSON.", "The request is not valid JSON.").
			WithField("", "Nicht lesbar: "+err.Error(), "Not readable: "+err.Error()).Wrap(err)
	}
	r := &reader{}
	if !r.Is(v, wire.Object, "") {
		return request{}, r.Err()
	}
	r.Only(v, "", "id", "parameters", "inputs", "outputs")
	q := request{rows: -1}
	if id, ok := v.Get("id"); ok && r.Is(id, wire.Text, "id") {
		r.Field(len(id.Text) <= 256, "id", "Länger als 256 Zeichen.", "Longer than 256 characters.")
		q.id = id.Text
	}
	if p, ok := v.Get("parameters"); ok {
		r.parameters(p, "parameters")
		q.parameters = p.Raw
	}
	if out, ok := v.Get("outputs"); ok && r.Is(out, wire.List, "outputs") {
		q.outputs = r.requested(out)
	}
	in, ok := v.Get("inputs")
	if r.Field(ok, "inputs", "Die Eingaben fehlen.", "The inputs are missing.") && r.Is(in, wire.List, "inputs") {
		q.rawInputs = in.Raw
		r.inputs(&q, in, route)
	}
	if err := r.Err(); err != nil {
		return request{}, err
	}
	return q, nil
}

func (r *reader) parameters(p wire.Value, path string) {
	if !r.Is(p, wire.Object, path) {
		return
	}
	for _, f := range p.Fields {
		r.Field(f.Kind <= wire.Text, path+"."+wire.Short(f.Name), "Erlaubt sind Text, Zahl, true und false.", "Allowed are text, number, true and false.")
	}
}

func (r *reader) requested(out wire.Value) []string {
	names := []string{}
	for i, o := range out.List {
		at := fmt.Sprintf("outputs.%d", i)
		if !r.Is(o, wire.Object, at) {
			continue
		}
		r.Only(o, at+".", "name", "parameters")
		if p, ok := o.Get("parameters"); ok {
			r.parameters(p, at+".parameters")
		}
		if n, ok := o.Get("name"); r.Field(ok, at+".name", "Der Name fehlt.", "The name is missing.") && r.Is(n, wire.Text, at+".name") {
			names = append(names, n.Text)
		}
	}
	return names
}

func (r *reader) inputs(q *request, in wire.Value, route Route) {
	missing := map[string]Tensor{}
	for _, t := range route.Inputs {
		missing[t.Name] = t
	}
	for i, v := range in.List {
		at := fmt.Sprintf("inputs.%d", i)
		if !r.Is(v, wire.Object, at) {
			continue
		}
		r.Only(v, at+".", "name", "shape", "datatype", "parameters", "data")
		if p, ok := v.Get("parameters"); ok {
			r.parameters(p, at+".parameters")
		}
		n, ok := v.Get("name")
		if !r.Field(ok, at+".name", "Der Name fehlt.", "The name is missing.") || !r.Is(n, wire.Text, at+".name") {
			continue
		}
		spec, ok := missing[n.Text]
		if !r.Field(ok, at+".name", "Diese Eingabe hat das Modell nicht, oder sie steht doppelt.", "The model has no such input, or it is there twice.") {
			continue
		}
		delete(missing, n.Text)
		if t, ok := r.tensor(v, spec, at); ok {
			r.Field(q.rows < 0 || t.rows() == q.rows, at+".shape", "Die Eingaben haben nicht gleich viele Zeilen.", "The inputs do not have the same number of rows.")
			q.rows = t.rows()
			r.Field(q.rows <= route.MaxRows, at+".shape",
				fmt.Sprintf("Höchstens %d Zeilen in einer Anfrage.", route.MaxRows), fmt.Sprintf("At most %d rows in one request.", route.MaxRows))
			q.inputs = append(q.inputs, t)
		}
	}
	for _, t := range route.Inputs {
		if _, still := missing[t.Name]; still {
			r.Field(false, "inputs."+t.Name, "Diese Eingabe fehlt.", "This input is missing.")
		}
	}
}

// tensor reads one tensor and holds it against its description.
func (r *reader) tensor(v wire.Value, spec Tensor, at string) (tensor, bool) {
	before := r.Wrong
	t := tensor{name: spec.Name, raw: v.Raw}
	if dt, ok := v.Get("datatype"); r.Field(ok, at+".datatype", "Der Datentyp fehlt.", "The data type is missing.") && r.Is(dt, wire.Text, at+".datatype") {
		t.datatype = dt.Text
		r.Field(dt.Text == spec.Datatype, at+".datatype", "Das Modell erwartet "+spec.Datatype+".", "The model expects "+spec.Datatype+".")
	}
	if sh, ok := v.Get("shape"); r.Field(ok, at+".shape", "Die Form fehlt.", "The shape is missing.") && r.Is(sh, wire.List, at+".shape") {
		t.shape = r.shape(sh, at+".shape")
		r.Field(r.Wrong > before || fits(t.shape, spec.Shape), at+".shape",
			fmt.Sprintf("Das Modell erwartet die Form %v.", spec.Shape), fmt.Sprintf("The model expects the shape %v.", spec.Shape))
	}
	d, ok := v.Get("data")
	if !r.Field(ok, at+".data", "Die Werte fehlen.", "The values are missing.") || !r.Is(d, wire.List, at+".data") || r.Wrong > before {
		return t, false
	}
	t.data, ok = flatten(d, t.shape)
	r.Field(ok, at+".data", "Die Werte passen nicht zur Form.", "The values do not fit the shape.")
	for i, s := range t.data {
		if s.Kind == wire.Null && spec.Nullable {
			continue
		}
		if !scalarFits(s, spec.Datatype) {
			r.Field(false, fmt.Sprintf("%s.data.%d", at, i), "Der Wert ist kein "+spec.Datatype+".", "The value is no "+spec.Datatype+".")
		}
	}
	return t, r.Wrong == before
}

func (r *reader) shape(v wire.Value, path string) []int64 {
	var shape []int64
	total := int64(1)
	for i, d := range v.List {
		n, err := strconv.ParseInt(d.Text, 10, 64)
		ok := d.Kind == wire.Number && err == nil && n >= 1 && n <= 1<<20 && total <= 1<<20/n
		if !r.Field(ok, fmt.Sprintf("%s.%d", path, i), "Erlaubt sind ganze Zahlen ab 1, im Produkt höchstens 1.048.576.", "Allowed are whole numbers from 1, their product at most 1,048,576.") {
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
func flatten(v wire.Value, shape []int64) ([]wire.Value, bool) {
	total := int64(1)
	for _, d := range shape {
		total *= d
	}
	if len(v.List) == 0 || v.List[0].Kind < wire.List {
		for _, s := range v.List {
			if s.Kind >= wire.List {
				return nil, false
			}
		}
		return v.List, int64(len(v.List)) == total
	}
	out := make([]wire.Value, 0, min(total, 1<<16))
	var walk func(v wire.Value, dims []int64) bool
	walk = func(v wire.Value, dims []int64) bool {
		if len(dims) == 0 {
			out = append(out, v)
			return v.Kind < wire.List
		}
		if v.Kind != wire.List || int64(len(v.List)) != dims[0] {
			return false
		}
		for _, inner := range v.List {
			if !walk(inner, dims[1:]) {
				return false
			}
		}
		return true
	}
	return out, walk(v, shape)
}

// scalarFits says whether one value is of a data type and within its range.
func scalarFits(v wire.Value, datatype string) bool {
	switch datatype {
	case "BOOL":
		return v.Kind == wire.Bool
	case "BYTES":
		return v.Kind == wire.Text
	}
	if v.Kind != wire.Number {
		return false
	}
	bits := map[string]int{"UINT8": 8, "UINT16": 16, "UINT32": 32, "UINT64": 64, "INT8": 8, "INT16": 16, "INT32": 32, "INT64": 64}
	if n, ok := bits[datatype]; ok {
		var err error
		if datatype[0] == 'U' {
			_, err = strconv.ParseUint(v.Text, 10, n)
		} else {
			_, err = strconv.ParseInt(v.Text, 10, n)
		}
		return err == nil
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	limit := map[string]float64{"FP16": 65504, "FP32": math.MaxFloat32, "FP64": math.MaxFloat64}[datatype]
	return err == nil && math.Abs(f) <= limit
}

// number returns a scalar as a float, NaN for anything that is none.
func number(v wire.Value) float64 {
	switch v.Kind {
	case wire.Bool:
		if v.Yes {
			return 1
		}
		return 0
	case wire.Number:
		if f, err := strconv.ParseFloat(v.Text, 64); err == nil {
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
			if v.Kind == wire.Text {
				into[f.Name] = float64(slices.Index(f.Values, v.Text))
				continue
			}
			into[f.Name] = number(v)
		}
	}
}

func (q request) at(input string, row, column int) (wire.Value, bool) {
	for _, t := range q.inputs {
		if t.name == input {
			i := row*t.columns() + column
			if i < len(t.data) && column < t.columns() {
				return t.data[i], true
			}
		}
	}
	return wire.Value{}, false
}
