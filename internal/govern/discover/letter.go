package discover

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Our own conventions for letters.
const (
	// LinkDays is how long a link is valid unless somebody says otherwise.
	LinkDays = 60
	// maxLinkDays is the longest that a link may be valid.
	maxLinkDays = 180
	// AnswerDays is how long a vendor has unless somebody says otherwise.
	AnswerDays = 30
)

// vendorAsks marks the questions of a questionnaire that a vendor can answer.
const vendorAsks = "vendor"

// Asking says what a letter is about: a system, a ticked product, or both.
type Asking struct {
	System   string
	Software string
}

// Questions are what a letter asks: the letters of the identification
// questionnaire, question by question; its questions that a vendor can answer
// and that are open for the system (all of them while nobody identified it);
// and, for a ticked product, the questions of the packs for each function that
// is on or not known.
func (r *Room) Questions(ctx context.Context, rd store.Reader, a Asking) ([]Question, error) {
	lib := r.lib()
	var out []Question
	if q, ok := lib.Questionnaire(assess.Identification); ok {
		for _, l := range q.Letters {
			out = append(out, parts(l)...)
		}
		open, err := r.open(ctx, rd, q, a.System)
		if err != nil {
			return nil, err
		}
		out = append(out, open...)
	}
	if a.Software == "" {
		return out, nil
	}
	s, err := r.Ticks.Get(ctx, rd, a.Software)
	if err != nil {
		return nil, err
	}
	p, ok := lib.Stock().Product(s.Doc.Product)
	if !ok {
		return out, nil
	}
	for _, f := range p.Functions {
		if st := s.Doc.State(f.ID).State; st != On && st != Unknown {
			continue
		}
		for _, ask := range lib.Stock().Asks() {
			out = append(out, Question{ID: ask.ID + "/" + f.ID, Text: filled(ask.Text, f.Name, s.Doc.Name), Closed: true})
		}
	}
	return out, nil
}

// open are the questions of the identification that a vendor can answer and that
// nobody answered for the system yet.
func (r *Room) open(ctx context.Context, rd store.Reader, q *packs.Questionnaire, system string) ([]Question, error) {
	known := map[string]bool{}
	if system != "" {
		o, err := assess.New(r.lib(), r.now).One(ctx, rd, system, assess.Identification)
		if err != nil && !problem.Is(err, problem.NotFound) {
			return nil, err
		}
		for _, a := range o.Doc.Current() {
			known[a.Item] = a.Value != packs.Unknown
		}
	}
	var out []Question
	for _, s := range q.Sections {
		for _, it := range s.Items {
			if it.Ask == vendorAsks && !known[it.ID] {
				out = append(out, Question{ID: it.ID, Text: it.Text, Closed: true})
			}
		}
	}
	return out, nil
}

// number starts a question inside a letter: "(1) ".
var number = regexp.MustCompile(`\((\d+)\)\s*`)

// parts cuts a letter into its numbered questions; one without numbers is one
// question. Both languages have the same numbers, or the letter stays whole.
func parts(l packs.Letter) []Question {
	de, en := cut(l.Text.DE), cut(l.Text.EN)
	if len(de) < 2 || len(de) != len(en) {
		return []Question{{ID: l.ID, Text: l.Text}}
	}
	var out []Question
	for i := range de {
		out = append(out, Question{ID: l.ID + "." + strconv.Itoa(i+1), Text: text.Bi{DE: de[i], EN: en[i]}})
	}
	return out
}

func cut(s string) []string {
	var out []string
	at := number.FindAllStringIndex(s, -1)
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out = append(out, strings.TrimSpace(s[m[1]:end]))
	}
	return out
}

func filled(t, function text.Bi, product string) text.Bi {
	fill := func(l text.Lang) string {
		return strings.NewReplacer("{function}", function.In(l), "{product}", product).Replace(t.In(l))
	}
	return text.Bi{DE: fill(text.DE), EN: fill(text.EN)}
}

// Own makes questions of lines that somebody wrote; empty lines are left out.
func Own(lines string, l text.Lang) []Question {
	var out []Question
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, Question{ID: "own." + strconv.Itoa(len(out)+1), Text: say(l, line)})
		}
	}
	return out
}

