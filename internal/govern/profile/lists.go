package profile

import (
	"slices"
	"strings"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Groups of clauses that the lists are made of, in any pack: an organisation's
// own pack with a group of the same name adds to a list.
const (
	groupLines     = "red_lines"
	groupNotices   = "notices"
	groupPractices = "practices"
	groupArticle22 = "article_22"
	groupInferred  = "inferred"
	groupPrivacy   = "privacy"
	groupSecrets   = "secrets"
)

// effectQuestion asks whether GDPR Art. 22 applies at all: "no" ends the check.
const effectQuestion = "art22.effect"

// sensitive is the clause that makes an inferred kind of data a special category.
const sensitive = "gdpr.9"

// Lists are the lists of the packs, in their order.
type Lists struct {
	Lines, Notices, Practices, Article22, Inferred, Privacy, Secrets []packs.Clause
}

// ListsOf reads the lists from a library.
func ListsOf(lib *packs.Library) Lists {
	var l Lists
	for _, info := range lib.Packs() {
		if info.Kind != packs.Standard && info.Kind != packs.Law {
			continue
		}
		for _, c := range lib.Clauses(info.ID) {
			if to := l.group(c.Group); to != nil && c.Parent == "" {
				*to = append(*to, c)
			}
		}
	}
	return l
}

func (l *Lists) group(name string) *[]packs.Clause {
	switch name {
	case groupLines:
		return &l.Lines
	case groupNotices:
		return &l.Notices
	case groupPractices:
		return &l.Practices
	case groupArticle22:
		return &l.Article22
	case groupInferred:
		return &l.Inferred
	case groupPrivacy:
		return &l.Privacy
	case groupSecrets:
		return &l.Secrets
	}
	return nil
}

// Find is an entry of a list by its id.
func Find(list []packs.Clause, id string) (packs.Clause, bool) {
	i := slices.IndexFunc(list, func(c packs.Clause) bool { return c.ID == id })
	if i < 0 {
		return packs.Clause{}, false
	}
	return list[i], true
}

// Sensitive reports whether an inferred kind of data is a special category under
// GDPR Art. 9 (requirement 003-09). A kind that no list knows any more counts as
// one: what is not known is not harmless.
func (l Lists) Sensitive(kind string) bool {
	c, ok := Find(l.Inferred, kind)
	return !ok || slices.Contains(c.Related, sensitive)
}

// Questions are the questions about data that count for a profile: privacy only
// where personal data are used or nobody knows yet, trade secrets always
// (requirement 002-67). What is hidden is kept and never counted.
func (l Lists) Questions(d Data) []packs.Clause {
	if d.Personal == No {
		return slices.Clone(l.Secrets)
	}
	return slices.Concat(l.Privacy, l.Secrets)
}

// Count is how many of the questions that count are answered with yes, answered
// at all, and there.
func (l Lists) Count(d Data) (yes, answered, all int) {
	for _, q := range l.Questions(d) {
		all++
		switch answerTo(d.Items, q.ID) {
		case Yes:
			yes, answered = yes+1, answered+1
		case No, Unknown:
			answered++
		}
	}
	return yes, answered, all
}

func answerTo(items []Item, id string) Tri {
	for _, x := range items {
		if x.Item == id {
			return x.Answer
		}
	}
	return ""
}

// Write is the text of a notice with the names put in. Words in double braces:
// system, company, contact.
func Write(notice packs.Clause, system, company string, contact text.Bi) text.Bi {
	fill := func(s string, contact string) string {
		return strings.NewReplacer("{{system}}", system, "{{company}}", company, "{{contact}}", contact).Replace(s)
	}
	return text.Bi{DE: fill(notice.Text.DE, contact.DE), EN: fill(notice.Text.EN, contact.EN)}
}
