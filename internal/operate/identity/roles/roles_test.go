package roles

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

var update = flag.Bool("update", false, "write the golden table of roles")

// The golden file is the least-privilege table that an auditor gets
// (requirement 001-22). A change of a right shows in its difference.
func TestTheTableOfRolesIsAsPrinted(t *testing.T) {
	var b bytes.Buffer
	for _, l := range text.Langs {
		if err := Write(&b, l); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n")
	}
	const file = "testdata/roles.csv"
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("the table differs from %s; if that is meant: go test -update\n%s", file, b.String())
	}
}

func TestTheTableIsWellFormed(t *testing.T) {
	letters := ""
	for _, a := range actionInfos {
		letters += string(a.letter)
		if !a.title.Complete() {
			t.Errorf("action %s is not bilingual", a.action)
		}
	}
	seen := map[string]bool{}
	for _, row := range matrix {
		cells := strings.Fields(row.cells)
		if len(cells) != len(infos) {
			t.Errorf("%s has %d cells for %d roles", row.kind, len(cells), len(infos))
		}
		for i, c := range cells {
			if c == "-" {
				continue
			}
			last := -1
			for _, l := range c {
				at := strings.IndexRune(letters, l)
				if at <= last {
					t.Errorf("%s, %s: cell %q: unknown letter or order", row.kind, infos[i].Role, c)
				}
				last = at
			}
			if c[0] != 'r' {
				t.Errorf("%s, %s: may do something without reading", row.kind, infos[i].Role)
			}
		}
		if seen[row.kind] || !row.title.Complete() || row.area == "" {
			t.Errorf("row %s is there twice or incomplete", row.kind)
		}
		seen[row.kind] = true
	}
	for _, r := range All() {
		if !r.Title.Complete() || !r.Does.Complete() {
			t.Errorf("role %s is not bilingual", r.Role)
		}
	}
	if got := Role("").Values(); len(got) != 8 || !slices.Contains(got, "shift_lead") {
		t.Errorf("roles: %v", got)
	}
}

var allActions = []string{store.Read, store.Create, store.Update, store.Delete, Manage, Approve, Decide, Stop, Lift, Export}

func allKinds() (out []string) {
	for _, r := range Matrix() {
		out = append(out, r.Kind)
	}
	return out
}

// What separation of duties promises, whatever the table says cell by cell.
func TestSeparationOfDuties(t *testing.T) {
	never := func(role Role, why string, bad func(action, kind string) bool) {
		for _, k := range allKinds() {
			for _, a := range allActions {
				if bad(a, k) && Allowed([]string{string(role)}, a, k) {
					t.Errorf("%s may %s %s: %s", role, a, k, why)
				}
			}
		}
	}
	never(Auditor, "auditors write nothing", func(a, _ string) bool { return a != store.Read && a != Export })
	never(Admin, "administrators only manage access", func(a, k string) bool {
		return a != store.Read && !slices.Contains([]string{"person", "passkey", "token", "workload", "device"}, k)
	})
	never(Worker, "workers read the register and say what is in the way", func(a, k string) bool {
		answers := k == "barrier" && (a == store.Read || a == store.Create) // counts without names (003-06)
		return !answers && (a != store.Read || k != "system")
	})
	never(Council, "not the council's", func(_, k string) bool {
		return slices.Contains([]string{"token", "device", "workload", "person"}, k)
	})
	for _, r := range All() {
		if r.Role != Director && r.Role != Safety {
			never(r.Role, "only director and safety approve", func(a, k string) bool {
				return a == Approve || k == "approval" && a != store.Read
			})
		}
		if r.Role != Safety && r.Role != ShiftLead {
			never(r.Role, "cases are decided on the floor", func(a, _ string) bool { return a == Decide })
		}
		if r.Role != AIOfficer {
			never(r.Role, "only the AI officer classifies", func(a, k string) bool { return k == "classification" && a != store.Read })
		}
		never(r.Role, "permits are issued by the house alone", func(a, k string) bool { return k == "permit" && a != store.Read })
		never(r.Role, "persons and tokens change through identity only", func(a, k string) bool {
			return (k == "person" || k == "token") && a != store.Read && a != Manage
		})
	}
	for _, k := range allKinds() {
		if !Allowed([]string{"auditor"}, store.Read, k) {
			t.Errorf("the auditor cannot read %s", k)
		}
	}
	for _, r := range []string{"director", "ai_officer", "safety", "shift_lead"} {
		if !Allowed([]string{r}, Stop, "system") {
			t.Errorf("%s cannot stop", r)
		}
		if Allowed([]string{r}, Lift, "system") != (r != "shift_lead") {
			t.Errorf("%s and lifting a stop: stopping is easy, starting again is not", r)
		}
	}
}

