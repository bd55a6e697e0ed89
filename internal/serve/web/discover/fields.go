package discover

import (
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// blank lets a choice stand open.
func blank(c ui.Ctx, f ui.FieldView) ui.FieldView {
	f.Blank = c.T("discover.unset")
	return f
}

// asIs offers to register a tip without a draft.
func asIs(c ui.Ctx, f ui.FieldView) ui.FieldView {
	f.Blank = c.T("discover.tip.asis")
	return f
}

// chosen asks whether staff took a tool up themselves (requirement 001-40).
func chosen(c ui.Ctx, form ui.Form) ui.FieldView {
	f := form.Field("chosen").Req().Or("no").Of(ui.Option{Value: "no", Text: c.T("discover.no")}, ui.Option{Value: "yes", Text: c.T("discover.yes")})
	f.Inline = true
	return f
}

// languages are the languages of a letter.
func languages(c ui.Ctx, form ui.Form) ui.FieldView {
	f := form.Field("language").Req()
	for _, l := range text.Langs {
		f.Options = append(f.Options, ui.Option{Value: string(l), Text: c.T("discover.language." + string(l))})
	}
	f.Inline = true
	return f
}
