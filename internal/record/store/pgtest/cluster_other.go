//go:build !unix

package pgtest

// cluster exists on Unix only; elsewhere AUGENMASS_TEST_POSTGRES names a server.
type cluster struct{ url string }

func begin() (*cluster, error) { return nil, errNone }

func (*cluster) start() error { return errNone }
func (*cluster) stop() error  { return errNone }
func (*cluster) end() error   { return nil }
