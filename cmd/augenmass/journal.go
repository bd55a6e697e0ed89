package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/witness"
	"augenmass/internal/serve"
)

// journalCmd holds what is done to a journal besides serving it.
type journalCmd struct {
	Check   journalCheckCmd   `cmd:"" help:"${journal_check_help}"`
	Rotate  journalRotateCmd  `cmd:"" help:"${journal_rotate_help}"`
	Witness journalWitnessCmd `cmd:"" help:"${journal_witness_help}"`
}

type journalCheckCmd struct {
	Folder string `arg:"" help:"${journal_folder_help}" type:"path"`
	Key    string `help:"${journal_key_help}"`
}

// Run verifies the published files of a journal, every entry and tile and the
// chain of keys, while a server may write to it. Exit 1 names the first break.
func (c journalCheckCmd) Run(w *outside) error {
	files := os.DirFS(c.Folder)
	raw, err := os.ReadFile(filepath.Join(c.Folder, proof.KeysFile))
	if err != nil {
		return problem.Newf(problem.BadInput, "In „%s“ liegt kein veröffentlichtes Journal.", "There is no published journal in '%s'.", c.Folder).Wrap(err)
	}
	keys, err := proof.ParseKeys(raw)
	if err != nil {
		return err
	}
	vkey := keys[len(keys)-1].VKey
	begin := time.Now()
	msg, err := os.ReadFile(filepath.Join(c.Folder, proof.CheckpointFile))
	if err != nil {
		return problem.New(problem.Corrupt, "Der Prüfpunkt fehlt.", "The checkpoint is missing.").Wrap(err)
	}
	cp, err := proof.ParseCheckpoint(msg, vkey)
	if err != nil {
		return err
	}
	tiles := proof.NewTiles(files, cp)
	if cp.Size == 0 { // no entry leads to its root
		if err := tiles.Check(w.ctx); err != nil {
			return err
		}
	}
	var chain proof.Chain
	for rec, err := range tiles.Entries(w.ctx, 0, cp.Size) {
		if err != nil {
			return err
		}
		e, err := entry.Decode(rec.Entry)
		if err != nil {
			continue // the journal does not ask what an entry means, and neither does this check
		}
		if err := chain.See(rec.Index, e.Type, e.Data, tiles); err != nil {
			return err
		}
	}
	if keys, err = chain.Keys(vkey); err != nil {
		return err
	}
	known := func(k proof.Key) bool { return k.VKey == c.Key }
	if c.Key != "" && !slices.ContainsFunc(keys, known) {
		return problem.New(problem.Corrupt, "Der angegebene Schlüssel hat dieses Journal nie unterschrieben.", "The given key never signed this journal.")
	}
	fmt.Fprintf(w.out, say(w.lang, "Unverändert: %s, %d Einträge, Wurzel %s, geprüft in %.1f s\n", "Unaltered: %s, %d entries, root %s, verified in %.1f s\n"),
		cp.Origin, cp.Size, cp.Root, time.Since(begin).Seconds())
	for _, k := range keys {
		fmt.Fprintf(w.out, say(w.lang, "  Schlüssel ab Eintrag %d: %s\n", "  key from entry %d: %s\n"), k.Since, k.VKey)
	}
	return nil
}

type journalRotateCmd struct {
	Data string `help:"${folder_help}" required:"" type:"path"`
	Org  string `help:"${backup_org_help}" required:""`
}

