package frameworks_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"augenmass/internal/govern/control"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var browser webtest.Browser

// screens is where pictures of the pages go, to look at; none without it.
var screens = flag.String("screens", "", "folder for pictures of the pages")

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// In a real browser: a requirement is said, evidence is filed for it, and every
// page of the area passes axe and does not scroll sideways, wide and narrow,
// light and dark (criteria 32 to 34). The forms work without script.
func TestAreaInBrowser(t *testing.T) {
	h := house(t)
	h.Permitted("Fräslinie: Ausfallvorhersage")
	object := ""
	for i, it := range framework(t, h, "iso-42001").Items()[2:40] {
		rec := control.Record{Framework: "iso-42001", Clause: it.Clause, Status: []control.Status{control.Met, control.Partly, control.InProgress, control.NotMet}[i%4], Applicable: control.Yes,
			Reason: "Wir setzen KI in der Fertigung und im Büro ein.", Implementation: "Der Ablauf steht im Handbuch, Kapitel 7.", Responsible: "ai_officer"}
		said(t, h, rec)
		if i%3 == 0 {
			object = filed(t, h, "Handbuch KI, Kapitel "+fmt.Sprint(i+1), control.EvidenceType(it.Evidence[0]), showtest.Start.AddDate(0, i-4, 0), it.Clause).ID
		}
	}
	h.Must(target(h))
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	tab.NoScript(true)
	tab.Open(base + policy)
	tab.Click("input[name=status][value=partly]")
	tab.Fill("#record-implementation", "Die Leitlinie hängt aus.")
	tab.Follow("#said button.main")
	tab.WaitText("#state", "teilweise erfüllt")
	tab.Follow("#wanted a")
	tab.Fill("#evidence-name", "Leitlinie mit Unterschrift")
	tab.Fill("#evidence-link", "Ordner 7")
	tab.Follow("form.form button.main")
	tab.WaitText("#filed", "Leitlinie mit Unterschrift")
	tab.Open(base + "/duties/checklist")
	tab.Click("#check input[value=yes]")
	tab.Follow("#check button.main")
	tab.WaitText("#result", "1 von 30")
	tab.NoScript(false)
	look(tab, "checklist-result")
	for name, path := range map[string]string{"start": "/duties", "framework": "/duties/frameworks/iso-42001?area=context", "requirement": policy, "control": "/duties/frameworks/iso-42001/iso42001.A.6.2.4?next=soa",
		"soa": "/duties/soa?show=yes", "plan": "/duties/plan", "readiness": "/duties/readiness?framework=zta", "cycle": "/duties/cycle", "map": "/duties/map?from=nist-800-207&to=zta", "shared": "/duties/shared",
		"checklist": "/duties/checklist", "principles": "/duties/principles", "evidence": "/proof/objects", "evidence-new": "/proof/objects/new", "evidence-show": "/proof/objects/" + object, "catalogue": "/duties/catalogue"} {
		tab.Open(base + path)
		look(tab, name)
	}
}

func target(h *showtest.House) error {
	_, err := h.Org.Controls.PutTarget(h.As("ai_officer"), 0, control.Target{Framework: "iso-42001", Date: showtest.Start.AddDate(0, 10, 0), DaysPerWeek: 2, Scope: "Werk 1"})
	return err
}

// look checks a page wide and narrow, light and dark, and takes pictures where
// somebody wants them. Axe runs on every page once, and once more in the dark on
// those that people open most.
func look(tab *webtest.Tab, name string) {
	tab.T.Helper()
	tab.Spoken()
	tab.Axe()
	for _, v := range []struct {
		width  int
		scheme webtest.Scheme
	}{{1440, webtest.Light}, {1024, webtest.Dark}, {390, webtest.Dark}} {
		if v.width != 390 && *screens == "" {
			continue // what fits 390 px fits more
		}
		tab.Emulate(v.width, 900, v.scheme)
		if v.width == 390 && (name == "start" || name == "control") {
			tab.Axe()
		}
		tab.NoSideScroll()
		if *screens != "" {
			tab.Screenshot(filepath.Join(*screens, fmt.Sprintf("%s-%d-%s.png", name, v.width, v.scheme)))
		}
	}
	tab.Quiet()
	tab.Emulate(1440, 900, webtest.Light)
}
