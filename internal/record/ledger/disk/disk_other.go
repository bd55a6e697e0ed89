//go:build !linux

package disk

import (
	"errors"
	"os"
)

func canSyncVolume() bool { return false }

// allocate does nothing here: the zeros that follow take the blocks.
func allocate(*os.File, int64) error { return nil }

// flushData is a full flush; on macOS Go asks the drive itself (F_FULLFSYNC).
func flushData(f *os.File) error { return f.Sync() }

func syncVolume(string) error { return errors.ErrUnsupported }

// beginWriting is a hint that only Linux takes.
func beginWriting(*os.File) {}
