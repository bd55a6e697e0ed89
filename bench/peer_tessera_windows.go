package main

import (
	"context"
	"errors"
	"time"
)

// Tessera's POSIX storage does not compile for Windows, so L1 cannot run there.
var errNoTessera = errors.New("Tessera's POSIX storage does not run on Windows")

func bestTessera(context.Context, settings, int, time.Duration) (contestant, []row, error) {
	return contestant{}, nil, errNoTessera
}

func sameTree(context.Context, settings) error { return errNoTessera }
