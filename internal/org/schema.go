package org

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/org/folder"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/witness"
	"augenmass/internal/record/store"
	"augenmass/internal/record/store/blobs"
	"augenmass/internal/record/store/sequence"
	"augenmass/internal/record/vault"
)

// schemaPrefix begins the names of the schemas that are organisations.
const schemaPrefix = "agm_"

// Schema is the schema of an organisation on PostgreSQL.
func Schema(slug string) string { return schemaPrefix + strings.ReplaceAll(slug, "-", "_") }

// SlugOf is the organisation of a schema; ok is false for schemas that are none.
func SlugOf(schema string) (slug string, ok bool) {
	rest, ok := strings.CutPrefix(schema, schemaPrefix)
	slug = strings.ReplaceAll(rest, "_", "-")
	return slug, ok && ValidSlug(slug) && Schema(slug) == schema
}

// InDatabase lists the organisations of a database, by short name.
func InDatabase(ctx context.Context, database string) ([]string, error) {
	schemas, err := store.Schemas(ctx, database)
	if err != nil {
		return nil, err
	}
	var slugs []string
	for _, s := range schemas {
		if slug, ok := SlugOf(s); ok {
			slugs = append(slugs, slug)
		}
	}
	return slugs, nil
}

// houseRow is what the nodes of an organisation share besides its record: its
// name in clear, its journal and seal key sealed with the master key. In a
// folder these lie in files and the table is empty.
type houseRow struct {
	ID    string `json:"id" store:"key"`
	Value string `json:"value"`
}

func houseTable() *store.Table[houseRow] { return store.NewTable[houseRow]("house") }

// Rows of the house table. The keys hold what the files of the same names hold
// in a folder.
const (
	rowName       = "name"
	rowJournalKey = "journal.key"
	rowVerifier   = "journal.vkey"
	rowSealKey    = "seal.key"
)

// House is what an organisation is besides its objects, entries and payloads.
type House struct {
	Name       string
	JournalKey string // signing key, as in keys/journal.key
	Verifier   string // of the journal
	SealKey    string // two lines, as in keys/seal.key
}

// ReadHouse reads and opens the house of a schema; ok is false for a new one. A
// master key other than the organisation's is Denied.
func ReadHouse(ctx context.Context, rd store.Reader, master []byte) (h House, ok bool, err error) {
	have, err := houseRows(ctx, rd)
	if err != nil || len(have) == 0 {
		return h, false, err
	}
	if h, err = openHouse(have, master); err != nil {
		return h, true, err
	}
	return h, true, nil
}

func houseRows(ctx context.Context, rd store.Reader) (map[string]string, error) {
	page, err := houseTable().List(ctx, rd, store.Query{Limit: store.MaxLimit})
	have := map[string]string{}
	for _, r := range page.Items {
		have[r.ID] = r.Value
	}
	return have, err
}

func openHouse(have map[string]string, master []byte) (h House, err error) {
	h.Name, h.Verifier = have[rowName], have[rowVerifier]
	for name, to := range map[string]*string{rowJournalKey: &h.JournalKey, rowSealKey: &h.SealKey} {
		sealed, err := base64.StdEncoding.DecodeString(have[name])
		if err != nil {
			return h, folder.UnreadableKey(name, err)
		}
		clear, err := vault.OpenWithMaster(master, name, sealed)
		if err != nil {
			return h, err
		}
		*to = string(clear)
	}
	return h, nil
}

// WriteHouse seals the keys and writes the house into a schema that has none.
func WriteHouse(ctx context.Context, tx *store.Tx, h House, master []byte) error {
	put := []houseRow{{rowName, h.Name}, {rowVerifier, h.Verifier}}
	for name, clear := range map[string]string{rowJournalKey: h.JournalKey, rowSealKey: h.SealKey} {
		sealed, err := vault.SealWithMaster(master, name, []byte(clear), nil)
		if err != nil {
			return err
		}
		put = append(put, houseRow{name, base64.StdEncoding.EncodeToString(sealed)})
	}
	return houseTable().Put(ctx, tx, put...)
}

// newHouse makes the keys of a new organisation.
func newHouse(name, origin string) (h House, err error) {
	h.Name = name
	if h.JournalKey, h.Verifier, err = note.GenerateKey(rand.Reader, origin); err != nil {
		return h, folder.UnreadableKey(rowJournalKey, err)
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, origin+"/seal")
	if err != nil {
		return h, folder.UnreadableKey(rowSealKey, err)
	}
	h.JournalKey += "\n"
	h.SealKey = skey + "\n" + vkey + "\n"
	return h, nil
}

