package org

// Dir is the organisation's folder. What is written into it besides the record
// is temporary and goes when it was sent.
func (g *Org) Dir() string { return g.o.Dir }
