// Package document keeps which policies, processes and instructions an
// organisation has already, where they lie, and whether they matter for AI; and
// it fills templates, shipped and its own.
//
// A document is linked, not copied (requirements 000-26, 000-42): the entry says
// where it lies, which management systems it belongs to (quality, environment,
// security …), which clauses it serves and who keeps it. The document itself
// stays with its owner, so there are never two versions of it.
//
// A template is text with places to fill in, written {{like this}}. Filling
// names every place that nobody filled; the document that comes out belongs to
// who made it and is not kept here (requirement 000-44).
//
// Governed versions with approvals are not here yet. Evidence with hash and
// expiry is govern/control's.
package document

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Sort is what kind of document it is.
type Sort string

// The sorts of documents.
const (
	Policy      Sort = "policy"
	Process     Sort = "process"
	Instruction Sort = "instruction"
	Manual      Sort = "manual"
	Contract    Sort = "contract"
	Other       Sort = "other"
)

// Values lists the sorts.
func (Sort) Values() []string {
	return []string{string(Policy), string(Process), string(Instruction), string(Manual), string(Contract), string(Other)}
}

// Relevance says whether a document matters for AI.
type Relevance string

// Undecided is where every document begins: somebody has to look.
const (
	Undecided Relevance = "undecided"
	Yes       Relevance = "yes"
	No        Relevance = "no"
)

// Values lists the answers.
func (Relevance) Values() []string { return []string{string(Undecided), string(Yes), string(No)} }

// Scheme is the management system that a document belongs to.
type Scheme string

// Values lists the management systems: quality (ISO 9001), environment (ISO
// 14001), information security (ISO/IEC 27001), occupational safety (ISO 45001),
// data protection, AI (ISO/IEC 42001).
func (Scheme) Values() []string {
	return []string{"quality", "environment", "security", "safety", "data_protection", "ai"}
}

// Document is a document that exists elsewhere.
type Document struct {
	Name     string    `json:"name" store:"index,search,required,max=200"`
	Sort     Sort      `json:"sort" store:"index,required"`
	Place    string    `json:"place" store:"search,required,max=2000"` // address or path where it lies
	Relevant Relevance `json:"relevant" store:"index,required"`
	Reason   string    `json:"reason" store:"search,long,max=2000"` // why it matters for AI, or does not
	Schemes  []Scheme  `json:"schemes"`
	Version  string    `json:"version" store:"max=100"` // as it says itself
	Owner    string    `json:"owner" store:"ref=person,index"`
	Clauses  []string  `json:"clauses" store:"index,max=200"` // ids of clauses that it serves
	Systems  []string  `json:"systems" store:"ref=system"`
	ReviewBy time.Time `json:"review_by" store:"index"`
	Template string    `json:"template" store:"max=200"` // that it was made from; empty: none
}

// Title names the document in lists and links.
func (d *Document) Title() string { return d.Name }

// Default: nobody has looked yet.
func (d *Document) Default() {
	if d.Relevant == "" {
		d.Relevant = Undecided
	}
	if d.Sort == "" {
		d.Sort = Other
	}
}

// Validate: that a document does not matter for AI is said with a reason.
func (d *Document) Validate() error {
	var c problem.Checks
	c.Field(d.Relevant != No || strings.Contains(strings.TrimSpace(d.Reason), " "), "reason",
		"Warum ist es für KI nicht von Belang? Ein Satz genügt.", "Why does it not matter for AI? One sentence is enough.")
	return c.Err()
}

// Web reports whether the place is an address that a browser can open. A path
// is shown as it is.
func (d *Document) Web() bool {
	return strings.HasPrefix(d.Place, "https://") || strings.HasPrefix(d.Place, "http://")
}

// Documents is the kind of existing documents.
func Documents() *store.Kind[Document] { return store.NewKind[Document]("document", "dcm") }

// Room is the documents and templates of one organisation.
type Room struct {
	Documents *store.Kind[Document]
	Templates *store.Kind[OwnTemplate]
	lib       func() *packs.Library
	db        *store.DB
}

// New declares the room's kinds; Open gives it the database.
func New(lib func() *packs.Library) *Room {
	return &Room{Documents: Documents(), Templates: OwnTemplates(), lib: lib}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Documents, r.Templates} }

// Open gives the room its database.
func (r *Room) Open(db *store.DB) { r.db = db }

// All reads every document, sorted by name; one query for five hundred.
func (r *Room) All(ctx context.Context, rd store.Reader) ([]store.Object[Document], error) {
	return r.Documents.All(ctx, rd, store.Query{Sort: "name"})
}

// Own reads every template of the organisation, sorted by name.
func (r *Room) Own(ctx context.Context, rd store.Reader) ([]store.Object[OwnTemplate], error) {
	return r.Templates.All(ctx, rd, store.Query{Sort: "name"})
}

// Put stores a document: with an empty id a new one, else the given revision of
// an existing one (Conflict if it changed). Every clause must exist.
func (r *Room) Put(ctx context.Context, id string, revision int64, d Document) (store.Object[Document], error) {
	var saved store.Object[Document]
	var err error
	if d.Clauses, err = r.Cited("clauses", d.Clauses); err != nil {
		return saved, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if id == "" {
			saved, err = r.Documents.Create(ctx, tx, d)
		} else {
			saved, err = r.Documents.Update(ctx, tx, id, revision, d)
		}
		return err
	})
	return saved, err
}

// Mark says whether a document matters for AI, and why.
func (r *Room) Mark(ctx context.Context, id string, revision int64, relevant Relevance, reason string) (store.Object[Document], error) {
	var saved store.Object[Document]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Documents.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		o.Doc.Relevant, o.Doc.Reason = relevant, strings.TrimSpace(reason)
		saved, err = r.Documents.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}

// Remove forgets a document; the document itself lies elsewhere and stays.
func (r *Room) Remove(ctx context.Context, id string, revision int64) error {
	return r.db.Write(ctx, func(tx *store.Tx) error { return r.Documents.Delete(ctx, tx, id, revision) })
}

// Cited finds clauses as people write them: by id ("iso42001.A.6.2.4") or by the
// short citation in either language ("42001 A.6.2.4", "AI Act Art. 14(1)"); case
// and spaces do not matter. What no pack has is BadInput under the path, with
// its words.
func (r *Room) Cited(path string, written []string) ([]string, error) {
	lib := r.lib()
	short := map[string]string{}
	for _, p := range lib.Packs() {
		for _, c := range lib.Clauses(p.ID) {
			short[folded(c.Short(text.DE))], short[folded(c.Short(text.EN))] = c.ID, c.ID
		}
	}
	var out []string
	var c problem.Checks
	for _, w := range written {
		id := w
		if _, _, _, ok := lib.Cited(w); !ok {
			id = short[folded(w)]
		}
		c.Field(id != "", path, "Diese Fundstelle steht in keinem Paket: „"+w+"“. So steht sie im Wissensbestand: „42001 A.6.2.4“ oder „KI-VO Art. 14(1)“.",
			"No pack has this clause: '"+w+"'. In the packs it reads '42001 A.6.2.4' or 'AI Act Art. 14(1)'.")
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, c.Err()
}

func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
