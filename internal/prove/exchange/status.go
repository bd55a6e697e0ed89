package exchange

import "strings"

// Status is how far a requirement is met, as in govern/control (001-19).
type Status string

// The six values.
const (
	Open          Status = "open"
	InProgress    Status = "in_progress"
	Met           Status = "met"
	Partly        Status = "partly"
	NotMet        Status = "not_met"
	NotApplicable Status = "not_applicable"
)

// statusWords are the words that authors use, in lower case.
var statusWords = map[string]Status{
	"": Open, "-": Open, "–": Open, "offen": Open, "open": Open, "neu": Open, "new": Open, "todo": Open, "to do": Open,
	"geplant": Open, "planned": Open, "nicht begonnen": Open, "not started": Open, "not assessed": Open, "nicht bewertet": Open,
	"in bearbeitung": InProgress, "in arbeit": InProgress, "in progress": InProgress, "laufend": InProgress, "begonnen": InProgress,
	"started": InProgress, "ongoing": InProgress,
	"erfüllt": Met, "umgesetzt": Met, "konform": Met, "ja": Met, "met": Met, "fulfilled": Met, "compliant": Met, "implemented": Met,
	"done": Met, "erledigt": Met, "yes": Met,
	"teilweise": Partly, "teilweise erfüllt": Partly, "teilweise umgesetzt": Partly, "teilkonform": Partly, "partly": Partly,
	"partly met": Partly, "partial": Partly, "partially": Partly, "partially met": Partly, "partially compliant": Partly,
	"partially implemented": Partly,
	"nicht erfüllt":         NotMet, "nicht umgesetzt": NotMet, "nicht konform": NotMet, "nein": NotMet, "not met": NotMet,
	"not fulfilled": NotMet, "non-compliant": NotMet, "non compliant": NotMet, "not implemented": NotMet, "no": NotMet,
	"nicht anwendbar": NotApplicable, "entfällt": NotApplicable, "n/a": NotApplicable, "n. a.": NotApplicable, "n.a.": NotApplicable,
	"na": NotApplicable, "not applicable": NotApplicable, "nicht zutreffend": NotApplicable,
}

// StatusOf reads a status as people write it; false if it is no known word, and
// then it counts as open.
func StatusOf(said string) (Status, bool) {
	s, ok := statusWords[strings.ToLower(strings.Trim(strings.Join(strings.Fields(said), " "), ".*_`"))]
	if !ok {
		return Open, false
	}
	return s, true
}
