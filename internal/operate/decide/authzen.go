package decide

import (
	"context"
	"net/http"
)

// AuthZENOptions configure the AuthZEN handler of one organisation.
type AuthZENOptions struct {
	// Base is the path under which the organisation is mounted, without a
	// slash at the end ("/metallwerk"); empty for the root.
	Base string
	// URL is the public address of the server without Base
	// ("https://ki.example.org"). Empty: taken from the request.
	URL string
	// Authenticate returns the id of the calling enforcement point.
	Authenticate func(*http.Request) (caller string, err error)
	// Record writes a decision into the journal and returns its index. It is
	// called before every answer; if it fails, the answer is 503 and no
	// decision.
	Record func(ctx context.Context, d Decision, r Request, caller string) (index uint64, err error)
}

// AuthZEN returns the handler for {Base}/access/v1/evaluation, evaluations,
// {Base}/.well-known/authzen-configuration and
// /.well-known/authzen-configuration{Base} (AuthZEN Authorization API 1.0).
func AuthZEN(p *Point, o AuthZENOptions) http.Handler {
	return http.NotFoundHandler()
}
