package packs

import (
	"path"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/policy"
)

// policy takes over a Cedar file; see package policy.
func (l *loading) policy(name, source string) {
	l.lib.policies = append(l.lib.policies, PolicyFile{Name: path.Base(name), Text: source})
	policy.Read(name, source, l)
}

// Cite records ids that must exist in some pack and returns them.
func (l *loading) Cite(ids ...form.Word) []string { return l.cite(ids) }
