// Package gallery shows every component of ui with sample content of the model
// company, so that people and tests can look at all of them at once. It has no
// data of its own and no way to change any.
package gallery

import (
	"embed"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"augenmass/internal/problem"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Texts is the wording of the sample forms, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Path is where the gallery must be mounted; addresses inside point there.
const Path = "/gallery/"

// Handler serves the gallery: the pages "" (components), "charts", "form",
// "result", "open", "bare", "review", "side", "problem", "denied", and what
// they load: "draft", "progress", and the server-sent events of "stream". The query lang=en switches the language.
// logf hears of templates that fail.
func Handler(texts *text.Catalogue, logf func(format string, args ...any)) http.Handler {
	g := gallery{texts: texts, logf: logf}
	mux := http.NewServeMux()
	page := func(name string, status int, body func(ui.Ctx) templ.Component) {
		mux.HandleFunc(Path+name, func(w http.ResponseWriter, r *http.Request) {
			g.render(w, r, status, body(g.context(r)))
		})
	}
	page("{$}", http.StatusOK, components)
	page("charts", http.StatusOK, charts)
	page("form", http.StatusOK, func(c ui.Ctx) templ.Component { return formPage(c, sampleForm(c, nil)) })
	page("result", http.StatusOK, resultPage)
	page("draft", http.StatusOK, ui.Saved)
	page("progress", http.StatusOK, func(c ui.Ctx) templ.Component { return ui.Progress(c, progress(c, 4000)) })
	page("open", http.StatusOK, openPage)
	page("bare", http.StatusOK, barePage)
	page("review", http.StatusOK, reviewPage)
	mux.HandleFunc(Path+"side", func(w http.ResponseWriter, r *http.Request) {
		c := g.context(r)
		if ui.Partial(r) {
			g.render(w, r, http.StatusOK, sideContent(c))
			return
		}
		g.render(w, r, http.StatusOK, sidePage(c))
	})
	page("problem", http.StatusUnprocessableEntity, func(c ui.Ctx) templ.Component {
		return formPage(c, sampleForm(c, sampleProblem()))
	})
	page("denied", http.StatusForbidden, func(c ui.Ctx) templ.Component {
		return ui.ProblemPage(c, deniedProblem(), "")
	})
	mux.HandleFunc("GET "+Path+"stream", g.stream)
	return mux
}

type gallery struct {
	texts *text.Catalogue
	logf  func(format string, args ...any)
}

func (g gallery) render(w http.ResponseWriter, r *http.Request, status int, body templ.Component) {
	if err := ui.Render(w, r, status, body); err != nil {
		g.logf("gallery: %v", err)
	}
}

// sampleNow is the instant of the samples; pictures of two runs are alike.
var sampleNow = time.Date(2026, 11, 21, 14, 2, 11, 482e6, time.UTC)

func (g gallery) context(r *http.Request) ui.Ctx {
	lang, ok := text.ParseLang(r.URL.Query().Get("lang"))
	if !ok {
		lang = text.DE
	}
	c := ui.Ctx{
		Lang: lang, Texts: g.texts, Now: sampleNow, OrgName: "Metallbau Muster", OrgPath: "/muster",
		Person: "Sabine Keller", Area: "overview", Counts: map[string]int{"operation": 3, "people": 1},
		Path: r.URL.RequestURI(), LawAsOf: sampleNow,
	}
	c.Roles = []string{b(c, "Schichtleitung Fräserei", "Shift lead, milling")}
	return c
}

// stream sends one row and then waits for the reader to go.
func (g gallery) stream(w http.ResponseWriter, r *http.Request) {
	c := g.context(r)
	w.Header().Set("Content-Type", "text/event-stream")
	row := streamRows(c)[0]
	row.ID, row.Index, row.At = "row-live", "#1.204.378", sampleNow.Add(700*time.Millisecond)
	if err := ui.WriteEvent(r.Context(), w, "1204378", ui.StreamFragment(c, row)); err != nil {
		g.logf("gallery: %v", err)
		return
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		g.logf("gallery: %v", err)
		return
	}
	<-r.Context().Done()
}

// b is a sample text in the reader's language.
func b(c ui.Ctx, de, en string) string { return c.In(text.Bi{DE: de, EN: en}) }

func sampleProblem() *problem.Problem {
	var checks problem.Checks
	checks.Field(false, "purpose", "Bitte den Zweck in einem Satz nennen.", "Please state the purpose in one sentence.")
	checks.Field(false, "confidence", "Bitte eine Zahl zwischen 0 und 1.", "Please a number between 0 and 1.")
	checks.Field(false, "data", "Bitte mindestens eine Angabe wählen.", "Please choose at least one entry.")
	return problem.From(checks.Err())
}

func deniedProblem() *problem.Problem {
	return problem.New(problem.Denied,
		"Die Betriebserlaubnis BE-2026-0007 ruht. Die Anfrage wurde nicht an das Modell gegeben.",
		"Operating permit BE-2026-0007 is suspended. The request was not passed to the model.").
		WithHint("Leitung Fertigung und Sicherheitsfachkraft können sie gemeinsam wieder in Kraft setzen.",
			"Head of production and safety officer can restore it together.").
		WithReason("approval.withdrawn", "Die Freigabe der Sicherheitsfachkraft wurde zurückgezogen.",
			"The safety officer's approval was withdrawn.", "iso42001.a.6.2.5")
}

func sampleForm(c ui.Ctx, p *problem.Problem) ui.Form {
	return ui.Form{
		C: c, ID: "sample", Prefix: "gallery.form.", Action: Path + "problem", Submit: c.T("gallery.form.submit"), Cancel: Path,
		Draft:   Path + "draft?lang=" + string(c.Lang),
		Problem: p, Hidden: map[string]string{"revision": "4"},
		Values: url.Values{
			"name": {b(c, "Kameraprüfung Zierblenden", "Camera inspection, trim panels")}, "confidence": {"0,85x"},
			"role": {"deployer"}, "people": {"unclear"}, "until": {"2027-06-30"},
		},
	}
}
