package permit

// Types of journal entries that carry a permit; their data is an Entry and
// their subject the system's id.
const (
	TypeIssued    = "augenmass.permit.issued"
	TypeSuspended = "augenmass.permit.suspended"
	TypeRestored  = "augenmass.permit.restored"
)

// Entry is the data of a permit entry in the journal: the whole signed permit,
// so that an auditor can read from the journal alone what was allowed when.
type Entry struct {
	V         int    `json:"v"`
	Permit    Permit `json:"permit"`
	Key       string `json:"key"`       // name of the key that signed
	Signature string `json:"signature"` // base64 over Permit.Canonical
}
