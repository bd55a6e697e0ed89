package witness

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// Witness is one witness: its vkey (key type 4) and its submission prefix, the
// URL in front of /add-checkpoint.
type Witness struct {
	VKey string
	URL  string
}

// Policy says who cosigns. The zero value asks nobody.
type Policy struct {
	Witnesses []Witness
	Quorum    int           // how many of them make a checkpoint witnessed; 0: all
	Timeout   time.Duration // how long a publication waits for them; 0: 2 s
	Rest      time.Duration // how long one that failed is not asked; 0: 10 s

	Client *http.Client     // nil: http.DefaultClient
	Now    func() time.Time // nil: time.Now
}

// State is what is known of one witness.
type State struct {
	Name string
	URL  string
	Size uint64    // entries of the last checkpoint it cosigned for us; 0 before the first
	At   time.Time // when, by the clock of the witness
	Err  error     // why the last request brought no cosignature; nil after one
	// Ahead is a size that the witness says it cosigned while the journal was
	// smaller: the folder was restored from an old copy, or the witness errs.
	// It stays until the witness cosigns again.
	Ahead uint64
	// Forked: the witness has cosigned a tree that this journal does not extend.
	Forked bool
}

// Circle asks the witnesses of one journal. Cosign and Due belong to one caller
// at a time; States is safe for all.
type Circle struct {
	p       Policy
	members []*member

	mu        sync.Mutex
	witnessed uint64 // size of the last checkpoint with a quorum
	at        time.Time
}

type member struct {
	verifier *verifier
	url      string
	state    State     // guarded by Circle.mu
	rests    time.Time // not asked before
	asked    bool
}

// New returns the circle of a policy, nil for one without witnesses. Errors:
// problem.BadInput for keys, URLs and numbers that make no sense.
func New(p Policy) (*Circle, error) {
	if len(p.Witnesses) == 0 && p.Quorum == 0 {
		return nil, nil
	}
	var c problem.Checks
	circle := &Circle{p: p}
	for i, w := range p.Witnesses {
		at := fmt.Sprintf("Witnesses.%d.", i)
		v, err := parseKey(w.VKey)
		c.Field(err == nil, at+"VKey", "ist kein Schlüssel eines Zeugen (tlog-cosignature, Ed25519).", "is not the key of a witness (tlog-cosignature, Ed25519).")
		u, uerr := url.Parse(w.URL)
		c.Field(uerr == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "", at+"URL", "ist keine Adresse.", "is not an address.")
		for _, m := range circle.members {
			c.Field(err != nil || m.verifier.name != v.name || m.verifier.hash != v.hash, at+"VKey", "steht schon da.", "is there already.")
		}
		if err == nil {
			circle.members = append(circle.members, &member{verifier: v, url: strings.TrimSuffix(w.URL, "/") + "/add-checkpoint",
				state: State{Name: v.name, URL: w.URL}})
		}
	}
	c.Field(p.Quorum >= 0 && p.Quorum <= len(p.Witnesses), "Quorum", "liegt nicht zwischen 0 und der Zahl der Zeugen.", "is not between 0 and the number of witnesses.")
	if err := c.Err(); err != nil {
		return nil, err
	}
	if circle.p.Quorum == 0 {
		circle.p.Quorum = len(p.Witnesses)
	}
	if circle.p.Timeout <= 0 {
		circle.p.Timeout = 2 * time.Second
	}
	if circle.p.Rest <= 0 {
		circle.p.Rest = 10 * time.Second
	}
	if circle.p.Client == nil {
		circle.p.Client = http.DefaultClient
	}
	if circle.p.Now == nil {
		circle.p.Now = time.Now
	}
	return circle, nil
}

// States returns the state of each witness in the order of the policy, and
// size and time of the last checkpoint that a quorum cosigned.
func (c *Circle) States() (all []State, witnessed uint64, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		all = append(all, m.state)
	}
	return all, c.witnessed, c.at
}

// Wait is how long to wait before witnesses are to be asked again about the
// checkpoint of size; ok is false when all have cosigned it.
func (c *Circle) Wait(size uint64) (wait time.Duration, ok bool) {
	now := c.p.Now()
	for _, m := range c.members {
		if m.asked && m.state.Err == nil && m.state.Size >= size {
			continue
		}
		rest := max(0, m.rests.Sub(now))
		if !ok || rest < wait {
			wait, ok = rest, true
		}
	}
	return wait, ok
}

