package backup_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"augenmass/internal/org/backup"
	"augenmass/internal/problem"
)

// On a disk that fills up at any point of a restore nothing is left of it, and
// the organisation that was to be replaced is as it was.
func TestRestoreOnAFullDisk(t *testing.T) {
	w := newWorks(t)
	w.work(20)
	raw, _ := backupOf(t, w.dir, false)
	w.close()
	before := list(t, w.dir)
	for _, percent := range []int{1, 10, 40, 70, 95} {
		disk := filepath.Join(t.TempDir(), strconv.Itoa(percent))
		must(t, os.Mkdir(disk, 0o700))
		size := 4 * int64(len(raw))
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size="+strconv.FormatInt(size, 10)); err != nil {
			t.Skipf("no disk of its own: %v", err)
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		target := filepath.Join(disk, slug)
		must(t, os.CopyFS(target, os.DirFS(w.dir)))
		ballast := fill(t, disk, int64(len(raw))*int64(percent)/100) // room for a part
		_, err := restore(t, raw, func(o *backup.RestoreOptions) { o.Dir, o.Replace = target, true })
		if !problem.Is(err, problem.Unavailable) {
			t.Errorf("with room for %d %%: %v", percent, err)
		}
		if after := listed(t, target, w.dir); after != before {
			t.Errorf("with room for %d %% the old organisation changed", percent)
		}
		must(t, os.Remove(ballast))
	}
}

// fill leaves about free bytes on a disk.
func fill(t testing.TB, dir string, free int64) string {
	t.Helper()
	var s syscall.Statfs_t
	must(t, syscall.Statfs(dir, &s))
	n := int64(s.Bavail)*s.Bsize - free
	if n < 0 {
		t.Fatalf("the disk has %d bytes, not %d", n+free, free)
	}
	file := filepath.Join(dir, "ballast")
	must(t, os.WriteFile(file, make([]byte, n), 0o600))
	return file
}
