package webtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
)

// Check runs every check that holds for every page: axe-core without a
// violation, no sideways scroll, no text missing, nothing on the console, no
// request to elsewhere.
func (tab *Tab) Check() {
	tab.T.Helper()
	tab.Axe()
	tab.NoSideScroll()
	tab.Spoken()
	tab.Quiet()
}

// Spoken fails if the page shows a text that the catalogue lacks (criterion 14)
// or does not say its language.
func (tab *Tab) Spoken() {
	tab.T.Helper()
	if missing := Eval[[]string](tab, `document.documentElement.outerHTML.match(/⟦[^⟧]*⟧/g) || []`); len(missing) > 0 {
		tab.T.Errorf("%s: texts are missing: %s", tab.URL(), strings.Join(missing, " "))
	}
	if lang := Eval[string](tab, "document.documentElement.lang"); lang != "de" && lang != "en" {
		tab.T.Errorf("%s: the page says its language is %q", tab.URL(), lang)
	}
}

// Axe runs axe-core with the rules of WCAG 2.2 A and AA and its best practices
// and fails the test with every violation (criterion 32).
func (tab *Tab) Axe() {
	tab.T.Helper()
	if !Eval[bool](tab, `typeof axe === 'object'`) {
		Eval[chromedp.Void](tab, axe)
	}
	type node struct {
		Target         []string `json:"target"`
		FailureSummary string   `json:"failureSummary"`
	}
	type violation struct {
		ID    string `json:"id"`
		Help  string `json:"help"`
		Nodes []node `json:"nodes"`
	}
	found := Get(tab, "run axe-core", chromedp.Evaluate[[]violation](
		`axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => ({id: v.id, help: v.help,
			nodes: v.nodes.map(n => ({target: n.target.map(String), failureSummary: n.failureSummary}))})))`,
		chromedp.EvalAwaitPromise))
	for _, v := range found {
		for _, n := range v.Nodes {
			tab.T.Errorf("%s: axe %s: %s: %s: %s", tab.URL(), v.ID, v.Help, strings.Join(n.Target, " "),
				strings.ReplaceAll(n.FailureSummary, "\n", " "))
		}
	}
}

// NoSideScroll fails if the page is wider than the window, and names the
// elements that stick out (criterion 33).
func (tab *Tab) NoSideScroll() {
	tab.T.Helper()
	out := Eval[[]string](tab, `(() => {
		const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return [];
		return [...document.body.querySelectorAll('*')]
			.filter(e => e.getBoundingClientRect().right > w + 0.5 && getComputedStyle(e).position !== 'fixed')
			.map(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.getAttribute('class') ? '.' + e.getAttribute('class').trim().split(/\s+/).join('.') : ''))
			.concat(['document is ' + document.documentElement.scrollWidth + ' wide in ' + w]);
	})()`)
	if len(out) > 0 {
		tab.T.Errorf("%s scrolls sideways: %s", tab.URL(), strings.Join(out[max(0, len(out)-8):], ", "))
	}
}

// ConsoleErrors returns what the console said since the last call: errors,
// warnings, exceptions, refused files, breaches of the content security policy.
func (tab *Tab) ConsoleErrors() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	faults := tab.faults
	tab.faults = nil
	return faults
}

// Outside returns every request since the tab opened that did not go to the
// origin of its first page (criterion 34).
func (tab *Tab) Outside() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	var out []string
	for _, url := range tab.asked {
		if tab.origin != "" && !strings.HasPrefix(url, tab.origin+"/") && url != tab.origin &&
			!strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "about:") && !slices.Contains(out, url) {
			out = append(out, url)
		}
	}
	return out
}

// Quiet fails if the console said anything or a request went elsewhere.
func (tab *Tab) Quiet() {
	tab.T.Helper()
	for _, fault := range tab.ConsoleErrors() {
		tab.T.Errorf("%s: %s", tab.URL(), fault)
	}
	for _, url := range tab.Outside() {
		tab.T.Errorf("%s asks %s, which is not this server", tab.URL(), url)
	}
}

// Targets fails for every link, button and field inside css that is smaller
// than size CSS pixels in either direction (criterion 33: 48 on pages for
// workers). Links inside a sentence are exempt, as in WCAG 2.5.8.
func (tab *Tab) Targets(css string, size int) {
	tab.T.Helper()
	small := Eval[[]string](tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].flatMap(root => [...root.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,label.choice')])
		.filter(e => !(e.tagName === 'A' && getComputedStyle(e).display === 'inline' && e.closest('p,li,dd,small')))
		.filter(e => !e.closest('label.choice') || e.matches('label.choice'))
		.map(e => [e, e.getBoundingClientRect()]).filter(([e, b]) => b.width > 1 && b.height > 1 && (b.width < %d - 0.5 || b.height < %d - 0.5))
		.map(([e, b]) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' "' + (e.textContent || e.name || '').trim().slice(0, 30) + '" ' + Math.round(b.width) + '×' + Math.round(b.height))`, css, size, size))
	for _, s := range small {
		tab.T.Errorf("%s: target smaller than %d px: %s", tab.URL(), size, s)
	}
}

// Screenshot writes a picture of the whole page as PNG and makes its folder.
func (tab *Tab) Screenshot(file string) {
	tab.T.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		tab.T.Fatalf("picture: %v", err)
	}
	png := Get(tab, "take a picture", chromedp.FullScreenshot(100))
	if err := os.WriteFile(file, png, 0o644); err != nil {
		tab.T.Fatalf("picture: %v", err)
	}
}
