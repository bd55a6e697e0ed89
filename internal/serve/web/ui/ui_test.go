package ui_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"augenmass/internal/problem"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

func sample(t *testing.T, l text.Lang) ui.Ctx {
	t.Helper()
	texts, err := ui.Texts()
	if err != nil {
		t.Fatal(err)
	}
	return ui.Ctx{Lang: l, Texts: texts, OrgPath: "/muster", OrgName: "Muster", Person: "S. Keller", Now: time.Date(2026, 11, 21, 14, 2, 0, 0, time.UTC)}
}

func html(t *testing.T, part templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := part.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wants(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("lacks %q in\n%s", p, got)
		}
	}
}

func lacks(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(got, p) {
			t.Errorf("has %q in\n%s", p, got)
		}
	}
}

// What is not known to be valid is never shown as valid.
func TestPermitStampFailsClosed(t *testing.T) {
	c := sample(t, text.DE)
	for state, want := range map[string]string{"valid": "GÜLTIG", "suspended": "RUHT", "none": "KEINE", "": "KEINE", "VALID": "KEINE", "expired": "KEINE"} {
		got := html(t, ui.Permit(c, ui.PermitView{State: state, Number: "BE-2026-0007", Version: 4}))
		wants(t, got, ">"+want+"</p>")
		if want != "GÜLTIG" {
			lacks(t, got, "GÜLTIG", "stamp ok")
		}
	}
}

func TestPermitNamesLapseAndWhoLiftsIt(t *testing.T) {
	got := html(t, ui.Permit(sample(t, text.EN), ui.PermitView{
		State: "suspended", Number: "BE-2026-0007", Version: 4, FactsHash: "sha256:4be1c7d5a90f2e6b90c2",
		Lapses:     []ui.LapseView{{Title: "Approval withdrawn", Since: "14:01", Clauses: []ui.ClauseRef{{Ref: "42001 A.6.2.5", Href: "/c/1", Title: "Deployment"}}, LiftBy: "Safety officer"}},
		Conditions: []ui.ConditionView{{Text: "Below 0.85 a person decides.", Clauses: []ui.ClauseRef{{Ref: "Art. 14"}}}},
	}))
	wants(t, got, "Since 14:01: Approval withdrawn", `<a href="/c/1" title="Deployment">42001 A.6.2.5</a>`, "Safety officer", "BE-2026-0007 · Version 4", "sha256 4be1…90c2", "Below 0.85", "Art. 14")
}

func TestQRCode(t *testing.T) {
	got := html(t, ui.QR("https://example.test/w/7KQ4", "Code"))
	wants(t, got, `role="img"`, `aria-label="Code"`, `fill="#fff"`, "M4 4h7v1h-7z") // the first finder pattern behind a quiet zone of four
	if long := html(t, ui.QR(strings.Repeat("x", 5000), "Code")); long != "" {
		t.Errorf("content that does not fit gives %d bytes of code", len(long))
	}
}

// Input is never lost, and every fault is tied to its field.
func TestFormKeepsValuesAndNamesFaults(t *testing.T) {
	texts, err := text.Load(mapFS{"texts.yaml": `
f.name: {de: Name, en: Name}
f.name.help: {de: Ein Satz, en: One sentence}
f.name.plain: {de: Einfach erklärt, en: In plain words}
f.name.expert: {de: Genau, en: In detail}
f.name.source: {de: Art. 3, en: Art. 3}
f.kind: {de: Art, en: Kind}
`}.fs(), uiTexts(t))
	if err != nil {
		t.Fatal(err)
	}
	c := sample(t, text.DE)
	c.Texts = texts
	f := ui.Form{
		C: c, ID: "x", Prefix: "f.", Action: "/save", Submit: "Speichern", Hidden: map[string]string{"revision": "7"},
		Values:  url.Values{"name": {`<b>"Fräse"`}, "kind": {"b"}},
		Problem: problem.New(problem.BadInput, "Bitte prüfen", "Please check").WithField("name", "Zu lang", "Too long").WithField("other.0", "Fehlt", "Missing"),
	}
	got := html(t, ui.FormBox(f)) + html(t, ui.TextField(c, f.Field("name").Req())) +
		html(t, ui.RadioField(c, f.Field("kind").Of(ui.Option{Value: "a", Text: "A"}, ui.Option{Value: "b", Text: "B"})))
	wants(t, got,
		`role="alert"`, "autofocus", `href="#x-name">Name: Zu lang</a>`, `href="#x-other-0">other.0: Fehlt</a>`,
		`name="revision" value="7"`, `value="&lt;b&gt;&#34;Fräse&#34;"`, `aria-describedby="x-name-help x-name-error"`, `aria-invalid="true"`,
		`id="x-name-error"`, "Einfach erklärt", "Genau", "Quelle: Art. 3", `value="b" checked`, "freiwillig")
	lacks(t, got, `value="a" checked`, "<b>\"Fräse", "hx-post")
}

func TestAddressesAreChecked(t *testing.T) {
	lacks(t, html(t, ui.Link(ui.LinkView{Text: "x", Href: "javascript:alert(1)"})), "javascript")
}

