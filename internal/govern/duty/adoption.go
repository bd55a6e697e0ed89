package duty

import (
	"time"

	"augenmass/internal/record/store"
)

// Adoption is the version of one pack that the organisation works with. Earlier
// ones are its history.
type Adoption struct {
	Pack    string    `json:"pack" store:"unique,required"`
	Version string    `json:"version" store:"required"`
	AsOf    time.Time `json:"as_of"`                       // state of the legal data
	Hash    string    `json:"hash" store:"index,required"` // sha-256 of the text, hex
	At      time.Time `json:"at" store:"index"`
	By      string    `json:"by"`
	Changed int       `json:"changed"` // items that differed from the version before; 0 of the first
	Tasks   int       `json:"tasks"`   // reviews that it brought
}

// Title names the adoption in lists and links.
func (a *Adoption) Title() string { return a.Pack + " " + a.Version }

// Kept is the text of a pack version, so that a difference can be shown from it
// later and without a network. It is written once and never changed.
type Kept struct {
	Hash string `json:"hash" store:"unique,required"` // sha-256 of Text, hex
	Pack string `json:"pack" store:"index,required"`
	Text string `json:"text"`
}

// Title names the text in lists and links.
func (k *Kept) Title() string { return k.Pack }

// Adoptions is the kind of adopted versions.
func Adoptions() *store.Kind[Adoption] { return store.NewKind[Adoption]("adoption", "ado") }

// Texts is the kind of kept texts.
func Texts() *store.Kind[Kept] { return store.NewKind[Kept]("pack_text", "ptx") }
