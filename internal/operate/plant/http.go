package plant

import (
	"context"
	"net/http"
	"time"

	"augenmass/internal/operate/wire"
	"augenmass/internal/problem"
)

// maxSignal is the largest signal in bytes.
const maxSignal = 4 << 10

// Caller is the device or workload that reports.
type Caller struct {
	ID   string
	Kind string // device or workload
	Zone string // the only zone it may report about
}

// Authenticate says who calls; an error of kind Unsigned becomes 401.
type Authenticate func(*http.Request) (Caller, error)

// Handler takes signals at POST /plant/signals:
//
//	{"zone": "fraeserei", "state": "running", "at": "2026-11-21T10:00:00Z"}
//
// 204 when taken, 400 with every wrong field, 401, 403 for a caller of another
// zone or a person, 409 for a signal older than the last, 413, 415. A reported
// state is a measurement, not an act, so it is not journaled by itself: each
// inference entry carries the state that counted.
func (p *Plant) Handler(who Authenticate) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/plant/signals", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, r, http.StatusMethodNotAllowed, problem.New(problem.BadInput,
				"Diese Adresse nimmt nur POST an.", "This address takes POST only."))
			return
		}
		if status, err := p.take(w, r, who); err != nil {
			refuse(w, r, status, problem.From(err))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func refuse(w http.ResponseWriter, r *http.Request, status int, p *problem.Problem) {
	if status == 0 {
		status = wire.Status(p.Kind)
	}
	// The device left before it could read why; there is nobody else to tell.
	_ = wire.Problem(w, r, status, p, nil)
}

// take reads one signal; a status of 0 goes by the problem's kind.
func (p *Plant) take(w http.ResponseWriter, r *http.Request, who Authenticate) (int, error) {
	caller, err := who(r)
	if err != nil {
		return 0, err
	}
	body, status, pr := wire.Body(w, r, maxSignal)
	if pr != nil {
		return status, pr
	}
	zone, state, at, err := readSignal(body)
	if err != nil {
		return 0, err
	}
	if (caller.Kind != "device" && caller.Kind != "workload") || caller.Zone == "" || caller.Zone != zone {
		return 0, problem.New(problem.Denied, "Dieses Gerät darf für diese Zone nichts melden.", "This device may not report for this zone.").
			WithReason("plant.other_zone", "Melden dürfen nur Geräte und Programme derselben Zone.",
				"Only devices and workloads of the same zone may report.", "iec.sr.2.1")
	}
	return 0, p.Signal(context.WithoutCancel(r.Context()), zone, state, at)
}

func readSignal(body []byte) (zone, state string, at time.Time, err error) {
	v, err := wire.Read(body)
	if err != nil {
		return "", "", at, problem.New(problem.BadInput, "Das Signal ist kein gültiges JSON.", "The signal is not valid JSON.").
			WithField("", "Nicht lesbar: "+err.Error(), "Not readable: "+err.Error()).Wrap(err)
	}
	var c wire.Checker
	if c.Is(v, wire.Object, "") {
		c.Only(v, "", "zone", "state", "at")
		zone, state = c.Text(v, "zone"), c.Text(v, "state")
		if s := c.Text(v, "at"); s != "" {
			at, err = time.Parse(time.RFC3339Nano, s)
			c.Field(err == nil, "at", "Erwartet wird ein Zeitpunkt wie 2026-11-21T10:00:00Z.", "Expected is an instant such as 2026-11-21T10:00:00Z.")
		}
	}
	return zone, state, at, c.Err()
}
