//go:build unix

package policy

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used so far. On a machine that is shared it
// says more than the clock on the wall.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
