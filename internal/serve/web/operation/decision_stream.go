package operation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/record/ledger"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// Pace of the stream. A busy line journals thousands of decisions a second; a
// page shows the newest few of each beat, and the journal has them all.
const (
	beat               = 250 * time.Millisecond // between two bundles of rows
	pulse              = 15 * time.Second       // sign of life
	mostRowsInABeat    = 12
	mostEntriesInABeat = 2000 // that are looked at
)

// decisionStream sends decisions as rows of the live strip, as they are
// journaled. It ends the moment the session does, or the role that reads them.
func decisionStream(r *page.Request) error {
	if err := mustRead(r, "journal"); err != nil {
		return err
	}
	live, err := r.Org.Follow(r.Context(), r.Who, "journal")
	if err != nil {
		return err
	}
	defer live.Release()
	ctx, end := live.Context(r.Context())
	defer end()
	s := &stream{r: r, control: http.NewResponseController(r.W), system: r.Query("system"), names: show.People{}}
	h := r.W.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy must not collect what is meant to be live
	r.W.WriteHeader(http.StatusOK)
	if err := s.run(ctx, r.Org.Journal); err != nil && ctx.Err() == nil {
		r.Log.Warn("operation: the stream of decisions ended", "err", err)
	}
	return nil // the answer has begun; there is no page to show a problem on
}

type stream struct {
	r       *page.Request
	control *http.ResponseController
	system  string
	names   show.People
}

// run follows the journal from its present end.
func (s *stream) run(ctx context.Context, j ledger.Book) error {
	next := j.Size()
	if err := s.comment("open"); err != nil {
		return err
	}
	seen := s.r.Now()
	for {
		wait, end := context.WithTimeout(ctx, pulse)
		err := j.Wait(wait, next)
		quiet := wait.Err() != nil
		end()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !quiet {
			return err
		}
		if quiet || s.r.Now().Sub(seen) > pulse {
			seen = s.r.Now()
			if err := s.comment("alive"); err != nil {
				return err
			}
		}
		if size := j.Size(); size > next {
			if size-next > mostEntriesInABeat {
				next = size - mostEntriesInABeat
			}
			if err := s.send(ctx, j, next, size); err != nil {
				return err
			}
			next = size
			pause(ctx, beat)
		}
	}
}

// send writes the newest decisions among the entries [from, to), oldest first.
func (s *stream) send(ctx context.Context, j ledger.Book, from, to uint64) error {
	type row struct {
		index uint64
		event ledger.Event
	}
	var rows []row
	for rec, err := range j.Entries(ctx, from, to) {
		if err != nil {
			return err
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			return err
		}
		if e.Type != entry.TypeInference || s.system != "" && e.Subject != s.system {
			continue
		}
		rows = append(rows, row{rec.Index, e})
		if len(rows) > mostRowsInABeat {
			rows = rows[1:]
		}
	}
	s.r.C.Now = s.r.Now()
	for _, one := range rows {
		if err := s.name(ctx, one.event.Subject); err != nil {
			return err
		}
		view, ok := show.StreamEntry(s.r.C, one.index, one.event, s.names)
		if !ok {
			continue
		}
		if err := ui.WriteEvent(ctx, s.r.W, strconv.FormatUint(one.index, 10), ui.StreamFragment(s.r.C, view)); err != nil {
			return err
		}
	}
	return s.flush()
}

// name learns the name of a system, once a stream.
func (s *stream) name(ctx context.Context, system string) error {
	if _, known := s.names[system]; known || system == entry.UnknownSubject {
		return nil
	}
	found, err := show.Names(ctx, s.r.Org.DB, system)
	s.names[system] = found[system]
	return err
}

func (s *stream) comment(word string) error {
	if _, err := fmt.Fprintf(s.r.W, ": %s\n\n", word); err != nil {
		return err
	}
	return s.flush()
}

func (s *stream) flush() error {
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
