package profile

import (
	"slices"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/record/packs"
)

// Notices that the answers of the classification ask for.
const (
	noticeChat      = "notice.chat"
	noticeSynthetic = "notice.synthetic"
	noticeDeepfake  = "notice.deepfake"
	noticeBiometric = "notice.biometric"
	noticePublic    = "notice.public_text"
)

// Owed are the notices that the organisation itself owes (AI Act Art. 50),
// from what the rules say about the transparency duty and from the answers that
// it rests on: as deployer for deep fakes, texts of public interest and the
// evaluation of emotions or biometric traits, as provider for conversation and
// generated content. Where a provider owes it to us, nothing is owed here.
func Owed(role, transparency string, answers []classify.Answer) []string {
	var out []string
	if transparency == "deployer" || transparency == "both" {
		if has(answers, "outputs", "deepfake") {
			out = append(out, noticeDeepfake)
		}
		if has(answers, "outputs", "public_text") && !has(answers, "reviewed", "yes") {
			out = append(out, noticePublic)
		}
		if has(answers, "areas", "emotion") || has(answers, "areas", "biometric_category") || has(answers, "practices", "f") {
			out = append(out, noticeBiometric)
		}
	}
	if (transparency == "provider" || transparency == "both") && strings.HasPrefix(role, "provider") {
		if has(answers, "outputs", "chat") && !has(answers, "obvious", "yes") {
			out = append(out, noticeChat)
		}
		if has(answers, "outputs", "synthetic") && !has(answers, "editing_only", "yes") {
			out = append(out, noticeSynthetic)
		}
	}
	return out
}

func has(answers []classify.Answer, fact, value string) bool {
	return slices.ContainsFunc(answers, func(a classify.Answer) bool { return a.Fact == fact && slices.Contains(a.Values, value) })
}

// Unproven are those of the owed notices that are not shown to be displayed.
func (p Profile) Unproven(owed []string) []string {
	return slices.DeleteFunc(slices.Clone(owed), func(kind string) bool {
		return slices.ContainsFunc(p.Notices, func(n Notice) bool { return n.Kind == kind && n.Proven() })
	})
}

// ActiveLines are the red lines that a profile crosses: switched on, or inferred
// data that are themselves one.
func (l Lists) ActiveLines(p Profile) []packs.Clause {
	var out []packs.Clause
	for _, line := range l.Lines {
		on := slices.ContainsFunc(p.Lines, func(x Line) bool { return x.Line == line.ID && x.State == Yes })
		inferred := slices.ContainsFunc(p.Inferred, func(x Inference) bool {
			c, ok := Find(l.Inferred, x.Kind)
			return ok && slices.Contains(c.Related, line.ID)
		})
		if on || inferred {
			out = append(out, line)
		}
	}
	for _, x := range p.Lines { // one that no list knows any more stays one
		if _, known := Find(l.Lines, x.Line); !known && x.State == Yes {
			c := packs.Clause{ID: x.Line}
			c.Title.DE, c.Title.EN = x.Line, x.Line
			out = append(out, c)
		}
	}
	return out
}

// Article22Check says how the check of an automated decision stands: settled, and how
// many of the questions that count are answered as they must be.
func (l Lists) Article22Check(p Profile) (settled bool, good, all int) {
	effect := answerTo(p.Automated.Items, effectQuestion)
	if effect == No {
		return true, 1, 1
	}
	for _, q := range l.Article22 {
		all++
		if answerTo(p.Automated.Items, q.ID) == Yes {
			good++
		}
	}
	return all > 0 && good == all, good, all
}

// First is where the quick estimate says to look first, worst first: bias,
// privacy, security. What nobody knows counts as high (requirement 000-27).
func (e Estimate) First() []string {
	var high, some []string
	for _, x := range []struct {
		name  string
		level Level
	}{{"bias", e.Bias}, {"privacy", e.Privacy}, {"security", e.Security}} {
		switch x.level {
		case High, Open:
			high = append(high, x.name)
		case Some:
			some = append(some, x.name)
		}
	}
	return append(high, some...)
}

// Complete reports whether all three questions are answered.
func (e Estimate) Complete() bool { return e.Bias != "" && e.Privacy != "" && e.Security != "" }

// Worst is the worst of the three answers; what nobody knows counts as high.
// Empty while one is missing.
func (e Estimate) Worst() Level {
	if !e.Complete() {
		return ""
	}
	for _, l := range []Level{High, Some} {
		for _, have := range []Level{e.Bias, e.Privacy, e.Security} {
			if have == l || l == High && have == Open {
				return l
			}
		}
	}
	return Low
}
