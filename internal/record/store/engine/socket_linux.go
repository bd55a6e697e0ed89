package engine

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unacknowledged ends a connection whose packets nobody acknowledges; without
// it, Linux repeats them for a quarter of an hour.
func unacknowledged(network, _ string, c syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var set error
	err := c.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(deadTime.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return set
}
