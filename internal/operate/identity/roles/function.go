package roles

import (
	"slices"

	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Function is an office that is named on a person beside the roles: it signs in
// a place of its own on a system's permit (requirement 001-02), and reads what
// it signs. It is no role: it decides no cases, stops nothing and keeps no
// register. A house need not have any; where one is named, its signature is
// asked for.
type Function string

// The functions.
const (
	DataProtection Function = "data_protection"      // GDPR Art. 35(2), 39
	Ethics         Function = "ethics"               //
	Security       Function = "information_security" // CISO
)

// Values lists the functions.
func (Function) Values() []string {
	return []string{string(DataProtection), string(Ethics), string(Security)}
}

// functionInfos describes them to people.
var functionInfos = []Info{
	{Role(DataProtection), bi("Datenschutz", "Data protection"), bi("berät und zeichnet ab, was über Menschen entscheidet", "advises on and signs what decides about people"), true},
	{Role(Ethics), bi("Ethik", "Ethics"), bi("zeichnet ab, wo Menschen bewertet werden", "signs where people are rated"), false},
	{Role(Security), bi("Informationssicherheit", "Information security"), bi("zeichnet auf Wunsch die Sicherheit mit", "may sign for security as well"), true},
}

// owner is the place that belongs to the AI risk owner of each system. Nobody
// holds it as a function: the system names its owner.
var owner = Info{Role: "risk_owner", Title: bi("Risikoverantwortung", "AI risk owner"), Does: bi("verantwortet das Risiko dieses Systems", "is accountable for the risk of this system")}

// Functions describes the functions in their order.
func Functions() []Info { return slices.Clone(functionInfos) }

// Info describes a function; an unknown one has its own name as title.
func (f Function) Info() Info { return Role(f).Info() }

// Bars names functions that do not go with a role: who manages accounts or
// audits does not act, and whoever sets the purposes of processing does not
// watch over them as data protection officer (GDPR Art. 38(6)).
func (f Function) Bars(r Role) bool {
	return r == Admin || r == Auditor || f == DataProtection && r == Director
}

// functionGrants is what every function may do beyond the roles of its holder:
// read what stands in a dossier, sign it, take the signature back.
var functionGrants = map[string]string{
	"system": "r", "model": "r", "vendor": "r", "classification": "r", "assessment": "r", "agreement": "r",
	"approval": "rcua", "permit": "r", "risk": "r", "person": "r", "document": "r", "evidence": "r",
}

// place finds what is described beside the eight roles.
func place(r Role) (Info, bool) {
	if r == owner.Role {
		return owner, true
	}
	for _, i := range functionInfos {
		if i.Role == r {
			return i, true
		}
	}
	return Info{Role: r, Title: text.Same(string(r))}, false
}

// grantFunctions adds what functions may do to the table of roles.
func grantFunctions(g map[grant]bool) {
	for _, f := range functionInfos {
		for kind, cell := range functionGrants {
			for _, letter := range []byte(cell) {
				for _, a := range actionInfos {
					if a.letter == letter {
						g[grant{string(f.Role), kind, a.action}] = true
					}
				}
			}
		}
	}
}

// MayApprove reports whether one of the roles or functions may sign a dossier.
func MayApprove(held []string) bool {
	return Allowed(held, Approve, "approval") && Allowed(held, store.Create, "approval")
}
