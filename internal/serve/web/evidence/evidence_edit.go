package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"

	"augenmass/internal/govern/control"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// evidenceEdit asks for changes of an evidence object.
func evidenceEdit(r *page.Request) error {
	if err := must(r, store.Update); err != nil {
		return err
	}
	o, err := r.Org.Controls.Evidences.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	return ask(r, asking{id: o.ID, title: o.Doc.Name, vals: values(r, o), file: o.Doc.Hash})
}

// evidenceUpdate stores what was changed, if nobody else did meanwhile. A new
// file takes the place of the one before.
func evidenceUpdate(r *page.Request) error {
	if err := must(r, store.Update); err != nil {
		return err
	}
	vals, up, err := posted(r)
	if err != nil {
		return err
	}
	have, err := r.Org.Controls.Evidences.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	saved, err := put(r, vals, up, have)
	if p, ok := formError(err); ok {
		if p.Kind == problem.Conflict { // who saves now has been told
			vals.Set("revision", strconv.FormatInt(have.Revision, 10))
			p = p.WithHint("Den gespeicherten Stand zeigt die Seite des Nachweises. Wenn Sie jetzt speichern, gilt Ihre Eingabe.",
				"The page of the evidence shows the stored state. If you save now, your input counts.")
		}
		return ask(r, asking{id: have.ID, title: have.Doc.Name, vals: vals, problem: p, file: have.Doc.Hash})
	}
	if err != nil {
		return err
	}
	if have.Doc.Blob != "" && have.Doc.Blob != saved.Doc.Blob {
		if err := forget(r, have.Doc.Hash); err != nil {
			return err
		}
	}
	return r.Go(base+"/"+saved.ID, "objects.saved")
}

// put files or changes an evidence object as a form says.
func put(r *page.Request, vals url.Values, up upload, have store.Object[control.Evidence]) (store.Object[control.Evidence], error) {
	e, err := read(r, vals, have.Doc)
	if err != nil {
		return have, err
	}
	revision := int64(0)
	if have.ID != "" {
		if revision, err = strconv.ParseInt(vals.Get("revision"), 10, 64); err != nil {
			revision = 0 // nobody can have seen it: a conflict
		}
	}
	return keep(r, have, revision, e, up)
}

// File files a new evidence object with a file that the program made itself.
func File(r *page.Request, e control.Evidence, name string, data []byte) (store.Object[control.Evidence], error) {
	return keep(r, store.Object[control.Evidence]{}, 0, e, upload{name: name, data: data})
}

// keep stores an evidence object. Its file goes into the vault first: an object
// never names a file that is not there.
func keep(r *page.Request, have store.Object[control.Evidence], revision int64, e control.Evidence, up upload) (store.Object[control.Evidence], error) {
	if len(up.data) > 0 {
		sum := sha256.Sum256(up.data)
		e.Hash = hex.EncodeToString(sum[:])
		if e.Link == "" {
			e.Link = up.name
		}
		if e.Hash != have.Doc.Hash || e.Blob == "" {
			ref, err := r.Org.Vault.Put(r.Context(), subject(e.Hash), up.data)
			if err != nil {
				return have, err
			}
			e.Blob = ref.ID
		}
	}
	saved, err := r.Org.Controls.PutEvidence(r.Context(), have.ID, revision, e)
	if err != nil && e.Blob != have.Doc.Blob {
		if gone := forget(r, e.Hash); gone != nil {
			r.Log.Error("a file of evidence that was not filed stays in the vault", "hash", e.Hash, "err", gone)
		}
	}
	return saved, err
}

// subject is the key under which the vault keeps a file of evidence: whoever
// deletes the last object with it makes it unreadable.
func subject(hash string) string { return "evidence/" + hash }

// forget makes a file unreadable unless another object names it. It is finished
// even if the reader hung up.
func forget(r *page.Request, hash string) error {
	ctx := context.WithoutCancel(r.Context())
	n, err := r.Org.Controls.Evidences.Count(ctx, r.Org.DB, store.Where("hash", "=", hash))
	if err != nil || n > 0 {
		return err
	}
	return r.Org.Vault.Erase(ctx, subject(hash))
}
