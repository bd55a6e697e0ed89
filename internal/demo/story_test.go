package demo

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text/longtest"
)

var (
	browser webtest.Browser
	screens = flag.String("screens", "", "folder for pictures of every page of the story")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// story is a visitor's walk through the model company.
type story struct {
	*testing.T
	run  *running
	base string
}

// begin starts the company with its line running, for a walk in the browser.
func begin(t *testing.T) *story {
	t.Helper()
	longtest.Skip(t, webtest.Walk)
	ctx, cancel := context.WithCancel(context.Background())
	c := Config{Listen: "127.0.0.1:0", Seed: 7, Rate: 4, Log: slog.New(slog.DiscardHandler), Out: io.Discard}
	r, err := start(ctx, c, liveWindow, 0)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	played := make(chan error, 1)
	go func() { played <- r.play(ctx, c) }()
	t.Cleanup(func() {
		cancel()
		if err := <-played; err != nil {
			t.Error(err)
		}
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return &story{T: t, run: r, base: r.base}
}

// in lets a part of the story speak for itself when it fails.
func (s *story) in(t *testing.T) (back func()) {
	was := s.T
	s.T = t
	return func() { s.T = was }
}

// visitor is one of the people at a browser of their own.
type visitor struct {
	*webtest.Tab
	s *story
}

func (s *story) visitor(signIn string) *visitor {
	s.Helper()
	v := &visitor{Tab: browser.Tab(s.T), s: s}
	v.go_("/signin")
	v.Fill("input[name=name]", signIn)
	v.Fill("input[name=password]", Password)
	v.Submit(`form[action$="/signin"] button[type=submit]`)
	if strings.Contains(v.URL(), "/signin") {
		s.Fatalf("%s cannot sign in: %s", signIn, v.Text("main"))
	}
	return v
}

func (v *visitor) go_(path string) {
	v.s.Helper()
	v.Open(v.s.base + path)
}

// everyView says that each page is looked at in both languages and both themes.
// A run of this test alone takes German in the light theme and English in the dark one.
func everyView() bool {
	return *screens != "" || longtest.Whole()
}

// look checks a page in both languages and both themes with axe-core, and takes
// its pictures at three widths when asked to.
func (v *visitor) look(name, path string) {
	v.s.Helper()
	for _, view := range []struct {
		lang, theme string
		scheme      webtest.Scheme
		quick       bool
	}{
		{"de", "light", webtest.Light, true}, {"de", "dark", webtest.Dark, false},
		{"en", "light", webtest.Light, false}, {"en", "dark", webtest.Dark, true},
	} {
		if !view.quick && !everyView() {
			continue
		}
		v.language(view.lang)
		v.Emulate(1440, 900, view.scheme)
		v.go_(path)
		v.Check()
		for _, width := range []int{1440, 1024, 390} {
			if *screens == "" && width != 390 {
				continue
			}
			v.Emulate(width, 900, view.scheme)
			v.NoSideScroll()
			if *screens != "" {
				v.Screenshot(filepath.Join(*screens, fmt.Sprintf("%s-%s-%s-%d.png", name, view.lang, view.theme, width)))
			}
		}
	}
	v.language("de")
	v.Emulate(1440, 900, webtest.Light)
}

// language does what the switch at the foot of every page does.
func (v *visitor) language(lang string) {
	v.s.Helper()
	if !strings.HasPrefix(v.URL(), v.s.base) {
		v.go_("/signin")
	}
	js := fmt.Sprintf(`(() => { const x = new XMLHttpRequest(); x.open("POST", %q, false);
		x.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
		x.send("lang=%s&back=" + encodeURIComponent(%q)); return x.status })()`, v.s.base+"/language", lang, "/"+Slug+"/signin")
	if got := webtest.Eval[int](v.Tab, js); got != http.StatusOK {
		v.s.Fatalf("the language switch answered %d", got)
	}
}

// TestStoryInBrowser is what a person can do with the model company, in a real
// browser: look, classify, approve with two people, watch decisions, decide a
// case, withdraw, see the next result refused, read the journal, take the case.
func TestStoryInBrowser(t *testing.T) {
	s := begin(t)
	system := func(short string) string { return "/systems/" + s.run.company.Systems[short] }

	stranger := &visitor{Tab: browser.Tab(t), s: s}
	stranger.look("signin", "/signin")
	stranger.look("card", "/card/mill")

	officer := s.visitor("ki")
	t.Run("pages of the AI officer", func(t *testing.T) {
		for _, p := range [][2]string{
			{"overview", "/overview"}, {"register", "/systems"}, {"system", system("mill")},
			{"system-may", system("mill") + "?tab=may"}, {"system-runs", system("mill") + "?tab=runs"},
			{"system-people", system("mill") + "?tab=people"}, {"system-proof", system("mill") + "?tab=proof"},
			{"system-history", system("mill") + "?tab=history"}, {"system-none", system("shift")},
			{"system-new", "/systems/new"}, {"discover", "/systems/discover"},
			{"duties", "/duties"}, {"operation", "/operation"}, {"decisions", "/operation/decisions"}, {"plant", "/operation/plant"},
			{"people", "/people"}, {"benefit", "/benefit"}, {"proof", "/proof/journal"}, {"journal-entry", "/proof/journal/0"}, {"record", "/proof/record"},
			{"cases", "/proof/cases"}, {"account", "/account"},
		} {
			officer.look(p[0], p[1])
		}
	})
	t.Run("a guided classification", func(t *testing.T) { defer s.in(t)(); s.classifies(officer) })
	t.Run("two people approve the camera", func(t *testing.T) { defer s.in(t)(); s.approves(officer, system("camera")) })
	t.Run("decisions stream in", func(t *testing.T) {
		officer.go_("/overview")
		first := officer.Text(".stream tbody tr")
		officer.WaitUntil(fmt.Sprintf("document.querySelector('.stream tbody tr').textContent !== %q", first))
	})
	t.Run("a worker decides a case", func(t *testing.T) { defer s.in(t)(); s.decides() })
	t.Run("an approval is withdrawn", func(t *testing.T) { defer s.in(t)(); s.withdraws(officer, system("mill")) })
	t.Run("the auditor takes the case", func(t *testing.T) { defer s.in(t)(); s.audits() })
}

// classifies registers a new tool and answers the wizard until there is a
// class: identification first, then class, role and security level.
func (s *story) classifies(v *visitor) {
	v.go_("/systems/new")
	v.Fill("input[name=name]", "Übersetzungshilfe Einkauf")
	v.Fill("textarea[name=purpose]", "Angebote übersetzen")
	v.Click("input[name=people][value=no]")
	v.Submit("#system button[type=submit]")
	at := strings.TrimPrefix(v.URL(), s.base)
	at, _, _ = strings.Cut(at, "?")
	if !strings.HasPrefix(at, "/systems/sys_") {
		s.Fatalf("the new entry is at %s: %s", at, v.Text("main"))
	}
	v.look("identify", at+"/identify")
	v.walk(at+"/identify", "yes")
	v.look("identified", at+"/identify")
	v.look("classify", at+"/classify")
	v.walk(at+"/classify", "no", "none", "uses")
	v.look("classified", at+"/classify")
}

// walk answers question after question with the first of the given answers
// that fits, until the guide offers to save, and saves.
func (v *visitor) walk(path string, answers ...string) {
	v.s.Helper()
	v.go_(path)
	for range 30 {
		if v.Has(`form[action$="/save"]`) {
			v.Submit(`form[action$="/save"] button[type=submit]`)
			return
		}
		fits := ""
		for _, a := range answers {
			if css := fmt.Sprintf(`main input[name=answer][value=%q]`, a); v.Has(css) {
				fits = css
				break
			}
		}
		if fits == "" {
			fits = "main input[name=answer]"
		}
		if !v.Has(fits) {
			v.s.Fatalf("no question and no end at %s: %s", v.URL(), v.Text("main"))
		}
		v.Click(fits)
		v.Submit(`main form button[type=submit]`)
	}
	v.s.Fatalf("the guide at %s does not end", path)
}

// approves lets two people sign for a system; then it has a valid permit.
func (s *story) approves(officer *visitor, system string) {
	for _, who := range []string{"leitung", "sicherheit"} {
		v := s.visitor(who)
		if who == "leitung" {
			v.look("overview-director", "/overview")
			v.look("approve", system+"/approve")
		}
		v.go_(system + "/approve")
		v.Fill("input[name=password]", Password)
		v.Submit(`form[action$="/approve"] button[type=submit]`)
	}
	officer.go_(system)
	if got := officer.Text(".permit"); !strings.Contains(got, "GÜLTIG") && !strings.Contains(got, "gültig") {
		s.Errorf("after two approvals the permit says: %s", got)
	}
	officer.look("system-approved", system)
}

// decides lets the shift lead decide the first waiting case on a tablet.
func (s *story) decides() {
	v := s.visitor("schicht")
	for range 120 { // the timeline sends the first case within eight seconds
		v.go_("/operation")
		if v.Has(`a[href*="/operation/cases/case_"]`) {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	v.look("operation-shift", "/operation")
	v.go_("/operation")
	v.Follow(`a[href*="/operation/cases/case_"]`)
	path := strings.TrimPrefix(v.URL(), s.base)
	path, _, _ = strings.Cut(path, "?")
	v.look("desk", path)
	v.look("desk-revealed", path+"?reveal=yes")
	v.Emulate(1024, 768, webtest.Light)
	v.go_(path + "?reveal=yes")
	v.Targets("main button", 48)
	v.Fill("textarea[name=reason]", "Werkzeug sieht gut aus, Fehlmessung am Fühler.")
	v.Submit(`button[name=verdict][value=reject]`)
	if strings.Contains(v.URL(), path) && !strings.Contains(v.URL(), "said=") {
		s.Errorf("the case was not taken: %s", v.Text("main"))
	}
}

// withdraws takes the safety specialist's approval of the milling line back:
// the permit is off before the click is answered, and from then on every result
// of the line is refused with the clause named.
func (s *story) withdraws(officer *visitor, system string) {
	v := s.visitor("sicherheit")
	v.go_(system + "/approve")
	v.Follow(`a[href*="/withdraw"]`)
	v.Fill("textarea[name=why]", "Neue Schutzhaube, die Anordnung wird neu geprüft.")
	v.Submit("form#withdraw button[type=submit]") // first what follows from it
	v.Submit("form#withdraw button[type=submit]") // then for good
	withdrawn := time.Now()
	v.go_(system)
	if got := v.Text(".permit"); !strings.Contains(got, "RUHT") && !strings.Contains(got, "uht") {
		s.Errorf("after the withdrawal the permit says: %s", got)
	}
	v.look("system-off", system)
	trail := s.run.company.Org.Trail
	for range 400 {
		p, err := trail.Decisions.List(context.Background(), s.run.company.Org.DB, store.Query{Limit: store.MaxLimit,
			Filters: []store.Filter{store.Where("at", ">=", withdrawn.UTC()), store.Where("system", "=", s.run.company.Systems["mill"])}})
		if err != nil {
			s.Fatal(err)
		}
		for _, d := range p.Items { // not one result since the click was answered
			if d.Outcome != "denied" || !strings.Contains(d.Codes, "approval.withdrawn") || d.Clauses == "" {
				s.Fatalf("after the withdrawal: %s %s, clauses %q", d.Outcome, d.Codes, d.Clauses)
			}
		}
		if len(p.Items) > 0 {
			officer.look("decision-denied", "/operation/decisions/"+p.Items[0].ID)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.Fatal("the line asked for nothing after the withdrawal")
}

// audits lets the auditor read a requirement, its evidence, and take the case
// file, which verifies.
func (s *story) audits() {
	v := s.visitor("pruefung")
	v.look("duties-auditor", "/duties")
	v.look("requirement", "/duties/zta.05")
	v.look("evidence", "/proof/evidence")
	v.look("cases-auditor", "/proof/cases")
	d, err := signIn(context.Background(), s.base, "pruefung")
	if err != nil {
		s.Fatal(err)
	}
	res, err := d.client.Post(s.base+"/proof/cases", "application/x-www-form-urlencoded", nil)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end below
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		s.Fatalf("case file: status %d, %v", res.StatusCode, err)
	}
	file := filepath.Join(s.TempDir(), "case.zip")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		s.Fatal(err)
	}
	rep, err := verify.File(context.Background(), file, verify.Options{})
	if err != nil || !rep.OK {
		s.Fatalf("the downloaded case: %v %+v", err, rep.Break)
	}
	if rep.Checked.Decisions == 0 || rep.Checked.Permits == 0 {
		s.Errorf("the case holds %+v", rep.Checked)
	}
}