func TestTableNamesItsCells(t *testing.T) {
	v := ui.TableView{Caption: "Systeme", Cols: []ui.Col{{Head: "Name"}, {Head: "Klasse"}, {Head: "Zahl", Right: true, Mono: true}}}
	v.Rows = []ui.Row{{ID: "r1", Cells: []ui.Cell{{Text: "Fräse", Href: "/s/1"}, {Text: "minimal"}, {Text: "4"}, {Text: "zu viel"}}}}
	got := html(t, ui.Table(sample(t, text.DE), v))
	wants(t, got, `<caption class="unseen">Systeme</caption>`, `scope="row"`, `data-label="Klasse"`, `class="r num" data-label="Zahl"`, `id="r1"`)
	v.Rows, v.Empty = nil, ui.EmptyView{Title: "Noch nichts"}
	if got := html(t, ui.Table(sample(t, text.DE), v)); !strings.Contains(got, "Noch nichts") || strings.Contains(got, "<table") {
		t.Errorf("empty table: %s", got)
	}
}

func TestChartsSurviveOddNumbers(t *testing.T) {
	c := sample(t, text.DE)
	nan := 0.0
	nan /= nan
	for _, v := range []ui.DriftView{{}, {Limit: .1}, {Points: []ui.Point{{At: "06:00", Value: nan}}}, {Points: []ui.Point{{Value: -1}, {Value: 1e300}}, Limit: .1}} {
		lacks(t, html(t, ui.Drift(c, v)), `points="NaN`, ",NaN", ">NaN", "Inf")
	}
	lacks(t, html(t, ui.Meter(ui.MeterView{Value: 3, Max: 0})), "NaN", "Inf")
	wants(t, html(t, ui.Meter(ui.MeterView{Value: 5, Max: 4})), `width="100"`)
	wants(t, html(t, ui.Wheel(c, "PDCA", []ui.WheelPart{{Name: "Planen", Done: 0, Of: 0}})), "Planen: 0 von 0")
	wants(t, html(t, ui.RiskMatrix(c, ui.RiskMatrixView{Size: 4, Points: []ui.RiskPoint{{No: "R1", X: 9, Y: -3}}})), "R1")
}

func TestEveryProblemSaysWhatWasKept(t *testing.T) {
	for _, l := range text.Langs {
		c := sample(t, l)
		for _, k := range []problem.Kind{problem.NotFound, problem.Conflict, problem.BadInput, problem.Denied, problem.Unsigned, problem.TooLarge, problem.Unavailable, problem.Corrupt, problem.Internal, "unknown"} {
			p := problem.New(k, "Satz.", "Sentence.").WithHint("Hinweis.", "Hint.").WithReason("r", "Grund.", "Reason.", "aia.art14.1").Wrap(errors.New("secret detail"))
			for _, signedIn := range []string{"S. Keller", ""} {
				c.Person = signedIn
				got := html(t, ui.ProblemPage(c, p, "log-7"))
				wants(t, got, `class="kept"`, p.Say.In(l), p.Hint.In(l), p.Reasons[0].Say.In(l), "aia.art14.1", "log-7")
				lacks(t, got, "⟦", "secret")
			}
			if ui.Status(p) < 400 {
				t.Errorf("%s answers %d", k, ui.Status(p))
			}
		}
	}
}

func TestClausesAreShownAsReadersKnowThem(t *testing.T) {
	c := sample(t, text.DE)
	c.Clause = func(id string) ui.ClauseRef {
		return ui.ClauseRef{Ref: "KI-VO Art. 14", Href: "/c/" + id, Title: "Aufsicht"}
	}
	p := problem.New(problem.Denied, "Nein.", "No.").WithReason("r", "Grund.", "Reason.", "aia.art14.1")
	wants(t, html(t, ui.Problem(c, p)), `<a href="/c/aia.art14.1" title="Aufsicht">KI-VO Art. 14</a>`)
}

func TestShellSaysWhereIAm(t *testing.T) {
	c := sample(t, text.EN)
	c.Area, c.Counts, c.Path = "operation", map[string]int{"operation": 3}, "/muster/operation?x=1"
	got := html(t, ui.Page(c, ui.PageView{Title: "Cases", Crumbs: []ui.LinkView{{Text: "Operation", Href: "/muster/operation"}}}))
	wants(t, got, `<html lang="en">`, "<title>Cases · Muster · Augenmaß</title>", `href="/muster/operation" aria-current="page"`, "3 open items",
		`name="back" value="/muster/operation?x=1"`, `value="de" lang="de"`, `href="#main"`, `id="live"`, `action="/muster/sign-out"`)
	lacks(t, got, "⟦")
	if strings.Count(got, "aria-current=\"page\"") != 1 {
		t.Error("more than one current place")
	}
}

func TestRenderNeverSendsHalfAPage(t *testing.T) {
	broken := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, "<p>half"); err != nil {
			return err
		}
		return errors.New("broken")
	})
	w := httptest.NewRecorder()
	if err := ui.Render(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, broken); err == nil {
		t.Error("the error was swallowed")
	}
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestPartial(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if ui.Partial(r) {
		t.Error("a plain request is no partial one")
	}
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Request-Type", "full")
	if ui.Partial(r) {
		t.Error("htmx asked for a full page")
	}
	r.Header.Set("HX-Request-Type", "partial")
	if !ui.Partial(r) {
		t.Error("htmx asked for a part")
	}
}

// A line break in the HTML must not end the event early.
func TestEventsKeepTheirLines(t *testing.T) {
	var b strings.Builder
	part := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "<tr>\r\n\n<td>x</td></tr>")
		return err
	})
	if err := ui.WriteEvent(t.Context(), &b, "7", part); err != nil {
		t.Fatal(err)
	}
	if want := "id: 7\ndata: <tr>\ndata: \ndata: <td>x</td></tr>\n\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

type mapFS map[string]string

func (m mapFS) fs() fstest.MapFS {
	out := fstest.MapFS{}
	for name, body := range m {
		out[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return out
}

func uiTexts(t *testing.T) fs.FS {
	t.Helper()
	return os.DirFS("texts")
}