func TestWhatIsUnknownIsDenied(t *testing.T) {
	for _, c := range [][3]string{
		{"root", "read", "system"}, {"", "read", "system"}, {"director", "rule", "system"}, {"director", "", "system"},
		{"director", "read", "payroll"}, {"director", "read", ""}, {"Director", "read", "system"},
	} {
		if Allowed([]string{c[0]}, c[1], c[2]) {
			t.Errorf("%v is allowed", c)
		}
	}
	if Allowed(nil, store.Read, "system") {
		t.Error("no role may read")
	}
	if got := Unlisted([]string{"system", "payroll", "person"}); !slices.Equal(got, []string{"payroll"}) {
		t.Errorf("unlisted: %v", got)
	}
}

func TestRolesAddUpAndReadOnlyTakesAway(t *testing.T) {
	if !Allowed([]string{"worker", "shift_lead"}, Decide, "case") {
		t.Error("two roles do not add up")
	}
	ro := []string{ReadOnly, "director"}
	if !Allowed(ro, store.Read, "permit") || Allowed(ro, Stop, "system") || Allowed(ro, store.Create, "approval") || Allowed(ro, Export, "casefile") {
		t.Error("a reading token does more or less than reading")
	}
	if Allowed([]string{ReadOnly}, store.Read, "system") {
		t.Error("read_only is a role of its own")
	}
}

// Who may, who may not, and nobody: for the store.
func TestAccessNamesWhoMay(t *testing.T) {
	ctx := context.Background()
	person := func(r ...string) store.Actor { return store.Actor{ID: "usr_1", Kind: "person", Roles: r} }
	if err := Access(ctx, person("ai_officer"), store.Create, "classification", nil); err != nil {
		t.Errorf("the AI officer classifies: %v", err)
	}
	if err := Access(ctx, store.Actor{Kind: store.System}, store.Create, "permit", nil); err != nil {
		t.Errorf("the house issues permits: %v", err)
	}
	for _, a := range []store.Actor{person("admin"), person(), {ID: "wkl_1", Kind: "workload"}} {
		err := Access(ctx, a, store.Create, "classification", nil)
		if !problem.Is(err, problem.Denied) {
			t.Fatalf("%v: %v", a, err)
		}
		p := problem.From(err)
		if len(p.Reasons) != 1 || !strings.Contains(p.Reasons[0].Say.DE, "KI-Beauftragte") || !p.Reasons[0].Say.Complete() || !p.Hint.Complete() {
			t.Errorf("the refusal does not say who may: %+v", p)
		}
	}
	if p := problem.From(Access(ctx, person("director"), store.Update, "permit", nil)); p.Kind != problem.Denied || !p.Reasons[0].Say.Complete() {
		t.Errorf("nobody may, and that is said: %+v", p)
	}
}

func ExampleAllowed() {
	fmt.Println(Allowed([]string{"shift_lead"}, Stop, "system"))
	fmt.Println(Allowed([]string{"admin"}, Approve, "approval"))
	// Output:
	// true
	// false
}
