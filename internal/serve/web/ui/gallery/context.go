package gallery

import (
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

func longDate(c ui.Ctx) string { return text.LongDate(c.Lang, c.Now) }

func inArea(c ui.Ctx, area string) ui.Ctx {
	c.Area = area
	return c
}

func noticed(c ui.Ctx) ui.Ctx {
	c.Notice = &ui.NoticeView{
		Kind: ui.OK, Text: b(c, "Freigabe gespeichert.", "Approval saved."),
		Link: ui.LinkView{Text: b(c, "Eintrag im Journal", "Entry in the journal"), Href: Path + "side"},
	}
	return c
}

func signedOut(c ui.Ctx) ui.Ctx {
	c.Person, c.Roles, c.OrgName = "", nil, ""
	return c
}

func otherLang(c ui.Ctx) string {
	if c.Lang == text.EN {
		return string(text.DE)
	}
	return string(text.EN)
}

func signInForm(c ui.Ctx) ui.Form {
	return ui.Form{C: c, ID: "sign-in", Prefix: "gallery.signin.", Action: Path + "denied", Submit: c.T("gallery.signin.submit"), Touch: true}
}

func auto(v ui.FieldView, complete, typ string) ui.FieldView {
	v.Auto, v.Type = complete, typ
	return v
}

func once(v ui.FieldView) ui.FieldView {
	v.Once, v.Auto, v.MaxLen = true, "one-time-code", 6
	return v
}
