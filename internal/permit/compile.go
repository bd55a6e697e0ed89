package permit

import "time"

// Compile turns facts into the permit for the instant at.
func Compile(f Facts, at time.Time) Permit {
	return Permit{System: f.System, Name: f.Name, Number: f.Number, State: None, CompiledAt: at.UTC(), Role: f.Role, Class: f.Class}
}

// At returns the permit as it stands at now.
func (p Permit) At(now time.Time) Permit { return p }

// Canonical returns the permit as canonical JSON (RFC 8785), the bytes to sign.
func (p Permit) Canonical() []byte { return nil }
