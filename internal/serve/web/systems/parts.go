package systems

import (
	"augenmass/internal/govern/inventory"
	"augenmass/internal/serve/web/ui"
)

// blank lets a choice stay open.
func blank(c ui.Ctx, v ui.FieldView) ui.FieldView {
	v.Blank = c.T("systems.choose")
	return v
}

// row puts choices side by side.
func row(v ui.FieldView) ui.FieldView {
	v.Inline = true
	return v
}

// few is a text area for a short list.
func few(v ui.FieldView) ui.FieldView {
	v.Rows = 3
	return v
}

func entrySheet(f *file, mayEdit bool) ui.SheetView {
	s := ui.SheetView{ID: "entry", Title: f.c.T("systems.entry")}
	if mayEdit && f.sys.Doc.LifeCycle != inventory.Retired {
		s.Link = ui.LinkView{Text: f.c.T("systems.edit"), Href: f.url("edit")}
	}
	return s
}

// guideLink leads to a page of the guide, for who works there.
func guideLink(f *file, shown bool, step string) ui.LinkView {
	if !shown {
		return ui.LinkView{}
	}
	return ui.LinkView{Text: f.c.T("systems.go." + step), Href: f.url(step)}
}

func completeFigure(c ui.Ctx, v what) ui.FigureView {
	kind := ui.OK
	if v.have < inventory.Wanted {
		kind = ui.Warn
	}
	words := c.T("systems.complete", "have", v.have, "of", inventory.Wanted)
	return ui.FigureView{Label: c.T("systems.complete.label"), Value: words, Unit: c.T("systems.complete.unit"),
		Meter: &ui.MeterView{Value: float64(v.have), Max: inventory.Wanted, Label: words, Kind: kind}}
}
