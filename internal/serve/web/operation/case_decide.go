package operation

import (
	"net/url"
	"slices"
	"strings"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// caseDecide takes what a person decided and leads to the next case that waits
// for them.
func caseDecide(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	id := r.Param("id")
	d := oversee.Ruling{Case: id, Verdict: entry.Verdict(in.Get("verdict")), Reason: reasonOf(in), Revealed: in.Get("revealed") == "yes"}
	agreed, err := takeValue(r, in, &d)
	if err != nil {
		return refused(r, id, in, err)
	}
	k, err := r.Org.Oversee.Decide(r.Context(), r.Principal(), d)
	if err != nil {
		return refused(r, id, in, err)
	}
	next, err := r.Org.Oversee.List(r.Context(), r.Principal(), oversee.Filter{Scope: oversee.Mine, Limit: 1})
	if err != nil {
		return err
	}
	to := "/operation"
	if len(next.Items) > 0 {
		to = "/operation/cases/" + next.Items[0].ID
	}
	return r.Go(to, said(k, agreed))
}

// said is the notice about what became of the case.
func said(k oversee.Case, agreed bool) string {
	switch {
	case k.State == oversee.Expired:
		return "operation.late"
	case agreed:
		return "operation.agreed"
	}
	switch k.State {
	case oversee.Released:
		return "operation.confirmed"
	case oversee.Changed:
		return "operation.changed"
	case oversee.Rejected:
		return "operation.rejected"
	}
	return "operation.second"
}

// takeValue puts a person's own value into the ruling. Whoever gives the same
// answer as the software without having seen it confirms it: the two agree
// independently, and the journal says that nothing was shown.
func takeValue(r *page.Request, in url.Values, d *oversee.Ruling) (agreed bool, err error) {
	typed := in.Get("value")
	if typed == "" {
		return false, nil
	}
	got, err := r.Org.Oversee.Content(r.Context(), r.Principal(), d.Case, true)
	if problem.Is(err, problem.NotFound) {
		got, err = oversee.Content{}, nil // erased, or no such case: the ruling says which
	}
	if err != nil {
		return false, err
	}
	out := outputOf(got.Suggestion)
	if out.Binary && d.Verdict != entry.Change {
		return false, nil // the answer that stands chosen beside the button belongs to "change"
	}
	if d.Value, err = out.own(r.C.Lang, typed); err != nil {
		return false, err
	}
	if out.Binary && !d.Revealed && typed == out.Value {
		d.Verdict, d.Value = entry.Confirm, nil
		return true, nil
	}
	return false, nil
}

// reasonOf joins a sentence that was tapped and the words that were typed.
func reasonOf(in url.Values) string {
	var parts []string
	for _, s := range in["reason"] {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// refused answers a ruling that was not taken: on the desk with everything that
// was entered, if the person can mend it there.
func refused(r *page.Request, id string, in url.Values, cause error) error {
	p, ok := problemOf(cause)
	if !ok {
		return cause
	}
	switch p.Kind {
	case problem.BadInput, problem.Conflict:
	case problem.Denied:
		return named(r, id, p)
	default:
		return cause
	}
	v, err := newDesk(r, id, in.Get("revealed") == "yes")
	if err != nil {
		return err
	}
	v.Form.Values, v.Form.Problem = in, p
	return v.answer(r, ui.Status(p))
}

// named tells who decides in the words of the house: oversee names roles by
// their codes.
func named(r *page.Request, id string, p *problem.Problem) error {
	i := slices.IndexFunc(p.Reasons, func(reason problem.Reason) bool { return reason.Code == "oversight.not_decider" })
	if i < 0 {
		return p
	}
	k, err := r.Org.Oversee.Case(r.Context(), id)
	if err != nil {
		return err
	}
	var who text.Bi
	for n, role := range k.Deciders {
		title := roles.Role(role).Info().Title
		if n > 0 {
			who.DE, who.EN = who.DE+", ", who.EN+", "
		}
		who.DE, who.EN = who.DE+title.DE, who.EN+title.EN
	}
	out := problem.New(p.Kind, p.Say.DE, p.Say.EN).
		WithReason(p.Reasons[i].Code, "Die Betriebserlaubnis nennt dafür: "+who.DE+".", "The operating permit names for it: "+who.EN+".", p.Reasons[i].Clauses...).
		WithHint("Bitte eine dieser Rollen darum bitten.", "Please ask one of these roles.")
	return out.Wrap(p)
}

// quick are reasons to tap with gloves on; own words may follow.
func quick(c ui.Ctx, prefix string, n int) []ui.Option {
	out := []ui.Option{{Value: "", Text: c.T("operation.reason.own")}}
	for i := range n {
		s := c.T(prefix + string(rune('1'+i)))
		out = append(out, ui.Option{Value: s, Text: s})
	}
	return out
}

// reasonFields are the sentences to tap and the field for own words, with what
// was entered before.
func reasonFields(f ui.Form, options []ui.Option) (tap, own ui.FieldView) {
	tapped := func(s string) bool {
		return s != "" && slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == s })
	}
	tap, own = f.Field("quick").Req().Of(options...), f.Field("reason")
	tap.Name, tap.Error, tap.Value, tap.Values, own.Value, own.Rows = "reason", "", "", nil, "", 2
	for _, s := range f.Values["reason"] {
		if tapped(s) {
			tap.Value = s
		} else if strings.TrimSpace(s) != "" {
			own.Value = s
		}
	}
	own.MaxLen = 4000
	return tap, own
}
