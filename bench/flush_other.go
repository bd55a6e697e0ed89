//go:build !linux

package main

import "os"

func flushData(f *os.File) error { return f.Sync() }
