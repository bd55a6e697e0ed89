package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/server"

	"augenmass/internal/record/ledger"
)

// opaPath is where OPA's server decides.
const opaPath = "/v1/data/work/answer"

// opaServer is OPA's own HTTP handler as a server of the benchmark, in its
// lightest form: no decision log, no metrics, no authentication, the policies as
// rules (in process the faster form). Arguments: policies, seed.
func opaServer(ctx context.Context, args []string) (http.Handler, io.Closer, error) {
	if len(args) != 2 {
		return nil, nil, errors.New("arguments: policies, seed")
	}
	n, err1 := strconv.Atoi(args[0])
	seed, err2 := strconv.ParseUint(args[1], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	store := opaStore(map[string]any{})
	manager, err := plugins.New(nil, "bench", store)
	if err != nil {
		return nil, nil, err
	}
	if err := manager.Start(ctx); err != nil {
		return nil, nil, err
	}
	s, err := server.New().WithStore(store).WithManager(manager).Init(ctx)
	if err != nil {
		return nil, nil, err
	}
	put := httptest.NewRequestWithContext(ctx, http.MethodPut, "/v1/policies/work", strings.NewReader(opaRules(newDecideWork(n, 0, seed))))
	res := httptest.NewRecorder()
	s.Handler.ServeHTTP(res, put)
	if res.Code != http.StatusOK {
		return nil, nil, fmt.Errorf("OPA does not take the policies: status %d: %s", res.Code, res.Body)
	}
	return s.Handler, closing(func() error { return s.Shutdown(context.WithoutCancel(ctx)) }), nil
}

// closing is a function to be called at the end.
type closing func() error

func (f closing) Close() error { return f() }

// opaBody is request i of a work as OPA's server takes it.
func opaBody(w *decideWork, i int) ([]byte, error) {
	return json.Marshal(map[string]any{"input": opaInput(w, w.requests[i])})
}

// opaAnswered reads what OPA's server answered.
func opaAnswered(body []byte) (workAnswer, error) {
	var a struct {
		Result any `json:"result"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return workAnswer{}, err
	}
	return opaReads(a.Result)
}

// noopServer reads a request and says yes: what HTTP itself costs here. Given
// "journal" or "bare" and a folder, it also makes an entry of the size of a
// decision durable before it answers, in a journal or in a bare log: what the
// promise costs on this disk, without any decision.
func noopServer(_ context.Context, args []string) (http.Handler, io.Closer, error) {
	yes := []byte(`{"decision":true,"context":{}}`)
	keep, closer := func(context.Context) error { return nil }, io.NopCloser(nil).(io.Closer)
	e := entryOf(rand.New(rand.NewPCG(0, 0)))
	if len(args) == 2 && args[0] == "journal" {
		j, err := ledger.Open(ledger.Options{Dir: args[1], Origin: "example.com/bench"})
		if err != nil {
			return nil, nil, err
		}
		keep, closer = func(ctx context.Context) error {
			_, err := j.Append(ctx, e)
			return err
		}, j
	} else if len(args) == 2 && args[0] == "bare" {
		l, err := openBare(args[1])
		if err != nil {
			return nil, nil, err
		}
		keep, closer = func(context.Context) error { return l.keep(e) }, l
	} else if len(args) > 0 {
		return nil, nil, errors.New("arguments: none, or journal or bare and a folder")
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		if err := keep(r.Context()); err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		if _, err := rw.Write(yes); err != nil {
			panic(http.ErrAbortHandler)
		}
	}), closer, nil
}
