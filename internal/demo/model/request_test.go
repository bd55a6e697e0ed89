package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

// tensors are the six inputs of one good row; change replaces text in them.
const tensors = `{"name":"type","shape":[1],"datatype":"BYTES","data":["M"]},` +
	`{"name":"air_temperature","shape":[1],"datatype":"FP64","data":[300]},` +
	`{"name":"process_temperature","shape":[1],"datatype":"FP64","data":[310]},` +
	`{"name":"rotational_speed","shape":[1],"datatype":"FP64","data":[1500]},` +
	`{"name":"torque","shape":[1],"datatype":"FP64","data":[40.5]},` +
	`{"name":"tool_wear","shape":[1],"datatype":"FP64","data":[100]}`

const goodBody = `{"id":"row-1","inputs":[` + tensors + `]}`

func TestBothFormsOfARequestMeanTheSame(t *testing.T) {
	want := Reading{1, 300, 310, 1500, 40.5, 100}
	for name, body := range map[string]string{
		"a tensor per input": goodBody,
		"other order":        `{"inputs":[` + strings.Join(reversed(strings.SplitAfter(tensors, "},")), "") + `]}`,
		"one table, flat":    `{"inputs":[{"name":"features","shape":[1,6],"datatype":"FP64","data":[1,300,310,1500,40.5,100]}]}`,
		"one table, nested":  `{"inputs":[{"name":"features","shape":[1,6],"datatype":"FP64","data":[[1,300,310,1500,40.5,100]]}]}`,
		"columns of one":     strings.ReplaceAll(goodBody, `"shape":[1]`, `"shape":[1,1]`),
		"nested columns": strings.NewReplacer(`"shape":[1]`, `"shape":[1,1]`, `["M"]`, `[["M"]]`, `[300]`, `[[300]]`).
			Replace(goodBody),
		"parameters of others": strings.Replace(goodBody, `{"id"`, `{"parameters":{"order":"L-47180","n":3},"id"`, 1),
	} {
		r, err := ParseRequest([]byte(body))
		if err != nil || len(r.Rows) != 1 || r.Rows[0] != want {
			t.Errorf("%s: %+v, %v", name, r.Rows, err)
		}
	}
	r, err := ParseRequest([]byte(`{"parameters":{"explain":true},"inputs":[{"name":"features","shape":[2,6],"datatype":"FP64",` +
		`"data":[[0,300,310,1500,40,100],[2,301,311,1600,35,7]]}],"outputs":[{"name":"confidence"}]}`))
	if err != nil || len(r.Rows) != 2 || r.Rows[1] != (Reading{2, 301, 311, 1600, 35, 7}) || !r.Explain ||
		len(r.Outputs) != 1 || r.Outputs[0] != "confidence" {
		t.Errorf("two rows: %+v, %v", r, err)
	}
}

// reversed also moves the comma that SplitAfter left behind each element.
func reversed(list []string) []string {
	var out []string
	for i := len(list) - 1; i >= 0; i-- {
		s := strings.TrimSuffix(list[i], ",")
		if i > 0 {
			s += ","
		}
		out = append(out, s)
	}
	return out
}

