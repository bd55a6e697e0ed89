// Package milltest gives tests the public AI4I 2020 file where it is present.
// The file is not part of the project.
package milltest

import (
	"os"
	"path/filepath"
	"testing"
)

// PublicFile returns the bytes of ai4i2020.csv from the folder of shared data:
// AUGENMASS_SHARED, or "shared" beside the module. Without the file the test is
// skipped; in CI, a folder that was named and does not hold it is a failure.
func PublicFile(t testing.TB) []byte {
	t.Helper()
	folder := os.Getenv("AUGENMASS_SHARED")
	named := folder != ""
	if !named {
		folder = filepath.Join(moduleRoot(t), "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(folder, "data", "ai4i2020", "ai4i2020.csv"))
	switch {
	case err == nil:
		return data
	case named && os.Getenv("CI") == "true":
		t.Fatalf("AUGENMASS_SHARED is set, but the public data cannot be read: %v", err)
	default:
		t.Skipf("the public AI4I 2020 file is not here (%v); set AUGENMASS_SHARED to run this test", err)
	}
	return nil
}

// moduleRoot is the nearest folder above the test that holds go.mod.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}
