package doccheck

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"augenmass/internal/text"
)

var (
	reVersion = regexp.MustCompile(`(?i)\b(?:Version|Fassung|Revision)\s*:?\s*v?(\d{1,3}(?:\.\d{1,3}){0,3})(?:[^\d.]|\.\D|\.?$)`)
	reHistory = regexp.MustCompile(`(?i)change[ -]?log|änderungs(?:historie|verlauf|verzeichnis|übersicht)|revision history|version history|versionshistorie`)
	// what may stand before the word when a document speaks of itself
	reItself = regexp.MustCompile(`(?i)(?:^|[|(:]|\b(?:die|der|das|in|ist|stellt|aktuelle|neue|gültige|vorliegende|dokument|dokuments|document|the|is|this|current|ab|mit|zu|to|as|as of|status)\b)\s*$`)
)

// statement is what a document says about its own version.
type statement struct {
	said
	version string
	history bool // from the list of changes
}

// versions compares what each document of the file says about its version: with
// what it said first, and with the newest of its list of changes.
func versions(all []said) []Finding {
	var out []Finding
	var first, own *statement // of the file, of the document
	var newest *statement     // of the document's list of changes
	end := func() {
		if own != nil && newest != nil && newest.version != own.version {
			out = append(out, against(*newest, *own, "Die Liste der Änderungen nennt als neueste Version %s; das Dokument nennt sich %s.",
				"The list of changes names version %s as the newest; the document calls itself %s."))
		}
		own, newest = nil, nil
	}
	for _, s := range all {
		if s.title {
			end()
		}
		for _, st := range statements(s) {
			switch {
			case st.history:
				if newest == nil || later(st.version, newest.version) {
					newest = &st
				}
			case own == nil:
				if first != nil && first.version != st.version {
					out = append(out, against(st, *first, "Hier nennt sich das Dokument Version %s, weiter oben Version %s.", "Here the document calls itself version %s, further up version %s."))
				}
				own = &st
				if first == nil {
					first = &st
				}
			case own.version != st.version:
				out = append(out, against(st, *own, "Hier nennt sich das Dokument Version %s, weiter oben Version %s.", "Here the document calls itself version %s, further up version %s."))
			}
		}
	}
	end()
	return out
}

func against(st, other statement, de, en string) Finding {
	return Finding{Kind: Versions, Line: st.line, Sentence: st.s, Against: &Place{Line: other.line, Sentence: other.s},
		Say: text.Bi{DE: fmt.Sprintf(de, st.version, other.version), EN: fmt.Sprintf(en, st.version, other.version)}}
}

// statements are the versions that a sentence names for its own document. The
// version of something else has its name before it.
func statements(s said) []statement {
	var out []statement
	for _, m := range reVersion.FindAllStringSubmatchIndex(s.s, -1) {
		itself := reItself.MatchString(s.s[:m[0]])
		history := reHistory.MatchString(s.s[:m[0]]) || itself && reHistory.MatchString(s.heading)
		if !history && !itself {
			continue
		}
		out = append(out, statement{said: s, version: s.s[m[2]:m[3]], history: history})
	}
	return out
}

// later compares versions number by number.
func later(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		x, y := part(as, i), part(bs, i)
		if x != y {
			return x > y
		}
	}
	return false
}

// part is one number of a version; a missing one is the lowest.
func part(all []string, i int) int {
	if i >= len(all) {
		return -1
	}
	n, err := strconv.Atoi(all[i])
	if err != nil {
		return -1 // not reached: the expression allows digits only
	}
	return n
}
