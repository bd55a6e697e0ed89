// Package catalogue keeps an organisation's own content packs: catalogues that
// were imported from a file of another program, requirement tables, and packs
// that were written in our own format. Once kept they stand beside the shipped
// ones: clauses to cite, frameworks to assess, mappings, templates and laws
// (requirements 000-16, 000-44, 001-05, 001-18).
//
// One file that was imported is one object of kind own_pack. The object holds
// what people look for; the file as it was given and the packs that came of it
// lie in the vault, named by their hashes, because they are longer than an
// object may be. Ending the object destroys both.
//
// Nothing is half-imported: Add keeps all packs of a file or none, and only when
// the whole library still loads with them. Every id of an own pack begins with
// Prefix, so that none ever collides with a shipped one, now or later. A pack
// that others cite cannot be ended.
//
// Reading files is for prove/exchange, the library that grows by own packs is
// held by org.
package catalogue

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
	"augenmass/internal/text"
)

// Prefix begins the ids of own packs and of everything in them.
const Prefix = "own-"

// Format says how the file that was imported was written.
type Format string

// The formats.
const (
	Pack    Format = "pack"           // our own
	Library Format = "ciso_assistant" // a library file of CISO Assistant
	Table   Format = "table"          // a requirement table in Markdown, XLSX or CSV
)

// Values lists the formats.
func (Format) Values() []string { return []string{string(Pack), string(Library), string(Table)} }

// OwnPack is one imported file. Who imported it and when is in the object's
// Meta.
type OwnPack struct {
	Name      text.Bi   `json:"name" store:"search,required"`
	Format    Format    `json:"format" store:"index,required"`
	URN       string    `json:"urn" store:"unique"`             // of the library; of other formats the id of the first pack
	Version   string    `json:"version"`                        // as the file says it
	Copyright string    `json:"copyright"`                      // as the file says it; shown wherever its content is
	Source    string    `json:"source" store:"search,required"` // name of the file, without folders
	Hash      string    `json:"hash" store:"index,required"`    // SHA-256 of the file as it was given, in hex
	Original  string    `json:"original" store:"required"`      // the file in the vault
	Parts     []Part    `json:"parts" store:"required"`
	Kept      []Count   `json:"kept"` // what only the original holds
	Notes     []text.Bi `json:"notes"`
}

// Part is one pack of ours that came of the file.
type Part struct {
	ID    string `json:"id" store:"index,required"`
	Kind  string `json:"kind" store:"required"` // of packs.Kind
	Items int    `json:"items"`
	Text  string `json:"text" store:"required"` // its YAML in the vault
	Hash  string `json:"hash" store:"required"` // SHA-256 of the YAML, in hex
}

// Count is how many things of one sort a file holds, such as "threats".
type Count struct {
	What string `json:"what" store:"required"`
	N    int    `json:"n"`
}

// Title names the pack in lists and links.
func (o *OwnPack) Title() string { return o.Name.DE }

// Items is how many clauses, requirements, mappings or other things the packs of
// the file hold together.
func (o *OwnPack) Items() (n int) {
	for _, p := range o.Parts {
		n += p.Items
	}
	return n
}

// Draft is a file that was read and checked by itself and is not kept yet.
type Draft struct {
	Name      text.Bi
	Format    Format
	URN       string
	Version   string
	Copyright string
	Source    string // name of the file, without folders
	Original  []byte
	Packs     []Draftpack // those that cite come after those that are cited
	Kept      []Count
	Notes     []text.Bi
}

// Draftpack is one pack in our format.
type Draftpack struct {
	ID    string // begins with Prefix
	Kind  packs.Kind
	Items int
	YAML  []byte
}

// Tree is the packs of the draft as files, for packs.Extend. A pack in our own
// format keeps the name of its file, so that defects name it.
func (d Draft) Tree() Files {
	f := Files{}
	for _, p := range d.Packs {
		name := p.ID + ".yaml"
		if d.Format == Pack && len(d.Packs) == 1 {
			name = d.Source
		}
		f[name] = p.YAML
	}
	return f
}

// Room is the own packs of one organisation.
type Room struct {
	Own *store.Kind[OwnPack]

	shipped *packs.Library
	now     func() time.Time
	rand    io.Reader
	db      *store.DB
	vault   *vault.Vault
	uses    Uses
	made    made
}

// Uses names what cites one of the ids: clauses, frameworks or packs. It is asked
// before a pack is ended or loses something.
type Uses func(ctx context.Context, rd store.Reader, ids []string) ([]string, error)

// New declares the room's kind; Open gives it database and vault. shipped is the
// library without own packs; random nil is crypto/rand.
func New(shipped *packs.Library, now func() time.Time, random io.Reader) *Room {
	if random == nil {
		random = rand.Reader
	}
	return &Room{Own: store.NewKind[OwnPack]("own_pack", "opk"), shipped: shipped, now: now, rand: random}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Own} }

// Open gives the room its database, its vault, and whom to ask who cites what.
func (r *Room) Open(db *store.DB, v *vault.Vault, uses Uses) { r.db, r.vault, r.uses = db, v, uses }

// List returns every own pack, the newest first. It is one query for up to
// store.MaxLimit of them.
func (r *Room) List(ctx context.Context, rd store.Reader) ([]store.Object[OwnPack], error) {
	return r.Own.All(ctx, rd, store.Query{Sort: "-created_at"})
}

// File returns the file as it was given. One that is not the one that was stored
// is Corrupt.
func (r *Room) File(ctx context.Context, o OwnPack) ([]byte, error) {
	return r.blob(ctx, o.Original, o.Hash)
}

// Original returns name and text of the file with this URN, or NotFound.
func (r *Room) Original(ctx context.Context, urn string) (name string, data []byte, err error) {
	o, err := r.Of(ctx, r.db, urn)
	if err != nil {
		return "", nil, err
	}
	data, err = r.File(ctx, o.Doc)
	return o.Doc.Source, data, err
}

func (r *Room) blob(ctx context.Context, id, hash string) ([]byte, error) {
	data, err := r.vault.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if have := Hash(data); have != hash {
		return nil, problem.New(problem.Corrupt, "Ein eigenes Paket im Tresor ist nicht das, das abgelegt wurde.",
			"An own pack in the vault is not the one that was stored.")
	}
	return data, nil
}

// Hash is the SHA-256 of data in hex.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
