package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// outcome is what a benchmark found.
type outcome struct {
	rows     []row
	ratios   map[string]ratio
	bars     []bar
	note     string            // for a reader of RESULTS.md; may be empty
	versions map[string]string // of peers that are not Go modules
}

// row is one measured case; values carry their unit in the name.
type row struct {
	Case   string             `json:"case"`
	Values map[string]float64 `json:"values"`
}

// bar is one promise: what was measured must be at most, or at least, the limit.
type bar struct {
	Name  string  `json:"-"`
	Have  float64 `json:"have"`
	Limit float64 `json:"limit"`
	Least bool    `json:"at_least"` // otherwise at most
	OK    bool    `json:"ok"`
}

func atMost(name string, have, limit float64) bar {
	return bar{Name: name, Have: have, Limit: limit, OK: have <= limit}
}

func atLeast(name string, have, limit float64) bar {
	return bar{Name: name, Have: have, Limit: limit, Least: true, OK: have >= limit}
}

// report is the printed form of an outcome.
type report struct {
	ID       string            `json:"id"`
	Rows     []row             `json:"rows"`
	Ratios   map[string]ratio  `json:"ratios"`
	Bars     map[string]bar    `json:"bars"`
	Note     string            `json:"note,omitempty"`
	Seed     uint64            `json:"seed"`
	Versions map[string]string `json:"versions"`
	Machine  map[string]string `json:"machine"`
}

// reportOf refuses an outcome that could not be read later: two bars of one
// name, or a figure that is no number.
func reportOf(id string, o outcome, seed uint64) (report, error) {
	r := report{ID: id, Rows: o.rows, Ratios: o.ratios, Bars: map[string]bar{}, Note: o.note, Seed: seed, Versions: versions(), Machine: machine()}
	maps.Copy(r.Versions, o.versions)
	if r.Ratios == nil {
		r.Ratios = map[string]ratio{}
	}
	for _, b := range o.bars {
		if _, twice := r.Bars[b.Name]; twice {
			return r, fmt.Errorf("two bars are named %q", b.Name)
		}
		r.Bars[b.Name] = b
	}
	_, err := json.Marshal(r)
	return r, err
}

// missed reports whether a bar was missed.
func (r report) missed() bool {
	for _, b := range r.Bars {
		if !b.OK {
			return true
		}
	}
	return false
}

func (r report) print(out io.Writer, what string, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", r.ID, what)
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "  %-34s", row.Case)
		for _, name := range named(maps.Keys(row.Values)) {
			fmt.Fprintf(&b, "  %s %s", name, figure(row.Values[name]))
		}
		b.WriteByte('\n')
	}
	for _, name := range named(maps.Keys(r.Ratios)) {
		x := r.Ratios[name]
		fmt.Fprintf(&b, "  ratio  %-52s %s (%s to %s, %d rounds)\n", name, figure(x.Median), figure(x.Q1), figure(x.Q3), x.Rounds)
	}
	for _, name := range named(maps.Keys(r.Bars)) {
		bar := r.Bars[name]
		fmt.Fprintf(&b, "  bar    %-52s %s %s %s  %s\n", name, figure(bar.Have), bar.sign(), figure(bar.Limit), bar.word())
	}
	if r.Note != "" {
		fmt.Fprintf(&b, "  note   %s\n", r.Note)
	}
	for _, name := range named(maps.Keys(r.Machine)) {
		fmt.Fprintf(&b, "  machine  %s: %s\n", name, r.Machine[name])
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (b bar) sign() string {
	if b.Least {
		return "≥"
	}
	return "≤"
}

func (b bar) word() string {
	if b.OK {
		return "met"
	}
	return "MISSED"
}

// named sorts names so that 8 stands before 64.
func named(names iter.Seq[string]) []string {
	return slices.SortedFunc(names, func(a, b string) int { return strings.Compare(padded(a), padded(b)) })
}

var digits = regexp.MustCompile(`[0-9]+`)

func padded(name string) string {
	return digits.ReplaceAllStringFunc(name, func(n string) string { return strings.Repeat("0", max(12-len(n), 0)) + n })
}

// figure prints four digits of a number, or all of those before the point.
func figure(v float64) string {
	if v >= 1000 || v <= -1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// versions names Go, this program and every module that was compiled in.
func versions() map[string]string {
	v := map[string]string{"go": runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path != "augenmass" {
				v[m.Path] = m.Version
			}
		}
	}
	// "go run" stamps no revision, so the work tree is asked. Without git there
	// is none to name.
	if head, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output(); err == nil {
		v["augenmass"] = strings.TrimSpace(string(head))
		if changed, err := exec.Command("git", "status", "--porcelain", "--", "..", ":(exclude)RESULTS.md").Output(); err != nil || len(changed) > 0 {
			v["augenmass"] += " with changes"
		}
	}
	return v
}

// machine describes where it ran, as far as the system tells.
func machine() map[string]string {
	m := map[string]string{"os": runtime.GOOS, "arch": runtime.GOARCH, "cpus": strconv.Itoa(runtime.NumCPU())}
	for name, file := range map[string]string{"kernel": "/proc/sys/kernel/osrelease", "load": "/proc/loadavg"} {
		if b, err := os.ReadFile(file); err == nil {
			m[name] = strings.TrimSpace(string(b))
		}
	}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m["cpu"] = firstField(string(b), "model name")
	}
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		m["memory"] = firstField(string(b), "MemTotal")
	}
	return m
}

// firstField is the value of the first line "name: value".
func firstField(text, name string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.Trim(rest, "\t :\n")
		}
	}
	return ""
}
