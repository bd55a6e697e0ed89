package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"augenmass/internal/problem"
)

// Limits of one inference request.
const (
	MaxBody = 1 << 20 // bytes
	MaxRows = 1024
)

// Request is an inference request after all checks.
type Request struct {
	ID      string
	Rows    []Reading
	Outputs []string // names asked for; empty: all
	Explain bool     // parameter "explain": name the smallest change in any case
}

// wire is the request as the Open Inference Protocol v2 writes it.
type wire struct {
	ID         string                     `json:"id"`
	Parameters map[string]json.RawMessage `json:"parameters"`
	Inputs     []wireTensor               `json:"inputs"`
	Outputs    []struct {
		Name       string                     `json:"name"`
		Parameters map[string]json.RawMessage `json:"parameters"`
	} `json:"outputs"`
}

type wireTensor struct {
	Name       string                     `json:"name"`
	Shape      []int                      `json:"shape"`
	Datatype   string                     `json:"datatype"`
	Parameters map[string]json.RawMessage `json:"parameters"`
	Data       json.RawMessage            `json:"data"`
}

// AllInputs is the name of the tensor that carries all inputs in its columns,
// in the order of Inputs.
const AllInputs = "features"

// ParseRequest reads the body of an inference request strictly: JSON without
// unknown, repeated or differently written keys; either one tensor per input
// (BYTES for the variant, FP64 for the others; shape [n] or [n,1]) or one FP64
// tensor named "features" of shape [n,6]; data flat in row order or nested as
// the shape says; no nulls; every value in its range. n is 1 to MaxRows.
// Errors are problems of kind BadInput or TooLarge.
func ParseRequest(body []byte) (Request, error) {
	if len(body) > MaxBody {
		return Request{}, problem.Newf(problem.TooLarge,
			"Die Anfrage ist größer als %d Byte.", "The request is larger than %d bytes.", MaxBody)
	}
	if err := checkKeys(body); err != nil {
		return Request{}, err
	}
	var w wire
	if err := json.Unmarshal(body, &w); err != nil {
		return Request{}, notJSON(err)
	}
	r := Request{ID: w.ID}
	for name, raw := range w.Parameters {
		if name != "explain" {
			continue // the protocol leaves parameters open; others may be for others
		}
		if err := json.Unmarshal(raw, &r.Explain); err != nil || string(raw) == "null" {
			return Request{}, badTensor("parameters.explain", "weder true noch false", "neither true nor false")
		}
	}
	for i, o := range w.Outputs {
		known := slices.ContainsFunc(Outputs, func(k Output) bool { return k.Name == o.Name })
		if !known || slices.Contains(r.Outputs, o.Name) {
			return Request{}, badTensor(fmt.Sprintf("outputs.%d.name", i),
				"keine oder schon genannte Ausgabe", "no output, or one already named")
		}
		r.Outputs = append(r.Outputs, o.Name)
	}
	rows, err := readings(w.Inputs)
	if err != nil {
		return Request{}, err
	}
	for i, row := range rows {
		if err := row.Check(); err != nil {
			p := problem.From(err)
			for j := range p.Fields {
				p.Fields[j].Path = fmt.Sprintf("row.%d.%s", i, p.Fields[j].Path)
			}
			return Request{}, p
		}
	}
	r.Rows = rows
	return r, nil
}

