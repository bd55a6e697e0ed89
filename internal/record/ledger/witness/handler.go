package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/record/ledger/proof"
)

// HandlerOptions say for whom a witness signs, and where it remembers.
type HandlerOptions struct {
	Dir    string      // folder of its memory; created when missing; one process at a time
	Signer note.Signer // see NewSigner
	Logs   []string    // vkeys of the logs it witnesses; a log may have several, after a change of key
}

// Handler is a witness: POST /add-checkpoint.
type Handler struct {
	o    HandlerOptions
	logs map[string][]note.Verifier // by origin

	mu sync.Mutex // from reading what was cosigned last to the durable record of the next
}

// NewHandler returns a witness. It fails when a key or the folder is unusable.
func NewHandler(o HandlerOptions) (*Handler, error) {
	h := &Handler{o: o, logs: map[string][]note.Verifier{}}
	if o.Signer == nil {
		return nil, errors.New("a witness needs a signer")
	}
	for _, vkey := range o.Logs {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("key of a log: %w", err)
		}
		h.logs[v.Name()] = append(h.logs[v.Name()], v)
	}
	return h, os.MkdirAll(o.Dir, 0o700)
}

// maxRequest is the largest request in bytes.
const maxRequest = 32 << 10

// ServeHTTP answers by the status codes of C2SP tlog-witness.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/add-checkpoint") {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST a checkpoint", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "the request is too long or broke off", http.StatusBadRequest)
		return
	}
	req, err := ParseRequest(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	origin, _, _ := bytes.Cut(req.Checkpoint, []byte("\n"))
	keys := h.logs[string(origin)]
	if keys == nil {
		http.Error(w, "this log is not witnessed here", http.StatusNotFound)
		return
	}
	cp, ok := open(req.Checkpoint, keys)
	if !ok {
		http.Error(w, "no signature of a key known for this log", http.StatusForbidden)
		return
	}
	h.cosign(w, req, cp)
}

// open verifies a checkpoint by any key of its log.
func open(msg []byte, keys []note.Verifier) (proof.Checkpoint, bool) {
	for _, v := range keys {
		if cp, err := proof.OpenCheckpoint(msg, v); err == nil {
			return cp, true
		}
	}
	return proof.Checkpoint{}, false
}

func (h *Handler) cosign(w http.ResponseWriter, req Request, cp proof.Checkpoint) {
	if req.Old > cp.Size {
		http.Error(w, "the old size is larger than the checkpoint", http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	last, err := h.last(cp.Origin)
	if err != nil {
		http.Error(w, "the witness cannot read its memory", http.StatusInternalServerError)
		return
	}
	if last.Size != req.Old || last.Size == cp.Size && last.Root != cp.Root {
		w.Header().Set("Content-Type", sizeType)
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(w, "%d\n", last.Size) // nobody to tell when the log left
		return
	}
	if err := proof.CheckTree(last, cp, req.Proof); err != nil {
		http.Error(w, "the proof does not hold", http.StatusUnprocessableEntity)
		return
	}
	// Only what is remembered durably may be cosigned.
	text, _, _ := bytes.Cut(cp.Note, []byte("\n\n"))
	text = append(bytes.Clone(text), '\n')
	sig, err := note.Sign(&note.Note{Text: string(text)}, h.o.Signer)
	if err == nil {
		err = h.remember(cp)
	}
	if err != nil {
		http.Error(w, "the witness cannot sign or remember", http.StatusInternalServerError)
		return
	}
	_, lines, _ := bytes.Cut(sig, []byte("\n\n"))
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(lines) // nobody to tell when the log left
}

func (h *Handler) file(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(h.o.Dir, hex.EncodeToString(sum[:])+".checkpoint")
}

// last is the checkpoint cosigned last for a log, the empty tree before the
// first. A memory that does not verify is an error, never an empty tree.
func (h *Handler) last(origin string) (proof.Checkpoint, error) {
	raw, err := os.ReadFile(h.file(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return proof.Checkpoint{Origin: origin, Root: proof.EmptyRoot}, nil
	}
	if err != nil {
		return proof.Checkpoint{}, err
	}
	cp, ok := open(raw, h.logs[origin])
	if !ok {
		return proof.Checkpoint{}, errors.New("the remembered checkpoint does not verify")
	}
	return cp, nil
}

// remember replaces the memory of a log, durably and whole.
func (h *Handler) remember(cp proof.Checkpoint) error {
	f, err := os.CreateTemp(h.o.Dir, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(cp.Note)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), h.file(cp.Origin))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if runtime.GOOS == "windows" {
		return nil // no flush of folders there; NTFS journals names
	}
	dir, err := os.Open(h.o.Dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
