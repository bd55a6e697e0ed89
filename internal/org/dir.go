package org

import "os"

// Dir is the organisation's folder, or that of the machine for what is
// temporary where the organisation has none. What is written into it besides
// the record is temporary and goes when it was sent.
func (g *Org) Dir() string {
	if g.o.Dir == "" || g.o.Database != "" {
		return os.TempDir()
	}
	return g.o.Dir
}
