// Package webtest drives a real browser (Debian's Chromium, headless) in tests
// of pages. Nothing of it is linked into the program.
//
// One browser serves a test binary; every Tab is a fresh profile with its own
// cookies, so several people can be signed in at once. Every method fails the
// test when it cannot do what it says, so tests read as a list of steps:
//
//	var browser webtest.Browser
//
//	func TestMain(m *testing.M) {
//		code := m.Run()
//		browser.Close()
//		os.Exit(code)
//	}
//
//	func TestSignIn(t *testing.T) {
//		tab := browser.Tab(t)
//		tab.Emulate(390, 844, webtest.Dark)
//		tab.Open(srv.URL + "/sign-in")
//		tab.Fill("#f-name", "meier")
//		tab.Follow("button[type=submit]")
//		tab.WaitFor("h1")
//		tab.Check() // axe, side scroll, console, foreign requests
//	}
//
// A walk in the browser is a long test: plain "go test ./..." leaves it out, as
// package longtest says; a test that calls Short for its tab is in every run.
// Where Chromium is missing the test is skipped, unless CI=true is set.
package webtest

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"augenmass/internal/text/longtest"
)

//go:embed testdata/axe.min.js
var axe string

// patience ends a step that hangs; no test asserts on it.
const patience = 60 * time.Second

// Browser is started by the first Tab and ends with Close. Its zero value is
// ready.
type Browser struct {
	once  sync.Once
	ctx   context.Context
	close []func()
	err   error
	none  bool
}

// Names of the program, in the order of trial.
var programs = []string{"chromium", "chromium-browser", "google-chrome"}

func (b *Browser) start() {
	var program string
	for _, name := range programs {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		b.none = true
		return
	}
	profile, err := os.MkdirTemp("", "augenmass-browser-")
	if err != nil {
		b.err = err
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.UserDataDir(profile),
		chromedp.NoSandbox, // the test machine runs as root
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "de"),
	)
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endCtx := chromedp.NewContext(alloc)
	b.close = []func(){endCtx, endAlloc, func() { _ = os.RemoveAll(profile) }} // a temporary folder; a left-over harms nothing
	b.ctx, b.err = ctx, chromedp.Do(ctx)
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() {
	for _, f := range b.close {
		f()
	}
}

// Tab opens a tab with a profile of its own; it closes with the test. A quick
// run leaves the test out here.
func (b *Browser) Tab(t testing.TB) *Tab {
	t.Helper()
	longtest.Skip(t, Walk)
	return b.Short(t)
}

// Walk is what a quick run calls a test that it leaves out here.
const Walk = "browser walk"

// Short opens a tab for a short test, which is in the quick run, too.
func (b *Browser) Short(t testing.TB) *Tab {
	t.Helper()
	b.once.Do(b.start)
	switch {
	case b.none && os.Getenv("CI") == "true":
		t.Fatalf("no browser: none of %v is installed", programs)
	case b.none:
		t.Skipf("no browser: none of %v is installed", programs)
	case b.err != nil:
		t.Fatalf("start the browser: %v", b.err)
	}
	tab := &Tab{T: t}
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.listen))
	t.Cleanup(end)
	tab.ctx = ctx
	tab.do("open a tab", chromedp.Do(ctx))
	tab.Emulate(1440, 900, Light)
	return tab
}

// Scheme is the colour scheme that the reader prefers.
type Scheme string

// The two schemes.
const (
	Light Scheme = "light"
	Dark  Scheme = "dark"
)

// Tab is one browser tab in one test.
type Tab struct {
	T      testing.TB
	ctx    context.Context
	origin string

	mu     sync.Mutex
	faults []string
	asked  []string
}

// listen notes what must not happen on a page: messages of error or warning,
// exceptions, refused files, requests to elsewhere.
func (tab *Tab) listen(ev any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if ev.ExceptionDetails.Exception != nil {
			text += " " + ev.ExceptionDetails.Exception.Description
		}
		tab.faults = append(tab.faults, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeWarning {
			var words []string
			for _, arg := range ev.Args {
				words = append(words, strings.Trim(string(arg.Value), `"`)+arg.Description)
			}
			tab.faults = append(tab.faults, fmt.Sprintf("console.%s: %s", ev.Type, strings.Join(words, " ")))
		}
	case *log.EventEntryAdded:
		// Answers of 4xx and 5xx to a page are part of tests; files are watched below.
		if ev.Entry.Source != log.EntrySourceNetwork && (ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning) {
			tab.faults = append(tab.faults, fmt.Sprintf("%s: %s", ev.Entry.Source, ev.Entry.Text))
		}
	case *network.EventResponseReceived:
		if ev.Response.Status >= 400 && isFile(ev.Type) {
			tab.faults = append(tab.faults, fmt.Sprintf("file: %d %s", ev.Response.Status, ev.Response.URL))
		}
	case *network.EventLoadingFailed:
		if isFile(ev.Type) && !ev.Canceled {
			tab.faults = append(tab.faults, fmt.Sprintf("file: %s %s", ev.ErrorText, ev.BlockedReason))
		}
	case *network.EventRequestWillBeSent:
		tab.asked = append(tab.asked, ev.Request.URL)
	}
}

func isFile(t network.ResourceType) bool {
	return slices.Contains([]network.ResourceType{network.ResourceTypeStylesheet, network.ResourceTypeScript,
		network.ResourceTypeFont, network.ResourceTypeImage, network.ResourceTypeMedia}, t)
}

