package sequence

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// keyTable holds the list of keys as one text, that of the file log/keys.
const keyTable = `
CREATE TABLE journal_keys (one bool PRIMARY KEY DEFAULT true CHECK (one), list text NOT NULL);
`

// Keys are the keys that signed this journal one after the other, the present
// one last.
func (j *Journal) Keys() []proof.Key { return slices.Clone(j.chain) }

// keysOrOne is the list of keys of a journal that is created.
func (o Options) keysOrOne() []proof.Key {
	if len(o.Keys) > 0 {
		return o.Keys
	}
	return []proof.Key{{VKey: o.VerifierKey}}
}

// fits compares the options with the journal's list of keys: the name is that
// of the first key or of the last, and the last one is the signer's.
func (o Options) fits(keys []proof.Key) error {
	first, last := keys[0], keys[len(keys)-1]
	if o.Origin != first.Origin() && o.Origin != last.Origin() {
		return problem.Newf(problem.BadInput, "Das Journal im Schema %s heißt „%s“, nicht „%s“.", "The journal in schema %s is named %q, not %q.",
			o.Schema, last.Origin(), o.Origin)
	}
	if last.VKey != o.VerifierKey {
		return problem.Newf(problem.Corrupt, "Der Signierschlüssel ist nicht der, an den das Journal zuletzt übergeben wurde (%s).",
			"The signing key is not the one that the journal was last handed over to (%s).", last.VKey).
			WithHint("Journal und Schlüssel müssen aus derselben Sicherung stammen.", "Journal and key must come from the same backup.")
	}
	if len(o.Keys) > 0 && !slices.Equal(o.Keys, keys) {
		return problem.Newf(problem.Conflict, "Das Journal im Schema %s hat eine andere Liste von Schlüsseln als die angegebene.",
			"The journal in schema %s has another list of keys than the one given.", o.Schema)
	}
	return nil
}

// readKeys reads the list of keys; origin is the name in journal_head.
func (j *Journal) readKeys(ctx context.Context, origin string) error {
	var list string
	err := j.reads.QueryRow(ctx, "SELECT list FROM journal_keys").Scan(&list)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return corrupt("journal_keys", proof.None, "Die Zeile fehlt.", "the row is missing.")
	case err != nil:
		return unreachable(err)
	}
	keys, err := proof.ParseKeys([]byte(list))
	if err != nil {
		return err
	}
	if err := j.o.fits(keys); err != nil {
		return err
	}
	if origin != keys[len(keys)-1].Origin() {
		return corrupt("journal_head", proof.None, "Der Name ist nicht der des letzten Schlüssels.", "the name is not that of the last key.")
	}
	j.chain = keys
	return nil
}

// upgrade gives a journal of format 1 its list of keys. Such a journal never
// had another key than the one that signed its checkpoint, which is checked
// before. Nodes of the older version that are running go on; they cannot start
// again.
func (j *Journal) upgrade(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, j.reads, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", j.locks.create); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, "SELECT format FROM journal_head").Scan(&have); err != nil || have >= format {
			return err
		}
		if _, err := tx.Exec(ctx, keyTable); err != nil {
			return err
		}
		if err := putKeys(ctx, tx, []proof.Key{{VKey: j.o.VerifierKey}}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE journal_head SET format = $1", format)
		return err
	})
	if err != nil {
		return problem.New(problem.Unavailable, "Die Tabellen des Journals lassen sich nicht auf die neue Fassung bringen.",
			"The tables of the journal cannot be brought to the new version.").
			WithHint("Darf die Rolle in diesem Schema Tabellen anlegen?", "May the role create tables in this schema?").Wrap(err)
	}
	return nil
}

func putKeys(ctx context.Context, tx pgx.Tx, keys []proof.Key) error {
	_, err := tx.Exec(ctx, "INSERT INTO journal_keys (list) VALUES ($1)", string(proof.FormatKeys(keys)))
	return err
}
