package mill

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/demo/mill/milltest"
	"augenmass/internal/problem"
)

const goodHeader = "UDI,Product ID,Type,Air temperature [K],Process temperature [K],Rotational speed [rpm],Torque [Nm],Tool wear [min],Machine failure,TWF,HDF,PWF,OSF,RNF"

func TestWrittenRowsAreReadBack(t *testing.T) {
	rows := Generate(7, 500)
	got, err := ReadCSV(bytes.NewReader(csvOf(t, rows)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, rows) {
		t.Error("rows differ after writing and reading")
	}
}

func TestReadsPlainFilesToo(t *testing.T) {
	got, err := ReadCSV(strings.NewReader(goodHeader + "\n1,L47180,L,300,310.1,1500,40.5,3,1,0,1,0,0,0\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Row{UDI: 1, ProductID: "L47180", Type: Low, AirTemperature: 300, ProcessTemperature: 310.1,
		RotationalSpeed: 1500, Torque: 40.5, ToolWear: 3, Failure: true, HDF: true}
	if len(got) != 1 || got[0] != want {
		t.Errorf("read %+v", got)
	}
}

func TestEveryDefectIsNamedWithItsLine(t *testing.T) {
	const ok = "1,M14860,M,298.1,308.6,1551,42.8,0,0,0,0,0,0,0\n"
	second := func(line string) string { return goodHeader + "\n" + ok + line + "\n" }
	tests := []struct {
		name, file, want string
	}{
		{"empty file", "", "Line 1: the file is empty"},
		{"header only", goodHeader + "\n", "Line 2"},
		{"other header", strings.Replace(goodHeader, "Torque [Nm]", "Torque", 1) + "\n" + ok, `Line 1, column 7: expected "Torque [Nm]"`},
		{"short header", "UDI,Product ID\n", "Line 1, column 3"},
		{"long header", goodHeader + ",more\n", "Line 1: 15 columns"},
		{"semicolons", strings.ReplaceAll(goodHeader, ",", ";") + "\n", "Line 1, column 1"},
		{"too few columns", second("2,M14861,M,298.1"), "Line 3: 4 columns"},
		{"too many columns", second("2,M14861,M,298.1,308.6,1551,42.8,0,0,0,0,0,0,0,0"), "Line 3: 15 columns"},
		{"UDI is no number", second("x,M14861,M,298.1,308.6,1551,42.8,0,0,0,0,0,0,0"), `Line 3, "UDI"`},
		{"UDI zero", second("0,M14861,M,298.1,308.6,1551,42.8,0,0,0,0,0,0,0"), `Line 3, "UDI"`},
		{"UDI goes back", second("1,M14861,M,298.1,308.6,1551,42.8,0,0,0,0,0,0,0"), `Line 3, "UDI"`},
		{"unknown variant", second("2,X14861,X,298.1,308.6,1551,42.8,0,0,0,0,0,0,0"), `Line 3, "Type"`},
		{"letter and variant differ", second("2,L14861,M,298.1,308.6,1551,42.8,0,0,0,0,0,0,0"), `Line 3, "Product ID"`},
		{"air in Celsius", second("2,M14861,M,25.1,308.6,1551,42.8,0,0,0,0,0,0,0"), `Line 3, "Air temperature [K]"`},
		{"NaN", second("2,M14861,M,NaN,308.6,1551,42.8,0,0,0,0,0,0,0"), "is not a decimal number"},
		{"infinite", second("2,M14861,M,298.1,Inf,1551,42.8,0,0,0,0,0,0,0"), "is not a decimal number"},
		{"exponent", second("2,M14861,M,298.1,308.6,1e3,42.8,0,0,0,0,0,0,0"), "is not a decimal number"},
		{"negative torque", second("2,M14861,M,298.1,308.6,1551,-1,0,0,0,0,0,0,0"), `Line 3, "Torque [Nm]"`},
		{"decimal comma in quotes", second(`2,M14861,M,298.1,308.6,1551,"42,8",0,0,0,0,0,0,0`), `Line 3, "Torque [Nm]"`},
		{"blank", second("2,M14861,M,298.1,308.6,1551, 42.8,0,0,0,0,0,0,0"), `Line 3, "Torque [Nm]"`},
		{"flag is no flag", second("2,M14861,M,298.1,308.6,1551,42.8,0,true,0,0,0,0,0"), `Line 3, "Machine failure"`},
		{"open quote", second(`2,"M14861,M`), "Line 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadCSV(strings.NewReader(tt.file))
			if !problem.Is(err, problem.BadInput) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if p := problem.From(err); err != nil && (!p.Say.Complete() || !strings.Contains(p.Say.DE, "Zeile")) {
				t.Errorf("German sentence %q", p.Say.DE)
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errors.New("disk gone") }
func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestReadAndWriteErrorsAreKept(t *testing.T) {
	if _, err := ReadCSV(broken{}); err == nil || !strings.Contains(err.Error(), "disk gone") {
		t.Errorf("reading: %v", err)
	}
	if err := WriteCSV(broken{}, Generate(1, 1)); !problem.Is(err, problem.Unavailable) {
		t.Errorf("writing: %v", err)
	}
}

// The public file is read whole, means what the rules say, and is written back
// byte for byte.
func TestThePublicFile(t *testing.T) {
	file := milltest.PublicFile(t)
	rows, err := ReadCSV(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var failures, noMode, randomOnly, heatOnTheLimit int
	for _, r := range rows {
		m := Rules(r)
		if m.PWF != r.PWF || m.OSF != r.OSF {
			t.Errorf("row %d: rules say %+v, the file PWF %v OSF %v", r.UDI, m, r.PWF, r.OSF)
		}
		if m.HDF != r.HDF {
			// The file was judged before its temperatures were rounded.
			if !r.HDF || r.TemperatureDifference() != hdfDifference {
				t.Errorf("row %d: rules say HDF %v, the file %v", r.UDI, m.HDF, r.HDF)
			}
			heatOnTheLimit++
		}
		mode := r.TWF || r.HDF || r.PWF || r.OSF
		switch {
		case r.Failure:
			failures++
			if !mode {
				noMode++
			}
		case r.RNF:
			randomOnly++
		}
	}
	if len(rows) != 10_000 || failures != 339 || noMode != 9 || randomOnly != 18 || heatOnTheLimit != 12 {
		t.Errorf("%d rows, %d failures, %d without mode, %d random ones not counted, %d on the heat limit",
			len(rows), failures, noMode, randomOnly, heatOnTheLimit)
	}
	if !bytes.Equal(csvOf(t, rows), file) {
		t.Error("the file is not written back byte for byte")
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add(csvOf(f, Generate(7, 3)))
	f.Add([]byte(goodHeader + "\n1,L47180,L,300,310.1,1500,40.5,3,1,0,1,0,0,0\n"))
	f.Add([]byte(goodHeader + "\n1,\"L47180\",L,300,310.1,1500,40.5,3,1,0,1,0,0"))
	f.Add([]byte("\ufeff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := ReadCSV(bytes.NewReader(file))
		if err != nil {
			if p := problem.From(err); p.Kind == problem.Internal || !p.Say.Complete() {
				t.Fatalf("error without a sentence: %v", err)
			}
			return
		}
		last := 0
		for _, r := range rows {
			if r.UDI <= last || r.Type.Code() < 0 || !(r.Torque >= 0 && r.AirTemperature >= 250) {
				t.Fatalf("accepted %+v", r)
			}
			last = r.UDI
		}
	})
}
