package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// RESULTS.md is a title and one section per benchmark, in the order of the
// table. Each section ends with a line that carries a digest of its text, so
// that a figure that was typed in by hand is found.
const resultsTitle = `# Results

This file is written by a command only: ` + "`make bench`, or `make bench ID=L1`" + ` for one section.
Each section ends with a digest of its text; a test refuses a section that was edited.
What the benchmarks do, and what is compared with what, stands in the comments of bench/*.go.

How to read it: the machine is shared, so absolute times swing with its neighbours. Contestants take turns
within each round; a ratio is taken within a round, then summed up over rounds as median and quartiles.
Contestants that gave different answers would not have been timed.

`

var digestLine = regexp.MustCompile(`(?m)^<!-- ([A-Z][0-9]+) sha256:([0-9a-f]{64}) -->\n\n?`)

// readResults returns the sections of a file by id; a missing file has none.
// It is an error when the file is not what this program wrote.
func readResults(path string) (map[string]string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	sections, err := parseResults(string(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sections, nil
}

func parseResults(text string) (map[string]string, error) {
	rest, ok := strings.CutPrefix(text, resultsTitle)
	if !ok {
		return nil, errors.New("does not begin as this program writes it; remove it and measure again")
	}
	sections := map[string]string{}
	for rest != "" {
		at := digestLine.FindStringSubmatchIndex(rest)
		if at == nil {
			return nil, fmt.Errorf("ends without a digest: %.60q", rest)
		}
		body, id, want := rest[:at[0]], rest[at[2]:at[3]], rest[at[4]:at[5]]
		if have := fmt.Sprintf("%x", sha256.Sum256([]byte(body))); have != want {
			return nil, fmt.Errorf("section %s was not written by this program; remove it and measure again", id)
		}
		if !strings.HasPrefix(body, "## "+id+" ") || sections[id] != "" {
			return nil, fmt.Errorf("section %s is not in its place", id)
		}
		sections[id] = body
		rest = rest[at[1]:]
	}
	return sections, nil
}

// formatResults is the inverse of parseResults; sections that the table no
// longer has are left out.
func formatResults(sections map[string]string) string {
	var b strings.Builder
	b.WriteString(resultsTitle)
	for _, t := range table {
		if body, ok := sections[t.id]; ok {
			fmt.Fprintf(&b, "%s<!-- %s sha256:%x -->\n\n", body, t.id, sha256.Sum256([]byte(body)))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeSection replaces one section of the file, which is read again: another
// run may have written it meanwhile.
func writeSection(path, body, id string) error {
	sections, err := readResults(path)
	if err != nil {
		return err
	}
	sections[id] = body
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = part.WriteString(formatResults(sections))
	if err = errors.Join(err, part.Chmod(0o644), part.Close()); err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
}

// section prints a report in Markdown.
func section(r report, what string, args []string, at time.Time, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s · %s\n\n", r.ID, what)
	fmt.Fprintf(&b, "%s UTC, %.0f s, seed %d: `cd bench && go run . %s`  \n", at.Format("2006-01-02 15:04"), took.Seconds(), r.Seed, strings.Join(args, " "))
	m := r.Machine
	fmt.Fprintf(&b, "Machine: %s × %s, %s, %s/%s, kernel %s, load before the end %s  \n", m["cpus"], m["cpu"], m["memory"], m["os"], m["arch"], m["kernel"], m["load"])
	fmt.Fprintf(&b, "Versions: %s\n\n", shownVersions(r.Versions))
	b.WriteString(rowTable(r.Rows))
	if len(r.Ratios) > 0 {
		b.WriteString("| ratio | median | quartiles | rounds |\n|---|---:|---:|---:|\n")
		for _, name := range named(maps.Keys(r.Ratios)) {
			x := r.Ratios[name]
			fmt.Fprintf(&b, "| %s | %s | %s to %s | %d |\n", name, figure(x.Median), figure(x.Q1), figure(x.Q3), x.Rounds)
		}
		b.WriteByte('\n')
	}
	if len(r.Bars) > 0 {
		b.WriteString("| bar | measured | limit | |\n|---|---:|---:|---|\n")
		for _, name := range named(maps.Keys(r.Bars)) {
			x := r.Bars[name]
			word := x.word()
			if !x.OK {
				word = "**" + word + "**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s %s | %s |\n", name, figure(x.Have), x.sign(), figure(x.Limit), word)
		}
		b.WriteByte('\n')
	}
	if r.Note != "" {
		fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(r.Note))
	}
	return b.String()
}

// rowTable has a column for every value that any row has.
func rowTable(rows []row) string {
	if len(rows) == 0 {
		return ""
	}
	columns := map[string]bool{}
	for _, r := range rows {
		for name := range r.Values {
			columns[name] = true
		}
	}
	names := named(maps.Keys(columns))
	var b strings.Builder
	fmt.Fprintf(&b, "| case | %s |\n|---|%s\n", strings.Join(names, " | "), strings.Repeat("---:|", len(names)))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |", r.Case)
		for _, name := range names {
			if v, ok := r.Values[name]; ok {
				fmt.Fprintf(&b, " %s |", figure(v))
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteByte('\n')
	}
	return b.String() + "\n"
}

// comparedModules are the modules whose versions a reader wants to see; -json
// has all of them.
var comparedModules = []string{"github.com/open-policy-agent/opa", "github.com/casbin/casbin/v2", "github.com/cedar-policy/cedar-go",
	"github.com/transparency-dev/tessera", "github.com/jackc/pgx/v5", "modernc.org/sqlite"}

func shownVersions(v map[string]string) string {
	var out []string
	for _, name := range named(maps.Keys(v)) {
		if !strings.Contains(name, ".") || slices.Contains(comparedModules, name) {
			out = append(out, name+" "+v[name])
		}
	}
	return strings.Join(out, ", ")
}
