package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// canSyncVolume: one syncfs instead of a flush per file. It reports write
// errors since Linux 5.8; before that a barrier could lie.
func canSyncVolume() bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	major, minor, at := 0, 0, 0
	for ; at < len(u.Release) && '0' <= u.Release[at] && u.Release[at] <= '9'; at++ {
		major = major*10 + int(u.Release[at]-'0')
	}
	for at++; at < len(u.Release) && '0' <= u.Release[at] && u.Release[at] <= '9'; at++ {
		minor = minor*10 + int(u.Release[at]-'0')
	}
	return major > 5 || major == 5 && minor >= 8
}

// allocate reserves the blocks of a file, so that a full disk shows now and not
// in the middle of an append. Not every file system can; zeros do it then.
func allocate(f *os.File, size int64) error {
	err := again(func() error { return unix.Fallocate(int(f.Fd()), 0, 0, size) })
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return err
}

func flushData(f *os.File) error {
	return again(func() error { return unix.Fdatasync(int(f.Fd())) })
}

func syncVolume(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(again(func() error { return unix.Syncfs(int(d.Fd())) }), d.Close())
}

// again repeats a call that a signal interrupted before it did anything.
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// beginWriting lets the kernel start to write what a later flush of the volume
// will wait for, so that the flush, which also holds up the log beside it, is
// short. It is a hint; what it cannot do the flush does.
func beginWriting(f *os.File) {
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
}
