package classes

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// maxFile is how much of a posted file is read, as the frame of the pages allows.
const maxFile = 8 << 20

// uploadForm asks for the file of an external result.
func uploadForm(c ui.Ctx, id string, revision int64, p *problem.Problem) *ui.Form {
	return &ui.Form{C: c, ID: "keep", Prefix: "classes.keep.", Action: c.URL("duties", "external", id, "file"), Problem: p, Upload: true,
		Submit: c.T("classes.keep"), Hidden: map[string]string{"revision": strconv.FormatInt(revision, 10)}}
}

// externalKeep files what was handed in: the file goes into the vault first, so
// that the result never names a file that is not there.
func externalKeep(r *page.Request) error {
	if err := must(r, store.Update, externalKind); err != nil {
		return err
	}
	name, data, err := posted(r)
	if err != nil {
		return err
	}
	have, err := r.Org.Classify.Externals.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return askFile(r, have)
	}
	sum := sha256.Sum256(data)
	ref, err := r.Org.Vault.Put(r.Context(), "external/"+have.ID, data)
	if err != nil {
		return err
	}
	have.Doc.File, have.Doc.Hash, have.Doc.Blob = name, "sha256:"+hex.EncodeToString(sum[:]), ref.ID
	revision, err := strconv.ParseInt(r.R.PostForm.Get("revision"), 10, 64)
	if err != nil {
		revision = 0 // nobody can have seen it: a conflict
	}
	err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, err := r.Org.Classify.Externals.Update(r.Context(), tx, have.ID, revision, have.Doc)
		return err
	})
	if err != nil {
		return err
	}
	return r.Go(externalBase+"/"+have.ID, "classes.kept")
}

// askFile asks again for a file that was not chosen.
func askFile(r *page.Request, have store.Object[classify.ExternalResult]) error {
	var checks problem.Checks
	checks.Field(false, "file", "Bitte eine Datei auswählen.", "Please choose a file.")
	p, c := problem.From(checks.Err()), r.C
	pv := ui.PageView{Title: c.T("classes.file"), Narrow: true, Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")},
		{Text: c.T("kinds.external_result"), Href: c.URL("duties", "external")}, {Text: have.Doc.Name, Href: c.URL("duties", "external", have.ID)}}}
	return r.ShowAs(ui.Status(p), pv, keepBody(c, *uploadForm(c, have.ID, have.Revision, p)))
}

// posted reads the form and its file; no file is no data.
func posted(r *page.Request) (name string, data []byte, err error) {
	if err := r.R.ParseMultipartForm(maxFile); err != nil {
		if errors.Is(err, http.ErrNotMultipart) {
			_, err = r.Form()
			return "", nil, err
		}
		return "", nil, problem.New(problem.TooLarge, "Die Datei ist größer als 8 MB, oder das Formular ist beschädigt.", "The file is larger than 8 MB, or the form is broken.").
			WithHint("Bitte die Datei verkleinern oder statt ihrer einen Verweis angeben.", "Please make the file smaller, or give a link instead.").Wrap(err)
	}
	f, head, err := r.R.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, unreadable(err)
	}
	data, err = io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", nil, unreadable(err)
	}
	name = head.Filename
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if name == "" {
		name = "file"
	}
	return name, data, nil
}

func unreadable(err error) error {
	return problem.New(problem.BadInput, "Die Datei ist nicht angekommen.", "The file did not arrive.").
		WithHint("Bitte noch einmal auswählen und senden.", "Please choose and send it again.").Wrap(err)
}

// externalFile sends the file of an external result, after its content was held
// against the check value noted when it was filed.
func externalFile(r *page.Request) error {
	o, err := r.Org.Classify.Externals.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	if o.Doc.Blob == "" {
		return problem.New(problem.NotFound, "Zu diesem Ergebnis liegt keine Datei im Tresor.", "No file of this result lies in the vault.").
			WithHint("Auf der Seite des Ergebnisses lässt sich eine Datei ablegen.", "A file can be filed on the page of the result.")
	}
	data, err := r.Org.Vault.Get(r.Context(), o.Doc.Blob)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(data); "sha256:"+hex.EncodeToString(sum[:]) != o.Doc.Hash {
		return problem.New(problem.Corrupt, "Die Datei passt nicht zu dem Prüfwert, der beim Ablegen notiert wurde.", "The file does not fit the check value that was noted when it was filed.")
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": o.Doc.File}))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	if _, err := r.W.Write(data); err != nil {
		r.Log.Info("a download ended early", "external", o.ID, "err", err)
	}
	return nil
}
