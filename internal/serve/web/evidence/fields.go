package evidence

import "augenmass/internal/serve/web/ui"

// blank lets a choice stand open.
func blank(c ui.Ctx, f ui.FieldView) ui.FieldView {
	f.Blank = c.T("objects.unset")
	return f
}

// latest keeps a day from lying ahead.
func latest(f ui.FieldView, day string) ui.FieldView {
	f.Max = day
	return f
}

// fileField says which file lies in the vault already.
func fileField(c ui.Ctx, v formView) ui.FieldView {
	f := v.Form.Field("file")
	if v.File != "" {
		f.Help = c.T("evidence.file.have", "hash", v.File[:min(12, len(v.File))])
	}
	return f
}
