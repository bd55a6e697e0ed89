package operation

import (
	"augenmass/internal/serve/web/ui"
)

// more leads to the whole list when only its beginning is shown.
func more(c ui.Ctx, all, shown int, scope string) ui.LinkView {
	if all <= shown {
		return ui.LinkView{}
	}
	return ui.LinkView{Text: c.T("operation.cases.more", "n", all), Href: c.URL("operation", "cases") + "?scope=" + scope}
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

func outcomeTitle(c ui.Ctx, v *desk) string {
	if v.Case.State.Waiting() {
		return c.T("operation.desk.handed.title")
	}
	return c.T("operation.desk.outcome")
}

func confirmWord(c ui.Ctx, v *desk) string {
	if v.Suggestion == "" {
		return c.T("operation.desk.confirm")
	}
	return c.T("operation.desk.confirm.as", "value", v.Suggestion)
}

func changeWord(c ui.Ctx, v *desk) string {
	switch {
	case v.Output.Binary && v.Revealed:
		return c.T("operation.desk.change.as", "value", v.Output.Say(c, v.Output.Other()))
	case v.Output.Binary:
		return c.T("operation.desk.change.own")
	}
	return c.T("operation.desk.change")
}

func liftLink(c ui.Ctx, v *desk) ui.LinkView {
	if !v.MayLift {
		return ui.LinkView{}
	}
	return ui.LinkView{Text: c.T("operation.resume.link"), Href: c.URL("operation", "systems", v.Case.System, "resume")}
}

// inline puts both answers of a binary result side by side under the name of
// the value.
func inline(f ui.FieldView, form ui.Form) ui.FieldView {
	f.Name, f.Inline, f.Value, f.Error = "value", true, form.Values.Get("value"), form.FieldError("value")
	f.ID = form.Field("value").ID
	return f
}

// caseReasons are the sentences to tap on the desk.
func caseReasons(c ui.Ctx) []ui.Option { return quick(c, "operation.reason.case.", 3) }

func tap(f ui.Form, options []ui.Option) ui.FieldView {
	t, _ := reasonFields(f, options)
	t.Inline = true
	return t
}

// ownWords is the field for a reason where sentences to tap are buttons.
func ownWords(f ui.Form) ui.FieldView {
	v := own(f, nil)
	v.Label = f.C.T("operation.reason.own")
	return v.Req()
}

func own(f ui.Form, options []ui.Option) ui.FieldView {
	_, o := reasonFields(f, options)
	return o
}