// Compose saves a letter that was not sent yet: id "" and revision 0 for a new
// one. A letter that is out already is a Conflict: what was asked stays.
func (r *Room) Compose(ctx context.Context, id string, revision int64, q Inquiry) (store.Object[Inquiry], error) {
	var saved store.Object[Inquiry]
	var c problem.Checks
	c.Field(q.Due.After(r.now()), "due", "Bis wann? Der Tag liegt in der Zukunft.", "By when? The day lies in the future.")
	if err := c.Err(); err != nil {
		return saved, err
	}
	q.Status, q.Link, q.LinkUntil, q.SentAt, q.Reminders = InquiryDraft, "", time.Time{}, time.Time{}, nil
	q.Replies, q.Respondent, q.AnsweredAt, q.Refusal, q.AdoptedAt = nil, "", time.Time{}, "", time.Time{}
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if id == "" {
			saved, err = r.Inquiries.Create(ctx, tx, q)
			return err
		}
		have, err := r.Inquiries.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if have.Doc.Status != InquiryDraft {
			return wrongStatus()
		}
		saved, err = r.Inquiries.Update(ctx, tx, id, revision, q)
		return err
	})
	return saved, err
}

// Send gives a letter a new link and counts it as sent; an older link ends. The
// token is shown once and kept as a hash. days is how long the link is valid, 1
// to 180; 0: LinkDays. A letter that was answered, refused or ended is a
// Conflict.
func (r *Room) Send(ctx context.Context, id string, revision int64, days int) (token string, saved store.Object[Inquiry], err error) {
	if days == 0 {
		days = LinkDays
	}
	var c problem.Checks
	c.Field(days >= 1 && days <= maxLinkDays, "days", "Ein Link gilt 1 bis 180 Tage.", "A link is valid for 1 to 180 days.")
	if err := c.Err(); err != nil {
		return "", saved, err
	}
	if token, err = r.code(20); err != nil {
		return "", saved, err
	}
	saved, err = r.step(ctx, id, revision, func(q *Inquiry) error {
		if q.Status != InquiryDraft && q.Status != InquirySent {
			return wrongStatus()
		}
		if q.SentAt.IsZero() {
			q.SentAt = r.now().UTC()
		}
		q.Status, q.Link, q.LinkUntil = InquirySent, hash(token), r.now().UTC().AddDate(0, 0, days)
		return nil
	})
	if err != nil {
		return "", saved, err
	}
	return token, saved, nil
}

// step changes a letter.
func (r *Room) step(ctx context.Context, id string, revision int64, change func(*Inquiry) error) (store.Object[Inquiry], error) {
	var saved store.Object[Inquiry]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Inquiries.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if err = change(&o.Doc); err != nil {
			return err
		}
		saved, err = r.Inquiries.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}

// Remind records that somebody reminded the vendor today.
func (r *Room) Remind(ctx context.Context, id string, revision int64) (store.Object[Inquiry], error) {
	return r.step(ctx, id, revision, func(q *Inquiry) error {
		if q.Status != InquirySent {
			return wrongStatus()
		}
		q.Reminders = append(q.Reminders, r.now().UTC())
		return nil
	})
}

// Refused records that the vendor does not answer, with the reason given. The
// link ends.
func (r *Room) Refused(ctx context.Context, id string, revision int64, reason string) (store.Object[Inquiry], error) {
	return r.step(ctx, id, revision, func(q *Inquiry) error {
		if q.Status != InquirySent {
			return wrongStatus()
		}
		q.Status, q.Refusal, q.Link, q.AnsweredAt = InquiryRefused, strings.TrimSpace(reason), "", r.now().UTC()
		return nil
	})
}

// End stops waiting for an answer. The link ends; what came back stays.
func (r *Room) End(ctx context.Context, id string, revision int64) (store.Object[Inquiry], error) {
	return r.step(ctx, id, revision, func(q *Inquiry) error {
		if q.Status != InquirySent && q.Status != InquiryDraft {
			return wrongStatus()
		}
		q.Status, q.Link = InquiryEnded, ""
		return nil
	})
}

