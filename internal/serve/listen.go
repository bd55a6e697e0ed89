package serve

import (
	"context"
	"errors"
	"net"
	"os"

	"augenmass/internal/problem"
)

// Listen takes an address for a server, "host:port". What the system refuses is
// Unavailable; what is no address of this form is BadInput.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	var refused *os.SyscallError
	if errors.As(err, &refused) {
		return nil, problem.Newf(problem.Unavailable, "Die Adresse %s ist nicht frei.", "The address %s is not free.", address).
			WithHint("Ein anderes Programm hat sie, dieser Rechner hat sie nicht, oder sie verlangt mehr Rechte. Mit --listen eine andere wählen.",
				"Another program has it, this machine does not have it, or it takes more rights. Choose another with --listen.").Wrap(err)
	}
	return nil, problem.Newf(problem.BadInput, "„%s“ ist keine Adresse, an der ein Server antworten kann.", "'%s' is no address that a server can answer on.", address).
		WithHint("Sie hat die Form Rechner:Port, zum Beispiel 127.0.0.1:8420.", "It has the form host:port, for example 127.0.0.1:8420.").Wrap(err)
}
