// Package proof is the area "Nachweise": the journal explorer with the inclusion
// proof of every entry, computed and checked while the page is made; whether the
// record is in order; what each computed check rests on; and the case file to take away (requirements 001-24,
// 001-25; catalogue ZTA-04; criterion 8).
//
// The journal says what happened, package proof of the ledger whether it holds,
// prove/casefile what goes into a case; this package shows and hands over. It
// checks with the same code as the offline verifier, against the published
// checkpoint and the journal's own key; that nobody signed a second journal is
// shown only by comparing that key, which the pages say.
//
// Reading the journal and taking copies out are rights of the table of roles.
package proof

import (
	"embed"
	"net/http"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/org"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// area holds what the pages of one server share.
type area struct {
	measured duties.Measured
	building chan struct{} // holds one token while a case file is being built
	record   recordSource
}

// Routes lists the addresses of this area.
func Routes() []page.Route { return routesOf((*org.Org).RecordState) }

func routesOf(record recordSource) []page.Route {
	a := &area{building: make(chan struct{}, 1), record: record}
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: "/proof", Name: "proof_home", Handle: proofHome},
		{Method: get, Path: "/proof/journal", Name: "journal_list", Handle: journalList},
		{Method: get, Path: "/proof/journal/{index}", Name: "journal_show", Handle: journalShow},
		{Method: get, Path: "/proof/journal/{index}/proof", Name: "journal_take", Handle: proofTake},
		{Method: get, Path: "/proof/journal/{index}/entry", Name: "journal_take", Handle: entryTake},
		{Method: get, Path: "/proof/checkpoint", Name: "journal_take", Handle: checkpointTake},
		{Method: get, Path: "/proof/record", Name: "record_show", Handle: a.recordShow},
		{Method: get, Path: "/proof/evidence", Name: "evidence_list", Handle: a.evidenceList},
		{Method: get, Path: "/proof/cases", Name: "case_show", Handle: caseShow},
		{Method: post, Path: "/proof/cases", Name: "case_build", Handle: a.caseBuild},
	}
	for i := range routes {
		routes[i].Area = "proof"
	}
	return routes
}

// can reports whether a role of the reader may do something, to hide what it may
// not.
func can(r *page.Request, action, kind string) bool { return roles.Allowed(r.Who.Roles, action, kind) }

// must refuses what no role of the reader may do; read models and the journal
// have no access rule of their own.
func must(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// Tabs are the pages of the area "Nachweise" that the reader may open. open is one of
// journal, record, evidence, objects, import, cases.
func Tabs(r *page.Request, open string) []ui.LinkView {
	var out []ui.LinkView
	add := func(ok bool, name string) {
		if ok {
			out = append(out, ui.LinkView{Text: r.C.T("proof.tab." + name), Href: r.C.URL("proof", name), Current: name == open})
		}
	}
	add(can(r, store.Read, "journal"), "journal")
	add(can(r, store.Read, "journal"), "record")
	add(can(r, store.Read, "requirement_status"), "evidence")
	add(can(r, store.Read, "evidence"), "objects")
	add(can(r, store.Read, "own_pack"), "import")
	add(can(r, store.Read, "casefile"), "cases")
	return out
}

// proofHome opens the first page of the area that the reader may open; who may
// open none is told who may.
func proofHome(r *page.Request) error {
	for _, t := range Tabs(r, "") {
		return r.Go(t.Href[len(r.Base):], "")
	}
	// The rail leads here for everybody; who may not read sees who may.
	return r.Show(ui.PageView{Title: r.C.T("area.proof"), Narrow: true},
		ui.Empty(ui.EmptyView{Title: r.C.T("proof.closed"), Text: r.C.T("proof.closed.text")}))
}
