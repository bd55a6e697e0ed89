package policy

import (
	"fmt"
	"strings"
	"testing"
)

const benchSchema = `
entity role; entity zone;
entity person in [role] { level: Long, managed: Bool };
entity machine in [zone] { critical: Bool };
action read, write, start appliesTo {
  principal: [person], resource: [machine],
  context: { hour: Long, weekday: Long, epoch: Long, zone: String, posture: String, mfa: Bool, risk?: Long,
             plant: { state: String, known: Bool, age: Long } },
};
`

// benchEngine holds n policies of a plant that grew zone by zone: four global
// forbids, then nine permits and one forbid in ten, each for one zone and one
// action, the permits also for a role.
func benchEngine(t testing.TB, n int) Engine {
	t.Helper()
	var b strings.Builder
	add := func(id, body string) {
		fmt.Fprintf(&b, "@id(%q) @clause(\"zta.01\") @de(\"Satz.\") @en(\"Sentence.\")\n%s\n", id, body)
	}
	add("g1", `forbid (principal, action, resource) unless { context.posture == "ok" };`)
	add("g2", `forbid (principal, action, resource) when { context has risk && context.risk > 80 };`)
	add("g3", `forbid (principal, action, resource) unless { context.plant.known };`)
	add("g4", `forbid (principal, action, resource) when { resource.critical && !context.mfa };`)
	actions := []string{"read", "write", "start"}
	for i := range n - 4 {
		zone, action := fmt.Sprintf("z%d", i/10), actions[i%3]
		if i%10 == 9 {
			add(fmt.Sprintf("p%d", i), fmt.Sprintf(`forbid (principal, action == Action::%q, resource in zone::%q) when { context.plant.state == "estop" };`, action, zone))
			continue
		}
		add(fmt.Sprintf("p%d", i), fmt.Sprintf(`permit (principal in role::"r%d", action == Action::%q, resource in zone::%q) when { principal.level >= 2 && principal.managed && context.hour >= 6 && context.hour < 22 && context.plant.state == "running" };`,
			i%10, action, zone))
	}
	e, _, err := Admit(Options{Files: []File{{"bench.cedar", b.String()}}, Schema: benchSchema})
	if err != nil {
		t.Fatal(err)
	}
	if e.Len() != n {
		t.Fatalf("%d policies, want %d", e.Len(), n)
	}
	return e
}

func benchQuery(i, n int) Query {
	zone := fmt.Sprintf("z%d", i%max(n/10, 1))
	return Query{
		Principal: Known{Ref: Ref{"person", fmt.Sprintf("p%d", i%50)}, Attributes: map[string]any{"level": 3, "managed": true}, Parents: []Ref{{"role", fmt.Sprintf("r%d", i%10)}}},
		Resource:  Known{Ref: Ref{"machine", "m" + zone}, Attributes: map[string]any{"critical": false}, Parents: []Ref{{"zone", zone}}},
		Action:    []string{"read", "write", "start"}[i%3],
		Env:       Env{Hour: 12, Weekday: 2, Epoch: 1_790_000_000 + int64(i%7), Zone: zone, Posture: "ok", MFA: true, Risk: 20, Plant: "running", PlantKnown: true, PlantAge: 3},
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := benchEngine(b, n)
			qs := make([]Query, 512)
			for i := range qs {
				qs[i] = benchQuery(i, n)
			}
			b.ReportAllocs()
			i, allowed := 0, 0
			before := cpuTime()
			for b.Loop() {
				out, err := e.Decide(qs[i%len(qs)])
				if err != nil {
					b.Fatal(err)
				}
				if out.Allow {
					allowed++
				}
				i++
			}
			b.ReportMetric(float64(cpuTime()-before)/float64(i), "cpu-ns/op")
			if allowed == 0 || allowed == i {
				b.Fatalf("%d of %d allowed; the workload says nothing", allowed, i)
			}
		})
	}
}

func BenchmarkAdmit1000(b *testing.B) {
	for b.Loop() {
		benchEngine(b, 1_000)
	}
}

// TestDecideAllocatesLittle bounds what a decision costs the garbage collector,
// with known parties and an environment that changes each time.
func TestDecideAllocatesLittle(t *testing.T) {
	for _, n := range []int{100, 2_000} {
		e := benchEngine(t, n)
		q := benchQuery(0, n)
		if got := testing.AllocsPerRun(200, func() {
			if _, err := e.Decide(q); err != nil {
				t.Fatal(err)
			}
		}); got > 40 {
			t.Errorf("%v allocations at %d policies; 40 are allowed", got, n)
		}
		worst := testing.AllocsPerRun(200, func() {
			q.Env.Epoch++
			if _, err := e.Decide(q); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%d policies, environment changed each time: %v allocations", n, worst)
	}
}