// Run gives the journal of an organisation another signing key. The server on
// this folder must have stopped: its lock says so.
func (c journalRotateCmd) Run(w *outside) error {
	if err := isFolder("--data", c.Data); err != nil {
		return err
	}
	dir := filepath.Join(c.Data, c.Org)
	if _, err := os.Stat(filepath.Join(dir, "journal", "log")); err != nil || !org.ValidSlug(c.Org) {
		return problem.Newf(problem.BadInput, "In „%s“ gibt es keine Organisation „%s“ mit einem Journal.", "In '%s' there is no organisation '%s' with a journal.", c.Data, c.Org).
			WithHint("Bitte Pfad und Rechte prüfen.", "Please check path and rights.").Wrap(err)
	}
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "augenmass/" + c.Org, KeyFile: filepath.Join(dir, "keys", "journal.key")})
	if err != nil {
		return err
	}
	old := j.VerifierKey()
	if err := errors.Join(j.Rotate(w.ctx), j.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, say(w.lang, "Der alte Schlüssel hat den neuen unterschrieben und ist vernichtet.\n  alt: %s\n  neu: %s\nBitte den neuen Zeugen und Prüfern nennen.\n",
		"The old key has signed the new one and is destroyed.\n  old: %s\n  new: %s\nPlease tell witnesses and auditors the new one.\n"), old, j.VerifierKey())
	return err
}

type journalWitnessCmd struct {
	Dir    string   `help:"${journal_memory_help}" required:"" type:"path"`
	Name   string   `help:"${journal_name_help}" required:""`
	Listen string   `help:"${listen_help}" default:"127.0.0.1:8090"`
	Log    []string `help:"${journal_log_help}" required:""`
}

// Run is a witness for the journals of others, until it is stopped. Its key is
// made in its folder at the first start.
func (c journalWitnessCmd) Run(w *outside) error {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return problem.Newf(problem.Unavailable, "Der Ordner „%s“ lässt sich nicht anlegen.", "The folder '%s' cannot be made.", c.Dir).Wrap(err)
	}
	file := filepath.Join(c.Dir, "witness.key")
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		var skey, vkey string
		if skey, vkey, err = witness.GenerateKey(rand.Reader, c.Name); err == nil {
			raw = []byte(skey + "\n" + vkey + "\n")
			err = os.WriteFile(file, raw, 0o600)
		}
	}
	if err != nil {
		return problem.New(problem.BadInput, "Der Schlüssel des Zeugen lässt sich nicht lesen oder anlegen.", "The key of the witness cannot be read or made.").Wrap(err)
	}
	skey, vkey, _ := strings.Cut(strings.TrimSpace(string(raw)), "\n")
	signer, err := witness.NewSigner(skey, time.Now)
	if err != nil {
		return problem.New(problem.Corrupt, "Der Schlüssel des Zeugen ist beschädigt.", "The key of the witness is damaged.").Wrap(err)
	}
	if signer.Name() != c.Name { // its line for the policy would name nobody
		return problem.Newf(problem.BadInput, "Der Schlüssel in „%s“ gehört dem Zeugen „%s“, nicht „%s“.", "The key in '%s' is that of the witness '%s', not '%s'.", c.Dir, signer.Name(), c.Name).
			WithHint("Bitte diesen Namen angeben, oder für einen weiteren Zeugen einen anderen Ordner.", "Please give that name, or another folder for another witness.")
	}
	h, err := witness.NewHandler(witness.HandlerOptions{Dir: c.Dir, Signer: signer, Logs: c.Log})
	if err != nil {
		return problem.New(problem.BadInput, "Der Zeuge kann so nicht beginnen.", "The witness cannot start like this.").
			WithHint("Mit --log wird die ganze Zeile erwartet, wie die Organisation sie nennt: Name+Kennung+Schlüssel.",
				"--log expects the whole line as the organisation states it: name+id+key.").Wrap(err)
	}
	l, err := serve.Listen(w.ctx, c.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, say(w.lang, "Zeuge %s auf http://%s\n  witness %s %s http://%s\n", "Witness %s on http://%s\n  witness %s %s http://%s\n"), c.Name, l.Addr(), c.Name, vkey, l.Addr())
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	stopped := context.AfterFunc(w.ctx, func() {
		if err := srv.Close(); err != nil {
			fmt.Fprintln(w.err, err)
		}
	})
	defer stopped()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
