package help

import (
	"net/http"

	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// The four words with which the page says what AI does (requirement 003-02), and
// the four elements of which it is built (requirement 003-01), in their order.
var (
	doing    = []string{"perceive", "understand", "act", "learn"}
	elements = []string{"data", "bigdata", "software", "action"}
)

// plainWords are the glossary (requirement 003-11), sorted as a newcomer meets
// them. A test holds every sentence against a list of words that promise more than
// they say.
var plainWords = []string{"ai", "algorithm", "model", "training", "data", "sensor", "bigdata", "platform", "pattern", "forecast", "probability", "confidence",
	"learning", "network", "language", "generated", "invented", "prompt", "agent", "automation", "autonomy", "guardrails", "bias", "profiling",
	"drift", "explanation", "oversight", "personal", "deployer", "provider", "limits"}

// helpAI explains in plain words what AI does, what it is made of, and why the
// legal verdict and that of practice are two (requirement 003-03).
func helpAI(r *page.Request) error {
	c := r.C
	list := func(of string, ids []string) []ui.Fact {
		var out []ui.Fact
		for _, id := range ids {
			out = append(out, ui.Fact{Term: c.T("help." + of + "." + id), Text: c.T("help." + of + "." + id + ".means")})
		}
		return out
	}
	crumbs := []ui.LinkView{{Text: c.T("help.title"), Href: c.URL("help")}}
	return r.ShowAs(http.StatusOK, ui.PageView{Title: c.T("help.ai.title"), Narrow: true, Crumbs: crumbs},
		explainBody(c, list("doing", doing), list("element", elements), c.ClauseRefs([]string{"aia.def.1"})))
}

// helpWords is the glossary.
func helpWords(r *page.Request) error {
	c := r.C
	var facts []ui.Fact
	for _, w := range plainWords {
		facts = append(facts, ui.Fact{Term: c.T("help.plain." + w), Text: c.T("help.plain." + w + ".means")})
	}
	crumbs := []ui.LinkView{{Text: c.T("help.title"), Href: c.URL("help")}}
	return r.ShowAs(http.StatusOK, ui.PageView{Title: c.T("help.glossary.title"), Narrow: true, Crumbs: crumbs}, wordsBody(c, facts))
}