// Read returns the letter of a token, for whoever has it; ok is false for one
// that is wrong, ended or another organisation's. A letter that was answered
// can be read as long as its link lasts.
func (r *Room) Read(ctx context.Context, token string) (o store.Object[Inquiry], ok bool, err error) {
	if token == "" || len(token) > maxToken {
		return o, false, nil
	}
	o, ok, err = one(house(ctx), r.db, r.Inquiries, "link", hash(token))
	if err != nil || !ok || !r.now().Before(o.Doc.LinkUntil) {
		return store.Object[Inquiry]{}, false, err
	}
	return o, true, nil
}

// Answer takes the answers of whoever has the link. It is taken once; who says
// is what they write of themselves and may be empty.
func (r *Room) Answer(ctx context.Context, token string, replies []Reply, who string) (store.Object[Inquiry], error) {
	return r.reply(ctx, token, func(q *Inquiry) error {
		all, err := q.replies(replies)
		q.Replies, q.Respondent, q.Status = all, strings.TrimSpace(who), InquiryAnswered
		return err
	})
}

// Decline takes the refusal of whoever has the link, with a reason.
func (r *Room) Decline(ctx context.Context, token, reason, who string) (store.Object[Inquiry], error) {
	return r.reply(ctx, token, func(q *Inquiry) error {
		q.Refusal, q.Respondent, q.Status = strings.TrimSpace(reason), strings.TrimSpace(who), InquiryRefused
		return q.Validate()
	})
}

func (r *Room) reply(ctx context.Context, token string, change func(*Inquiry) error) (store.Object[Inquiry], error) {
	o, ok, err := r.Read(ctx, token)
	if err != nil {
		return o, err
	}
	if !ok {
		return o, noLink()
	}
	return r.step(house(ctx), o.ID, o.Revision, func(q *Inquiry) error {
		if !q.Open(r.now()) {
			return problem.New(problem.Conflict, "Dieser Brief ist schon beantwortet.", "This letter was answered already.").
				WithHint("Für Nachträge bitte die Absenderin oder den Absender ansprechen.", "For additions please talk to the sender.")
		}
		q.AnsweredAt = r.now().UTC()
		return change(q)
	})
}

// Adopt puts the vendor's answers to questions of the identification into the
// draft of the system's identification, where nobody answered them yet. A
// verdict that stands goes on standing; a person concludes. It returns how many
// answers were new.
func (r *Room) Adopt(ctx context.Context, id string, revision int64) (n int, err error) {
	o, err := r.Inquiries.Get(ctx, r.db, id)
	if err != nil {
		return 0, err
	}
	if o.Doc.Status != InquiryAnswered || o.Doc.System == "" {
		return 0, wrongStatus()
	}
	room := assess.New(r.lib(), r.now)
	room.Open(r.db)
	q, err := room.Questionnaire(assess.Identification)
	if err != nil {
		return 0, err
	}
	have, err := room.One(ctx, r.db, o.Doc.System, assess.Identification)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return 0, err
	}
	answers := slices.Clone(have.Doc.Current())
	for _, reply := range o.Doc.Replies {
		if _, ok := q.Item(reply.Question); !ok || reply.Choice == "" || string(reply.Choice) == packs.Unknown {
			continue
		}
		i := slices.IndexFunc(answers, func(a assess.Answer) bool { return a.Item == reply.Question })
		switch {
		case i < 0:
			answers = append(answers, assess.Answer{Item: reply.Question, Value: string(reply.Choice), Note: short(reply.Text, 500)})
			n++
		case answers[i].Value == packs.Unknown:
			answers[i].Value, answers[i].Note = string(reply.Choice), short(reply.Text, 500)
			n++
		}
	}
	if n > 0 {
		if _, err = room.Keep(ctx, o.Doc.System, assess.Identification, have.Revision, answers); err != nil {
			return 0, err
		}
	}
	_, err = r.step(ctx, id, revision, func(q *Inquiry) error { q.AdoptedAt = r.now().UTC(); return nil })
	return n, err
}

// wrongStatus is what a step gets that does not fit where the letter stands.
func wrongStatus() error {
	return problem.New(problem.Conflict, "Dieser Schritt passt nicht zum Stand des Briefs.", "This step does not fit where the letter stands.").
		WithHint("Bitte die Seite neu laden; jemand war vielleicht schneller.", "Please load the page again; somebody may have been faster.")
}
