//go:build !linux

package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// flushTree makes everything below dir durable, file by file.
func flushTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && runtime.GOOS == "windows" { // folders are not flushed there
			return err
		}
		flag := os.O_RDWR // Windows flushes only what may be written
		if e.IsDir() {
			flag = os.O_RDONLY
		}
		f, err := os.OpenFile(path, flag, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
