package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
)

// evidenceFile sends the file of an evidence object, after its content was held
// against the hash that the object names.
func evidenceFile(r *page.Request) error {
	o, err := r.Org.Controls.Evidences.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	if o.Doc.Blob == "" {
		return problem.New(problem.NotFound, "Zu diesem Nachweis liegt keine Datei im Tresor.", "No file of this evidence lies in the vault.").
			WithHint("Auf der Seite des Nachweises steht, wo er liegt.", "The page of the evidence says where it lies.")
	}
	data, err := r.Org.Vault.Get(r.Context(), o.Doc.Blob)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != o.Doc.Hash {
		return problem.New(problem.Corrupt, "Die Datei passt nicht zu dem Hash, der beim Ablegen notiert wurde.", "The file does not fit the hash that was noted when it was filed.")
	}
	name := o.Doc.Link
	if name == "" || strings.ContainsAny(name, "/\\:") {
		name = o.ID
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	if _, err := r.W.Write(data); err != nil {
		r.Log.Info("a download ended early", "evidence", o.ID, "err", err)
	}
	return nil
}
