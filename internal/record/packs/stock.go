package packs

import "augenmass/internal/record/packs/stock"

// Software returns the families of software with their AI functions, in the
// order of the packs; see package stock.
func (l *Library) Software() []stock.Product { return l.stock.Products() }

// Drafts returns the filled drafts of register entries in the order of the packs.
func (l *Library) Drafts() []stock.Draft { return l.stock.Drafts() }

// Draft returns a draft by its id, such as "drf.chatbot".
func (l *Library) Draft(id string) (stock.Draft, bool) { return l.stock.Draft(id) }

// Stock returns products, kinds of data, questions and drafts of all packs. It is
// not to be changed.
func (l *Library) Stock() *stock.Stock { return l.stock }

// softwareDoc is a pack of kind software.
type softwareDoc struct {
	head
	stock.SoftwareDoc
}

// draftsDoc is a pack of kind drafts.
type draftsDoc struct {
	head
	stock.DraftsDoc
}

func (l *loading) software(doc softwareDoc) {
	l.info(doc.head, l.lib.stock.AddSoftware(doc.ID.S, doc.SoftwareDoc, l))
}

func (l *loading) drafts(doc draftsDoc) {
	l.info(doc.head, l.lib.stock.AddDrafts(doc.ID.S, doc.DraftsDoc, l))
}
