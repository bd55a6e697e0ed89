package serve_test

import (
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/serve"
)

// An address in use is somebody else's; one that is none is the caller's slip.
func TestListen(t *testing.T) {
	l, err := serve.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was written
	for address, want := range map[string]problem.Kind{
		l.Addr().String(): problem.Unavailable,
		"nonsense":        problem.BadInput,
		"127.0.0.1:99999": problem.BadInput,
	} {
		if got, err := serve.Listen(t.Context(), address); !problem.Is(err, want) {
			t.Errorf("%s: %v, %v; want %s", address, got, err, want)
		}
	}
}