func (tab *Tab) do(what string, err error) {
	tab.T.Helper()
	if err != nil {
		tab.T.Fatalf("%s: %v", what, err)
	}
}

// Do runs steps of chromedp that this package has no word for.
func (tab *Tab) Do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.T.Helper()
	ctx, end := context.WithTimeout(tab.ctx, patience)
	defer end()
	tab.do(what, chromedp.Do(ctx, steps...))
}

// Get runs an action of chromedp that returns a value.
func Get[T any](tab *Tab, what string, a chromedp.Action[T]) T {
	tab.T.Helper()
	ctx, end := context.WithTimeout(tab.ctx, patience)
	defer end()
	v, err := chromedp.Run(ctx, a)
	tab.do(what, err)
	return v
}

// Eval returns the value of a JavaScript expression; it works with scripts of
// the page switched off, too.
func Eval[T any](tab *Tab, expression string) T {
	tab.T.Helper()
	return Get(tab, "evaluate "+expression[:min(len(expression), 60)], chromedp.Evaluate[T](expression))
}

// Emulate sets the window's size in CSS pixels and the colour scheme. Motion is
// reduced, so that pictures do not catch a transition half way.
func (tab *Tab) Emulate(width, height int, s Scheme) {
	tab.T.Helper()
	tab.Do("emulate", chromedp.EmulateViewport(int64(width), int64(height)))
	ctx, end := context.WithTimeout(tab.ctx, patience)
	defer end()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: string(s)},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		},
	})
	tab.do("emulate "+string(s), err)
}

// Media switches to "print" and back to "" (screen).
func (tab *Tab) Media(kind string) {
	tab.T.Helper()
	ctx, end := context.WithTimeout(tab.ctx, patience)
	defer end()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind})
	tab.do("emulate "+kind, err)
}

// NoScript switches the scripts of pages off, or on again.
func (tab *Tab) NoScript(off bool) {
	tab.T.Helper()
	ctx, end := context.WithTimeout(tab.ctx, patience)
	defer end()
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
	tab.do("switch scripts off", err)
}

// Open loads an address and waits until the page is there.
func (tab *Tab) Open(url string) {
	tab.T.Helper()
	if tab.origin == "" {
		tab.origin = originOf(url)
	}
	tab.Do("open "+url, chromedp.Navigate(url))
}

func originOf(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// URL is the address of the page.
func (tab *Tab) URL() string {
	tab.T.Helper()
	return Get(tab, "read the address", chromedp.Location())
}

// WaitFor waits until an element is visible.
func (tab *Tab) WaitFor(css string) {
	tab.T.Helper()
	tab.Do("wait for "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

// WaitGone waits until no element matches.
func (tab *Tab) WaitGone(css string) {
	tab.T.Helper()
	tab.Do("wait until gone: "+css, chromedp.WaitNotPresent(chromedp.CSS(css)))
}

// WaitText waits until an element's text contains words.
func (tab *Tab) WaitText(css, words string) {
	tab.T.Helper()
	tab.WaitUntil(fmt.Sprintf("[...document.querySelectorAll(%q)].some(e => e.textContent.includes(%q))", css, words))
}

// WaitUntil waits until a JavaScript expression is true on this page.
func (tab *Tab) WaitUntil(expression string) {
	tab.T.Helper()
	Get(tab, "wait until "+expression, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(20*time.Millisecond)))
}

// Click clicks an element and does not wait for anything.
func (tab *Tab) Click(css string) {
	tab.T.Helper()
	tab.Do("click "+css, chromedp.Click(chromedp.CSS(css)))
}

// Follow clicks an element and waits until the next page is there.
func (tab *Tab) Follow(css string) {
	tab.T.Helper()
	Get(tab, "follow "+css, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(css))))
}

// Submit submits the form around an element by its own button and waits for
// the next page.
func (tab *Tab) Submit(css string) {
	tab.T.Helper()
	button := css
	if n := Eval[int](tab, fmt.Sprintf("document.querySelectorAll(%q).length", css+" button[type=submit]")); n > 0 {
		button = css + " button[type=submit]"
	}
	tab.Follow(button)
}

// Fill replaces the content of a field with text, key by key. An empty text
// empties it.
func (tab *Tab) Fill(css, text string) {
	tab.T.Helper()
	tab.WaitFor(css)
	// chromedp v0.23 sends an empty value as none, which a page reads as "undefined".
	Eval[chromedp.Void](tab, fmt.Sprintf(`(e => { e.value = ''; e.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector(%q))`, css))
	if text != "" {
		tab.Do("fill "+css, chromedp.SendKeys(chromedp.CSS(css), text))
	}
}

// Press sends keys to what has the focus, e.g. kb.Tab.
func (tab *Tab) Press(keys string) {
	tab.T.Helper()
	tab.Do("press a key", chromedp.KeyEvent(keys))
}

// Text is the visible text of an element.
func (tab *Tab) Text(css string) string {
	tab.T.Helper()
	return strings.TrimSpace(Get(tab, "read "+css, chromedp.Text(chromedp.CSS(css))))
}

// Value is the content of a field.
func (tab *Tab) Value(css string) string {
	tab.T.Helper()
	return Get(tab, "read "+css, chromedp.Value(chromedp.CSS(css)))
}

// Count is how many elements match now.
func (tab *Tab) Count(css string) int {
	tab.T.Helper()
	return Eval[int](tab, fmt.Sprintf("document.querySelectorAll(%q).length", css))
}

// Has reports whether an element matches now.
func (tab *Tab) Has(css string) bool {
	tab.T.Helper()
	return tab.Count(css) > 0
}