func TestBadRequestsAreRefusedWithTheirPlace(t *testing.T) {
	sub := func(old, with string) string {
		if !strings.Contains(goodBody, old) {
			t.Fatalf("%q is not in the good body", old)
		}
		return strings.Replace(goodBody, old, with, 1)
	}
	table := func(shape, data string) string {
		return `{"inputs":[{"name":"features","shape":` + shape + `,"datatype":"FP64","data":` + data + `}]}`
	}
	tests := []struct{ name, body, want string }{
		{"nothing", "", "Open Inference Protocol"},
		{"half", goodBody[:50], "Open Inference Protocol"},
		{"a list", "[]", "Open Inference Protocol"},
		{"a number", "7", "not an object"},
		{"null", "null", "not an object"},
		{"more after the end", goodBody + "{}", "after the end"},
		{"unknown key", sub(`"id"`, `"ids"`), `"ids"`},
		{"key in capitals", sub(`"inputs"`, `"Inputs"`), `"Inputs"`},
		{"key twice", sub(`"id":"row-1"`, `"id":"a","id":"b"`), `"id"`},
		{"data twice", sub(`"data":[300]`, `"data":[300],"data":[1]`), `"data"`},
		{"unknown key of a tensor", sub(`"data":[300]`, `"data":[300],"raw":1`), `"raw"`},
		{"id is a number", sub(`"row-1"`, `1`), "Open Inference Protocol"},
		{"no inputs", `{"id":"x"}`, "type is missing"},
		{"no tensors", `{"inputs":[]}`, "type is missing"},
		{"one is missing", `{"inputs":[` + tensors[:strings.LastIndex(tensors, ",{")] + `]}`, "tool_wear is missing"},
		{"one is unknown", sub(`"torque"`, `"TWF"`), "inputs.4.name"},
		{"one is there twice", sub(`"torque"`, `"type"`), "inputs.4.name"},
		{"integer datatype", sub(`"FP64","data":[1500]`, `"INT64","data":[1500]`), "inputs.3.datatype"},
		{"text where numbers belong", sub(`[40.5]`, `["40.5"]`), "inputs.4.data"},
		{"null is no number", sub(`[40.5]`, `[null]`), "inputs.4.data"},
		{"null for data", sub(`[40.5]`, `null`), "inputs.4.data"},
		{"two values", sub(`[40.5]`, `[40.5,1]`), "inputs.4.data"},
		{"nested against the shape", sub(`[40.5]`, `[[40.5]]`), "inputs.4.data"},
		{"NaN", sub(`[40.5]`, `[NaN]`), "Open Inference Protocol"},
		{"too large for a number", sub(`[40.5]`, `[1e999]`), "inputs.4.data"},
		{"different lengths", sub(`"torque","shape":[1]`, `"torque","shape":[2]`), "inputs.4.shape"},
		{"negative shape", strings.ReplaceAll(goodBody, `[1]`, `[-1]`), "inputs.0.shape"},
		{"empty shape", sub(`"shape":[1]`, `"shape":[]`), "inputs.0.shape"},
		{"fraction in the shape", sub(`"shape":[1]`, `"shape":[1.5]`), "Open Inference Protocol"},
		{"huge shape", strings.ReplaceAll(goodBody, `[1]`, `[1025]`), "inputs.0.shape"},
		{"unknown variant", sub(`["M"]`, `["X"]`), "inputs.0.data.0"},
		{"torque out of range", sub(`[40.5]`, `[-1]`), "row.0.torque"},
		{"temperature in Celsius", sub(`[300]`, `[25]`), "row.0.air_temperature"},
		{"unknown output", sub(`"id"`, `"outputs":[{"name":"secret"}],"id"`), "outputs.0.name"},
		{"output twice", sub(`"id"`, `"outputs":[{"name":"failure"},{"name":"failure"}],"id"`), "outputs.1.name"},
		{"explain is no flag", sub(`"id"`, `"parameters":{"explain":1},"id"`), "parameters.explain"},
		{"table too narrow", table("[1,5]", "[1,300,310,1500,40]"), "inputs.0.shape"},
		{"table with an empty row", table("[0,6]", "[]"), "inputs.0.shape"},
		{"table with a short row", table("[2,6]", "[[1,300,310,1500,40,1],[1,300]]"), "inputs.0.data"},
		{"table with half a variant", table("[1,6]", "[0.5,300,310,1500,40,1]"), "row.0.type"},
		{"very deep", `{"parameters":` + strings.Repeat(`{"a":`, 50) + `1` + strings.Repeat(`}`, 50) + `}`, "nested too deep"},
		{"deep under empty keys", strings.Repeat(`{"":`, 5000), "there twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ParseRequest([]byte(tt.body))
			if !problem.Is(err, problem.BadInput) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%+v, error %v, want one with %q", r, err, tt.want)
			}
			if p := problem.From(err); !p.Say.Complete() {
				t.Errorf("sentence %+v", p.Say)
			}
		})
	}
	if _, err := ParseRequest(make([]byte, MaxBody+1)); !problem.Is(err, problem.TooLarge) {
		t.Errorf("a body over the limit: %v", err)
	}
}

func TestAnEncodedRequestIsReadBack(t *testing.T) {
	rows := sample()
	r, err := ParseRequest(EncodeRequest(`order "7"`, rows))
	if err != nil || r.ID != `order "7"` || !slices.Equal(r.Rows, rows) {
		t.Errorf("%q with %d rows, %v", r.ID, len(r.Rows), err)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(goodBody))
	f.Add([]byte(`{"inputs":[{"name":"features","shape":[1,6],"datatype":"FP64","data":[[1,300,310,1500,40.5,100]]}]}`))
	f.Add([]byte(`{"parameters":{"explain":true},"inputs":null,"outputs":[{"name":"failure"}]}`))
	e, _ := embedded(f)
	s := NewServer(ServerOptions{Model: e})
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParseRequest(body)
		if err != nil {
			if p := problem.From(err); p.Kind != problem.BadInput && p.Kind != problem.TooLarge {
				t.Fatalf("error of kind %s: %v", p.Kind, err)
			}
			return
		}
		if len(r.Rows) < 1 || len(r.Rows) > MaxRows {
			t.Fatalf("%d rows accepted", len(r.Rows))
		}
		for _, row := range r.Rows {
			if err := row.Check(); err != nil {
				t.Fatalf("accepted %v: %v", row, err)
			}
		}
		if a := decoded(t, s.respond(r, NoFault)); len(a.Outputs) == 0 {
			t.Fatal("an accepted request gets no outputs")
		}
	})
}

func ExampleReading_Vector() {
	fmt.Println(Reading{1, 298.3, 308.9, 1500, 40, 100}.Vector()[6])
	// Output: 10.6
}
