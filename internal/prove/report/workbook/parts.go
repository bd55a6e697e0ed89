package workbook

import (
	"encoding/xml"
	"strconv"
	"strings"
	"time"
)

// Namespaces and kinds of relationships and parts, as ECMA-376 names them.
const (
	spreadsheet   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	office        = "http://schemas.openxmlformats.org/officeDocument/2006/"
	packaging     = "http://schemas.openxmlformats.org/package/2006/"
	kind          = office + "relationships"
	spreadsheetML = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// rootRelations says where a package begins (part 2, relationships).
const rootRelations = `<Relationships xmlns="` + packaging + `relationships">` +
	`<Relationship Id="rId1" Type="` + kind + `/officeDocument" Target="xl/workbook.xml"/>` +
	`<Relationship Id="rId2" Type="` + packaging + `relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
	`<Relationship Id="rId3" Type="` + kind + `/extended-properties" Target="docProps/app.xml"/>` +
	`</Relationships>`

// quoted is a text as it stands in XML, between tags or as an attribute.
func quoted(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// contentTypes names the type of every part (part 2, content types).
func (b Book) contentTypes() string {
	var s strings.Builder
	s.WriteString(`<Types xmlns="` + packaging + `content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>`)
	override := func(part, typ string) {
		s.WriteString(`<Override PartName="/` + part + `" ContentType="` + typ + `"/>`)
	}
	override("docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml")
	override("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml")
	override("xl/workbook.xml", spreadsheetML+"sheet.main+xml")
	override("xl/styles.xml", spreadsheetML+"styles+xml")
	for i := range b.Sheets {
		override(sheetPart(i), spreadsheetML+"worksheet+xml")
	}
	s.WriteString(`</Types>`)
	return s.String()
}

// app are the extended properties (part 1, 22.2).
func (b Book) app() string {
	return `<Properties xmlns="` + office + `extended-properties">` + element("Application", b.Application) + `</Properties>`
}

// core are the core properties (part 2, core properties).
func (b Book) core() string {
	at := b.At.Format(time.RFC3339)
	return `<cp:coreProperties xmlns:cp="` + packaging + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		element("dc:title", b.Title) + element("dc:subject", b.Subject) + element("dc:creator", b.Creator) +
		element("cp:lastModifiedBy", b.Creator) +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created>` +
		`<dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified>` +
		element("dc:language", b.Language) + `</cp:coreProperties>`
}

// element is a property, or nothing.
func element(name, text string) string {
	if text == "" {
		return ""
	}
	return "<" + name + ">" + quoted(text) + "</" + name + ">"
}

// workbook lists the sheets (18.2.27).
func (b Book) workbook() string {
	var s strings.Builder
	s.WriteString(`<workbook xmlns="` + spreadsheet + `" xmlns:r="` + kind + `"><bookViews><workbookView/></bookViews><sheets>`)
	for i, sheet := range b.Sheets {
		n := strconv.Itoa(i + 1)
		s.WriteString(`<sheet name="` + quoted(sheet.Name) + `" sheetId="` + n + `" r:id="rId` + n + `"/>`)
	}
	s.WriteString(`</sheets></workbook>`)
	return s.String()
}

// relations says in which part each sheet is; the styles come last.
func (b Book) relations() string {
	var s strings.Builder
	s.WriteString(`<Relationships xmlns="` + packaging + `relationships">`)
	relation := func(i int, what, target string) {
		s.WriteString(`<Relationship Id="rId` + strconv.Itoa(i+1) + `" Type="` + kind + `/` + what + `" Target="` + target + `"/>`)
	}
	for i := range b.Sheets {
		relation(i, "worksheet", strings.TrimPrefix(sheetPart(i), "xl/"))
	}
	relation(len(b.Sheets), "styles", "styles.xml")
	s.WriteString(`</Relationships>`)
	return s.String()
}

// styles writes the styles (18.8.39). The first font, border and format and the
// first two fills are those that Excel wants to find there; every style of the
// book has a format and a fill behind them.
func (b Book) styles() string {
	const font = `<sz val="11"/><name val="Calibri"/><family val="2"/></font>`
	var fills, formats strings.Builder
	count := 2
	for _, style := range b.Styles {
		fill, bold := 0, 0
		if style.Fill != "" {
			fill = count
			count++
			fills.WriteString(`<fill><patternFill patternType="solid"><fgColor rgb="FF` + strings.ToUpper(style.Fill) + `"/><bgColor indexed="64"/></patternFill></fill>`)
		}
		if style.Bold {
			bold = 1
		}
		formats.WriteString(`<xf numFmtId="0" fontId="` + strconv.Itoa(bold) + `" fillId="` + strconv.Itoa(fill) + `" borderId="0" xfId="0"` +
			given(style.Bold, ` applyFont="1"`) + given(fill > 0, ` applyFill="1"`) + given(style.Wrap || style.Top, ` applyAlignment="1"`) + `>`)
		if style.Wrap || style.Top {
			formats.WriteString(`<alignment` + given(style.Top, ` vertical="top"`) + given(style.Wrap, ` wrapText="1"`) + `/>`)
		}
		formats.WriteString(`</xf>`)
	}
	return `<styleSheet xmlns="` + spreadsheet + `">` +
		`<fonts count="2"><font>` + font + `<font><b/>` + font + `</fonts>` +
		`<fills count="` + strconv.Itoa(count) + `"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` + fills.String() + `</fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="` + strconv.Itoa(len(b.Styles)+1) + `"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` + formats.String() + `</cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}

func given(yes bool, s string) string {
	if yes {
		return s
	}
	return ""
}
