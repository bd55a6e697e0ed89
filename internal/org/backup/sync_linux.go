package backup

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flushTree makes everything below dir durable: one flush of its file system
// instead of one per file. Linux reports write errors there since 5.8.
func flushTree(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	for {
		if err = unix.Syncfs(int(d.Fd())); !errors.Is(err, unix.EINTR) {
			return errors.Join(err, d.Close())
		}
	}
}
