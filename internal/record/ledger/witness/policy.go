package witness

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/problem"
)

// ParsePolicy reads a witness policy in the text form that logs and their
// clients share (Sigsum's policy format, as Tessera reads it):
//
//	witness <name> <vkey> <url>
//	group <name> any|all|<k> <name of a witness> …
//	quorum <name of a group or of a witness>|none
//
// A "#" begins a comment; "log" lines are for clients and passed over. Groups
// of groups are refused. Who is not in the quorum's group is not asked. Errors:
// problem.BadInput with the line.
func ParsePolicy(raw []byte) (Policy, error) {
	type group struct {
		k       int
		members []string
	}
	all, groups, quorum := map[string]Witness{}, map[string]group{}, ""
	n := 0
	bad := func(de, en string) (Policy, error) {
		return Policy{}, problem.Newf(problem.BadInput, "Zeile %d der Zeugenliste: "+de, "Line %d of the witness policy: "+en, n)
	}
	for line := range strings.Lines(string(raw)) {
		n++
		text, _, _ := strings.Cut(line, "#")
		f := strings.Fields(text)
		switch {
		case len(f) == 0 || f[0] == "log":
		case f[0] == "witness" && len(f) == 4:
			if _, err := parseKey(f[2]); err != nil {
				return bad("Das ist kein Schlüssel eines Zeugen.", "this is not the key of a witness.")
			}
			if _, ok := all[f[1]]; ok {
				return bad("Diesen Namen gibt es schon.", "this name is there already.")
			}
			all[f[1]] = Witness{VKey: f[2], URL: f[3]}
			groups[f[1]] = group{1, []string{f[1]}}
		case f[0] == "group" && len(f) > 3:
			k, err := strconv.Atoi(f[2])
			switch {
			case f[2] == "any":
				k = 1
			case f[2] == "all":
				k = len(f) - 3
			case err != nil || k < 1 || k > len(f)-3:
				return bad("So viele Zeugen hat die Gruppe nicht.", "the group does not have as many witnesses.")
			}
			if _, ok := groups[f[1]]; ok {
				return bad("Diesen Namen gibt es schon.", "this name is there already.")
			}
			if slices.ContainsFunc(f[3:], func(m string) bool { _, ok := all[m]; return !ok }) {
				return bad("Eine Gruppe besteht hier aus Zeugen, die darüber stehen.", "a group consists of witnesses that stand above it.")
			}
			groups[f[1]] = group{k, f[3:]}
		case f[0] == "quorum" && len(f) == 2 && quorum == "":
			quorum = f[1]
		default:
			return bad("Das ist nicht zu verstehen.", "this cannot be understood.")
		}
	}
	if quorum == "none" {
		return Policy{}, nil
	}
	g, ok := groups[quorum]
	if !ok {
		return bad("Es fehlt eine Zeile „quorum“ mit einer Gruppe oder einem Zeugen.", "there is no line 'quorum' with a group or a witness.")
	}
	p := Policy{Quorum: g.k}
	for _, m := range g.members {
		p.Witnesses = append(p.Witnesses, all[m])
	}
	if _, err := New(p); err != nil {
		return Policy{}, fmt.Errorf("witness policy: %w", err)
	}
	return p, nil
}