// Cosign asks all witnesses that do not rest, at the same time, and returns cp
// with the valid cosignatures appended. It waits until each has answered, at
// most for the policy's timeout or until ctx ends; who failed or used up the
// timeout rests. prove returns the proof that the tree of cp extends that of the first
// from entries.
func (c *Circle) Cosign(ctx context.Context, cp proof.Checkpoint, prove func(from uint64) (tlog.TreeProof, error)) []byte {
	now := c.p.Now()
	ctx, stop := context.WithTimeout(ctx, c.p.Timeout)
	defer stop()
	lines := make([]string, len(c.members))
	var asking sync.WaitGroup
	for i, m := range c.members {
		if now.Before(m.rests) {
			continue
		}
		asking.Go(func() {
			m.asked = true
			line, err := c.ask(ctx, m, cp, prove)
			c.mu.Lock()
			defer c.mu.Unlock()
			m.state.Err = err
			if err != nil {
				m.rests = c.p.Now().Add(c.p.Rest)
				if errors.Is(ctx.Err(), context.Canceled) { // it was not given its time
					m.rests = c.p.Now().Add(min(c.p.Rest, interrupted))
				}
				return
			}
			lines[i], m.state.Forked, m.state.Ahead = line, false, 0
		})
	}
	asking.Wait()
	msg, have := bytes.Clone(cp.Note), 0
	for i, m := range c.members {
		if _, err := note.Open(msg, note.VerifierList(m.verifier)); err == nil {
			have++ // from an earlier request about the same checkpoint
		} else if lines[i] != "" {
			msg = append(msg, lines[i]...)
			have++
		}
	}
	if have >= c.p.Quorum {
		c.mu.Lock()
		c.witnessed, c.at = cp.Size, c.p.Now().UTC()
		c.mu.Unlock()
	}
	return msg
}

// ask brings the cosignature of one witness as a note signature line.
func (c *Circle) ask(ctx context.Context, m *member, cp proof.Checkpoint, prove func(from uint64) (tlog.TreeProof, error)) (string, error) {
	c.mu.Lock()
	old := m.state.Size
	c.mu.Unlock()
	if old > cp.Size {
		old = 0
	}
	for range 3 { // its size may change between two answers
		p, err := prove(old)
		if err != nil {
			return "", err
		}
		status, kind, body, err := c.post(ctx, m.url, Request{Old: old, Proof: p, Checkpoint: cp.Note}.Marshal())
		switch {
		case err != nil:
			return "", err
		case status == http.StatusOK:
			return c.take(m, cp, body)
		case status == http.StatusUnprocessableEntity:
			return "", c.forked(m)
		case status != http.StatusConflict:
			return "", fmt.Errorf("the witness answers %d: %.200q", status, body)
		}
		size, err := strconv.ParseUint(strings.TrimSuffix(string(body), "\n"), 10, 63)
		switch {
		case err != nil || kind != sizeType || size == old:
			// It agrees on the size and refuses nevertheless: its root is another.
			return "", c.forked(m)
		case size > cp.Size:
			c.mu.Lock()
			m.state.Ahead = size
			c.mu.Unlock()
			return "", fmt.Errorf("the witness says that it cosigned %d entries of this journal, which has %d", size, cp.Size)
		}
		old = size
	}
	return "", errors.New("the witness names another size in each answer")
}

func (c *Circle) forked(m *member) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	m.state.Forked = true
	return errors.New("the witness cosigned another tree under the name of this journal")
}

// sizeType is the media type of the body of a 409.
const sizeType = "text/x.tlog.size"

// interrupted is how long a witness rests whose request the caller ended.
const interrupted = 100 * time.Millisecond

// maxAnswer is the largest answer of a witness that is read, in bytes.
const maxAnswer = 16 << 10

func (c *Circle) post(ctx context.Context, url string, body []byte) (status int, kind string, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	res, err := c.p.Client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read as far as wanted
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, "", nil, err
	}
	kind, _, err = mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	return res.StatusCode, kind, answer, nil
}

// take verifies a cosignature and returns its line. What other keys signed is
// passed over.
func (c *Circle) take(m *member, cp proof.Checkpoint, body []byte) (string, error) {
	text, _, ok := bytes.Cut(cp.Note, []byte("\n\n"))
	if !ok {
		return "", errors.New("the checkpoint is not a signed note")
	}
	n, err := note.Open(append(append(bytes.Clone(text), "\n\n"...), body...), note.VerifierList(m.verifier))
	if err != nil {
		return "", fmt.Errorf("the witness answers without a valid cosignature: %w", err)
	}
	sig := n.Sigs[0]
	raw, err := base64.StdEncoding.DecodeString(sig.Base64)
	if err != nil || len(raw) < 4 || base64.StdEncoding.EncodeToString(raw) != sig.Base64 {
		return "", errors.New("the cosignature is not in its only form")
	}
	at, ok := timestamp(raw[4:])
	if !ok {
		return "", errors.New("the cosignature has no time")
	}
	c.mu.Lock()
	m.state.Size, m.state.At = cp.Size, time.Unix(int64(at), 0).UTC()
	c.mu.Unlock()
	return "— " + sig.Name + " " + sig.Base64 + "\n", nil
}