// EncodeRequest writes the body of an inference request for rows, as
// ParseRequest reads it: one tensor per input, shape [n]. It is what a client
// of this model sends.
func EncodeRequest(id string, rows []Reading) []byte {
	shape := strconv.Itoa(len(rows))
	b := append([]byte(`{"id":`), quoted(id)...)
	b = append(b, `,"inputs":[`...)
	for k, in := range Inputs {
		if k > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"name":`...), quoted(in.Name)...)
		b = append(append(b, `,"datatype":`...), quoted(in.Datatype)...)
		b = append(append(append(b, `,"shape":[`...), shape...), `],"data":[`...)
		for i, r := range rows {
			if i > 0 {
				b = append(b, ',')
			}
			if code := int(r[k]); in.Datatype == "BYTES" && code >= 0 && code < len(variants) {
				b = append(b, quoted(variants[code])...)
			} else {
				b = strconv.AppendFloat(b, r[k], 'g', -1, 64)
			}
		}
		b = append(b, "]}"...)
	}
	return append(b, "]}"...)
}

func readings(tensors []wireTensor) ([]Reading, error) {
	if len(tensors) == 1 && tensors[0].Name == AllInputs {
		return fromTable(tensors[0])
	}
	var rows []Reading
	seen := make([]bool, len(Inputs))
	for i, t := range tensors {
		path := fmt.Sprintf("inputs.%d", i)
		k := slices.IndexFunc(Inputs, func(in Input) bool { return in.Name == t.Name })
		if k < 0 || seen[k] {
			return nil, badTensor(path+".name", "keine oder schon genannte Eingabe", "no input, or one already named")
		}
		seen[k] = true
		if t.Datatype != Inputs[k].Datatype {
			return nil, badTensor(path+".datatype", "erwartet wird "+Inputs[k].Datatype, "expected is "+Inputs[k].Datatype)
		}
		n, ok := vectorLength(t.Shape)
		if !ok || rows != nil && n != len(rows) {
			return nil, badTensor(path+".shape",
				fmt.Sprintf("erwartet wird [n] oder [n,1] mit einem n von 1 bis %d für alle", MaxRows),
				fmt.Sprintf("expected is [n] or [n,1] with one n of 1 to %d for all", MaxRows))
		}
		if rows == nil {
			rows = make([]Reading, n)
		}
		values, err := column(t, n, path)
		if err != nil {
			return nil, err
		}
		for j, v := range values {
			rows[j][k] = v
		}
	}
	for k, ok := range seen {
		if !ok {
			return nil, badTensor("inputs", "es fehlt "+Inputs[k].Name, Inputs[k].Name+" is missing")
		}
	}
	return rows, nil
}

// fromTable reads the one tensor that carries all inputs.
func fromTable(t wireTensor) ([]Reading, error) {
	k := len(Inputs)
	if t.Datatype != "FP64" {
		return nil, badTensor("inputs.0.datatype", "erwartet wird FP64", "expected is FP64")
	}
	if len(t.Shape) != 2 || t.Shape[1] != k || t.Shape[0] < 1 || t.Shape[0] > MaxRows {
		return nil, badTensor("inputs.0.shape",
			fmt.Sprintf("erwartet wird [n,%d] mit n von 1 bis %d", k, MaxRows), fmt.Sprintf("expected is [n,%d] with n of 1 to %d", k, MaxRows))
	}
	flat, ok := flatten[float64](t.Data, t.Shape[0], k)
	if !ok {
		return nil, badData("inputs.0")
	}
	rows := make([]Reading, t.Shape[0])
	for i := range rows {
		copy(rows[i][:], flat[i*k:(i+1)*k])
	}
	return rows, nil
}

func vectorLength(shape []int) (int, bool) {
	if len(shape) == 0 || len(shape) > 2 || len(shape) == 2 && shape[1] != 1 {
		return 0, false
	}
	return shape[0], shape[0] >= 1 && shape[0] <= MaxRows
}

func column(t wireTensor, n int, path string) ([]float64, error) {
	width := 0 // nested data only where the shape has two dimensions
	if len(t.Shape) == 2 {
		width = 1
	}
	if t.Datatype == "FP64" {
		if v, ok := flatten[float64](t.Data, n, width); ok {
			return v, nil
		}
		return nil, badData(path)
	}
	letters, ok := flatten[string](t.Data, n, width)
	if !ok {
		return nil, badData(path)
	}
	v := make([]float64, n)
	for i, s := range letters {
		code := slices.Index(variants, s)
		if code < 0 {
			return nil, badTensor(fmt.Sprintf("%s.data.%d", path, i), "weder L noch M noch H", "neither L nor M nor H")
		}
		v[i] = float64(code)
	}
	return v, nil
}

// variants by their code.
var variants = []string{"L", "M", "H"}

// flatten reads n×max(1,width) values, flat or, for width > 0, nested. Nulls
// are values that are missing, so they do not count as zero.
func flatten[T any](data json.RawMessage, n, width int) ([]T, bool) {
	var flat []*T
	if json.Unmarshal(data, &flat) != nil {
		var nested [][]*T
		if width == 0 || json.Unmarshal(data, &nested) != nil || len(nested) != n {
			return nil, false
		}
		flat = nil
		for _, row := range nested {
			if len(row) != width {
				return nil, false
			}
			flat = append(flat, row...)
		}
	}
	if len(flat) != n*max(1, width) {
		return nil, false
	}
	out := make([]T, len(flat))
	for i, p := range flat {
		if p == nil {
			return nil, false
		}
		out[i] = *p
	}
	return out, true
}

func badData(path string) error {
	return badTensor(path+".data", "passt nicht zu Form und Datentyp", "does not fit shape and datatype")
}

func badTensor(path, de, en string) error {
	return problem.New(problem.BadInput,
		"Die Anfrage passt nicht zum Modell.", "The request does not fit the model.").WithField(path, de, en)
}

func notJSON(err error) error {
	return problem.New(problem.BadInput,
		"Die Anfrage ist keine Anfrage nach dem Open Inference Protocol v2.",
		"The request is no request of the Open Inference Protocol v2.").Wrap(err)
}

// Keys that an object of the request may hold, by where it lies. Free objects
// (parameters) hold any, but none twice.
var (
	requestKeys = []string{"id", "parameters", "inputs", "outputs"}
	inputKeys   = []string{"name", "shape", "datatype", "parameters", "data"}
	outputKeys  = []string{"name", "parameters"}
)

// checkKeys refuses what encoding/json lets pass and another reader may read
// differently: repeated keys, keys in another case, unknown keys, more after
// the end.
func checkKeys(body []byte) error {
	in := json.NewDecoder(bytes.NewReader(body))
	in.UseNumber()
	if err := walk(in, nil); err != nil {
		return err
	}
	if _, err := in.Token(); err != io.EOF {
		return notJSON(fmt.Errorf("more after the end of the object"))
	}
	return nil
}

// walk reads one value; path holds the keys on the way to it, "[]" for a list.
func walk(in *json.Decoder, path []string) error {
	const deepest = 8
	if len(path) > deepest {
		return notJSON(fmt.Errorf("nested too deep"))
	}
	token, err := in.Token()
	if err != nil {
		return notJSON(err)
	}
	delim, nested := token.(json.Delim)
	if !nested {
		if len(path) == 0 {
			return notJSON(fmt.Errorf("not an object"))
		}
		return nil
	}
	if delim == '[' {
		for in.More() {
			if err := walk(in, append(path, "[]")); err != nil {
				return err
			}
		}
	} else if err := walkObject(in, path); err != nil {
		return err
	}
	if _, err := in.Token(); err != nil {
		return notJSON(err)
	}
	return nil
}

func walkObject(in *json.Decoder, path []string) error {
	var allowed []string
	switch {
	case len(path) == 0:
		allowed = requestKeys
	case slices.Equal(path, []string{"inputs", "[]"}):
		allowed = inputKeys
	case slices.Equal(path, []string{"outputs", "[]"}):
		allowed = outputKeys
	}
	seen := map[string]bool{}
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return notJSON(err)
		}
		key, ok := token.(string)
		if !ok || seen[key] || allowed != nil && !slices.Contains(allowed, key) {
			return notJSON(fmt.Errorf("key %q is unknown or there twice", key))
		}
		seen[key] = true
		if err := walk(in, append(path, key)); err != nil {
			return err
		}
	}
	return nil
}