// openSchema opens what lies in the organisation's schema, or makes it. Of two
// nodes that start on an empty schema at once, the one whose write comes first
// makes the keys; the other reads them.
func (g *Org) openSchema(ctx context.Context, origin string) (master []byte, err error) {
	if len(g.o.MasterKey) == 0 && g.o.MasterKeyFile == "" && os.Getenv(g.o.MasterKeyEnv) == "" {
		return nil, nowhere() // before a schema is made that nobody could open
	}
	if g.DB, err = store.Open(ctx, g.storeOptions()); err != nil {
		return nil, err
	}
	have, err := houseRows(ctx, g.DB)
	if err != nil {
		return nil, err
	}
	if master, err = g.masterKey(len(have) == 0); err != nil {
		return nil, err
	}
	h, err := g.house(ctx, master, origin)
	if err != nil {
		return nil, err
	}
	g.Name = h.Name
	if g.Seal, g.SealKey, err = folder.ParseSealKey(rowSealKey, h.SealKey); err != nil {
		return nil, err
	}
	line, _, _ := folder.CutLine(h.JournalKey)
	signer, err := note.NewSigner(line)
	if err != nil {
		return nil, folder.UnreadableKey(rowJournalKey, err)
	}
	cosigners, err := g.witnesses()
	if err != nil {
		return nil, err
	}
	if g.nodes.journal, err = sequence.Open(ctx, sequence.Options{Database: g.o.Database, Schema: Schema(g.Slug), Origin: origin,
		Signer: signer, VerifierKey: h.Verifier, Witnesses: cosigners, PublishEvery: g.o.Publish, Now: g.o.Now, Log: g.o.Log}); err != nil {
		return nil, err
	}
	g.Journal = g.nodes.journal
	tree, err := blobs.Open(ctx, blobs.Options{Database: g.o.Database, Schema: Schema(g.Slug)})
	if err != nil {
		return nil, err
	}
	g.Vault, err = vault.Open(vault.Options{Tree: tree, MasterKey: master, Now: g.o.Now})
	return master, err
}

// witnesses reads who cosigns the journal while this node leads: the same file
// as in a folder, in the node's own one.
func (g *Org) witnesses() (p witness.Policy, err error) {
	if g.o.Dir == "" {
		return p, nil
	}
	raw, err := os.ReadFile(filepath.Join(g.o.Dir, "journal", "witnesses"))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, problem.New(problem.Unavailable, "Die Zeugenliste lässt sich nicht lesen.", "The witness policy cannot be read.").Wrap(err)
	}
	return witness.ParsePolicy(raw)
}

// house reads the house of the schema, or makes it.
func (g *Org) house(ctx context.Context, master []byte, origin string) (h House, err error) {
	err = g.DB.Write(ctx, func(tx *store.Tx) error {
		var ok bool
		if h, ok, err = ReadHouse(ctx, tx, master); ok || err != nil {
			return err
		}
		name := g.o.Name
		if name == "" {
			name = g.Slug
		}
		if h, err = newHouse(name, origin); err != nil {
			return err
		}
		return WriteHouse(ctx, tx, h, master)
	})
	return h, err
}

// masterKey reads the master key. Only a new organisation may be given a new
// one: it opens nothing of one that is there.
func (g *Org) masterKey(first bool) ([]byte, error) {
	file := g.o.MasterKeyFile
	if len(g.o.MasterKey) > 0 {
		return g.o.MasterKey, nil
	}
	if g.o.Database != "" && os.Getenv(g.o.MasterKeyEnv) == "" {
		if file == "" {
			return nil, nowhere()
		}
		if _, err := os.Stat(file); !first && errors.Is(err, fs.ErrNotExist) {
			return nil, noMasterKey("Die Organisation liegt schon in der Datenbank; dieser Knoten hat ihren Hauptschlüssel nicht.",
				"The organisation is in the database already; this node does not have its master key.")
		}
	}
	return vault.LoadMasterKey(file, g.o.MasterKeyEnv, !first)
}

func nowhere() error {
	return noMasterKey("Dieser Knoten hat keinen Hauptschlüssel.", "This node has no master key.")
}

func noMasterKey(de, en string) error {
	return problem.New(problem.Denied, de, en).
		WithHint("Alle Knoten brauchen denselben: in AUGENMASS_MASTER_KEY oder als Datei mit --master-key.",
			"All nodes need the same one: in AUGENMASS_MASTER_KEY or as a file with --master-key.")
}
