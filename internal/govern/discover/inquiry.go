package discover

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Language is the language of a letter.
type Language string

// Values lists the languages.
func (Language) Values() []string { return []string{string(text.DE), string(text.EN)} }

// InquiryStatus says where a letter stands.
type InquiryStatus string

// A draft was not sent yet. Refused: the vendor does not answer, and says why.
// Ended: nobody waits for it any more.
const (
	InquiryDraft    InquiryStatus = "draft"
	InquirySent     InquiryStatus = "sent"
	InquiryAnswered InquiryStatus = "answered"
	InquiryRefused  InquiryStatus = "refused"
	InquiryEnded    InquiryStatus = "ended"
)

// Values lists the statuses in their order.
func (InquiryStatus) Values() []string {
	return []string{string(InquiryDraft), string(InquirySent), string(InquiryAnswered), string(InquiryRefused), string(InquiryEnded)}
}

// Question is one question to a vendor.
type Question struct {
	ID     string  `json:"id" store:"required"` // of the questionnaire, of a question of the packs with its function, or own.1
	Text   text.Bi `json:"text"`
	Closed bool    `json:"closed"` // yes, no or not known, then in words
}

// Choice is the answer to a closed question.
type Choice string

// Values lists the choices; unknown is one: "we do not know" is worth having.
func (Choice) Values() []string { return []string{"yes", "no", "unknown"} }

// Reply is the vendor's answer to one question.
type Reply struct {
	Question string `json:"question" store:"required"`
	Choice   Choice `json:"choice"`
	Text     string `json:"text" store:"max=4000"`
}

// Inquiry is a letter with questions to a vendor, and what came back.
type Inquiry struct {
	Subject    string        `json:"subject" store:"index,search,required,max=200"` // the product, as the letter names it
	System     string        `json:"system" store:"ref=system"`
	Software   string        `json:"software" store:"ref=software"`
	Vendor     string        `json:"vendor" store:"ref=vendor"`
	Recipient  string        `json:"recipient" store:"personal,max=200"`
	Language   Language      `json:"language" store:"required"`
	Questions  []Question    `json:"questions" store:"max=80"`
	Due        time.Time     `json:"due" store:"index,required"`
	Status     InquiryStatus `json:"status" store:"index,required"`
	Link       string        `json:"link" store:"unique"` // SHA-256 of the token; empty: no link is out
	LinkUntil  time.Time     `json:"link_until"`
	SentAt     time.Time     `json:"sent_at" store:"index"`
	Reminders  []time.Time   `json:"reminders" store:"max=50"`
	Replies    []Reply       `json:"replies" store:"max=80"`
	Respondent string        `json:"respondent" store:"personal,max=200"` // who answered, as they say
	AnsweredAt time.Time     `json:"answered_at" store:"index"`
	Refusal    string        `json:"refusal" store:"long,max=2000"` // why the vendor does not answer
	AdoptedAt  time.Time     `json:"adopted_at"`                    // when the answers went into the identification
}

// Title names the letter in lists and links.
func (q *Inquiry) Title() string { return q.Subject }

// Default fills what a new letter may leave out.
func (q *Inquiry) Default() {
	if q.Status == "" {
		q.Status = InquiryDraft
	}
	if q.Language == "" {
		q.Language = Language(text.DE)
	}
}

// Validate holds what belongs together.
func (q *Inquiry) Validate() error {
	var c problem.Checks
	c.Field(len(q.Questions) > 0, "questions", "Ein Brief ohne Fragen wird nicht verschickt.", "A letter without questions is not sent.")
	seen := map[string]bool{}
	for i, x := range q.Questions {
		c.Field(!x.Text.IsZero() && !seen[x.ID], "questions."+strconv.Itoa(i), "Die Frage ist leer oder steht doppelt.", "The question is empty or twice there.")
		seen[x.ID] = true
	}
	c.Field(q.Status != InquiryRefused || strings.TrimSpace(q.Refusal) != "", "refusal", "Was wurde als Grund genannt?", "What was given as the reason?")
	return c.Err()
}

// Overdue reports whether a letter that was sent waits past its day.
func (q *Inquiry) Overdue(at time.Time) bool {
	return q.Status == InquirySent && at.After(q.Due)
}

// Open reports whether the link lets somebody answer at an instant.
func (q *Inquiry) Open(at time.Time) bool {
	return q.Status == InquirySent && q.Link != "" && at.Before(q.LinkUntil)
}

// Reply is the answer to a question; ok is false without one.
func (q *Inquiry) Reply(question string) (Reply, bool) {
	i := slices.IndexFunc(q.Replies, func(r Reply) bool { return r.Question == question })
	if i < 0 {
		return Reply{}, false
	}
	return q.Replies[i], true
}

// Answered counts the questions that have an answer in words or a choice.
func (q *Inquiry) Answered() (n int) {
	for _, r := range q.Replies {
		if r.Choice != "" || r.Text != "" {
			n++
		}
	}
	return n
}

// replies checks what a vendor wrote. An empty answer is left out; at least one
// is needed.
func (q *Inquiry) replies(in []Reply) ([]Reply, error) {
	var c problem.Checks
	var out []Reply
	for _, r := range in {
		r.Text = strings.TrimSpace(r.Text)
		if r.Choice == "" && r.Text == "" {
			continue
		}
		path := "answer." + r.Question
		i := slices.IndexFunc(q.Questions, func(x Question) bool { return x.ID == r.Question })
		c.Field(i >= 0, path, "Diese Frage steht nicht im Brief.", "The letter does not have this question.")
		ok := r.Choice == "" || i >= 0 && q.Questions[i].Closed && slices.Contains(r.Choice.Values(), string(r.Choice))
		c.Field(ok, path, "Möglich sind ja, nein und nicht bekannt.", "Possible are yes, no and not known.")
		c.Field(utf8.RuneCountInString(r.Text) <= 4000, path, "Höchstens 4.000 Zeichen.", "At most 4,000 characters.")
		twice := slices.ContainsFunc(out, func(x Reply) bool { return x.Question == r.Question })
		c.Field(!twice, path, "Die Frage ist zweimal beantwortet.", "The question is answered twice.")
		out = append(out, r)
	}
	if len(out) == 0 {
		c.Field(false, "answer", "Bitte mindestens eine Frage beantworten.", "Please answer at least one question.")
	}
	return out, c.Err()
}
