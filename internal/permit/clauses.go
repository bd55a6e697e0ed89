package permit

import "slices"

// basis lists the clauses that demand a condition or a lapse, by whom they
// bind. Ids are those of the knowledge packs.
//
// Articles of the AI Act that bind high-risk systems only (Art. 8 to 15, 26)
// are cited for class high alone; every other system rests on the requirement
// of the zero-trust catalogue and the ISO/IEC 42001 control. Who runs a system
// under its own authority is its deployer (Art. 3(4)), whatever else it is, so
// the deployer's articles are cited for every high-risk system; the provider's
// only if the organisation builds it (Art. 3(3), 25(3)). The date from which an
// article applies is the clause's own; a permit always carries at least one
// clause that holds today.
type basis struct {
	always   []string
	ot       []string // a security level is set (IEC 62443)
	people   []string // it affects or rates people
	deployer []string // class high
	provider []string // class high, and built under the organisation's own name
}

// law says which parts of a basis bind a system.
type law struct{ high, builds, people, ot bool }

func lawOf(f Facts) law {
	return law{
		high:   f.Class == ClassHigh,
		builds: f.Role == "provider" || f.Role == "product_manufacturer",
		people: f.People,
		ot:     f.SLTarget > 0,
	}
}

// clauses returns the ids that bind, in the order of the basis, without
// repetition, followed by more.
func (l law) clauses(b basis, more ...string) []string {
	out := []string{}
	add := func(ids []string) {
		for _, id := range ids {
			if id != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	add(b.always)
	if l.ot {
		add(b.ot)
	}
	if l.people {
		add(b.people)
	}
	if l.high {
		add(b.deployer)
		if l.builds {
			add(b.provider)
		}
	}
	add(more)
	return out
}

// Classes of the AI Act as Facts.Class spells them.
const (
	ClassProhibited = "prohibited"
	ClassHigh       = "high"
	ClassLimited    = "limited"
	ClassMinimal    = "minimal"
	ClassUnclear    = "unclear"
	ClassNone       = "none" // not AI: the AI Act gives it no class
)

// Why each condition is there. The numbers 0.85 and 0.10 stand in no standard
// (they are the house's own convention, requirement ZTA-05): a default is
// therefore based on ZTA-05 alone, a limit that people set also on the control
// under which they set it.
var (
	basisConvention = basis{always: []string{"zta.05"}}
	basisPurpose    = basis{
		always:   []string{"iso42001.A.9.4"},
		people:   []string{"gdpr.5.1.b"},
		deployer: []string{"aia.art26.1"},
	}
	basisConfidence = basis{
		always:   []string{"zta.05", "iso42001.A.6.2.6"},
		deployer: []string{"aia.art26.2"},
		provider: []string{"aia.art14.1", "aia.art14.3"},
	}
	basisDrift = basis{
		always:   []string{"zta.05", "iso42001.A.6.2.6"},
		deployer: []string{"aia.art26.5"},
		provider: []string{"aia.art15.4", "aia.art72.1"},
	}
	basisBias = basis{
		always:   []string{"iso42001.A.5.4", "iso42001.A.7.4"},
		people:   []string{"gdpr.5.1.a", "agg"},
		deployer: []string{"aia.art26.4"},
		provider: []string{"aia.art10.2.f"},
	}
	basisZone    = basis{always: []string{"zta.06"}, ot: []string{"iec.sr.5.1", "iec.sr.5.2"}}
	basisPosture = basis{always: []string{"zta.11", "zt.tenet.5"}}
	basisPlant   = basis{
		always:   []string{"zta.01", "zt.tenet.4"},
		deployer: []string{"aia.art26.5"},
	}
	basisTimeout = basis{
		always:   []string{"zta.05", "zta.15"},
		provider: []string{"aia.art15.4"},
	}
	basisOversight = basis{
		always:   []string{"zta.05", "iso42001.A.9.2"},
		people:   []string{"gdpr.22"},
		deployer: []string{"aia.art26.2", "aia.art26.5"},
		provider: []string{"aia.art14.1", "aia.art14.4.d", "aia.art14.4.e"},
	}
	basisReview = basis{
		always:   []string{"zta.05", "iso42001.A.9.2"},
		deployer: []string{"aia.art26.2"},
	}
	basisFallback = basis{
		always:   []string{"zta.05"},
		ot:       []string{"iec.ccsc.4.2", "iec.sr.3.6"},
		provider: []string{"aia.art14.4.e"},
	}
	basisRetention = basis{
		always:   []string{"gdpr.5.1.e", "zta.04", "iso42001.A.6.2.8"},
		people:   []string{"betrvg.87.1.6"},
		deployer: []string{"aia.art26.6"},
		provider: []string{"aia.art19.1"},
	}
	basisSubjects = basis{
		always: []string{"zta.13", "iso42001.A.4.3"},
		people: []string{"gdpr.5.1.c", "betrvg.87.1.6"},
	}
)

// Why each lapse switches a permit off.
var (
	basisStopped = basis{
		always:   []string{"zta.05", "iso42001.A.9.2"},
		deployer: []string{"aia.art26.5"},
		provider: []string{"aia.art14.4.e"},
	}
	// The prohibitions of Art. 5 apply since 2 February 2025 (Art. 113(a)); the
	// classification names the letter.
	basisProhibited = basis{always: []string{"aia.date.2025-02-02"}}
	basisRetired    = basis{always: []string{"zta.08", "iso42001.A.6.2.6"}}
	basisVerdict    = basis{always: []string{"aia.def.1", "iso42001.4.3"}}
	basisClass      = basis{always: []string{"iso42001.6.1.2"}}
	basisClassEnd   = basis{always: []string{"iso42001.8.2"}}
	basisApproval   = basis{
		always:   []string{"iso42001.A.6.2.5", "iso42001.A.3.2"},
		deployer: []string{"aia.art26.1"},
	}
	basisFourEyes = basis{always: []string{"iso42001.A.3.2"}, ot: []string{"iec.sr.2.1"}}
	// The data protection officer's advice is sought where one is designated.
	basisProtection = basis{always: []string{"gdpr.35.2"}}
	basisEthics     = basis{always: []string{"iso42001.A.5.4"}}
	basisAgreement  = basis{
		always:   []string{"betrvg.87.1.6"},
		people:   []string{"gdpr.88"},
		deployer: []string{"aia.art26.7"},
	}
	basisAssessment = basis{always: []string{"iso42001.8.4"}}
	basisAIIA       = basis{always: []string{"iso42001.6.1.4", "iso42001.8.4"}}
	basisDPIA       = basis{always: []string{"gdpr.35.1"}}
	basisFRIA       = basis{always: []string{"aia.art27.1"}}
	basisFinding    = basis{always: []string{"iso42001.10.2"}}
	basisOversee    = basis{
		always:   []string{"zta.05"},
		deployer: []string{"aia.art26.2"},
		provider: []string{"aia.art14.1"},
	}
	basisOwner   = basis{always: []string{"iso42001.A.3.2", "iso42001.5.3"}}
	basisDecider = basis{
		always:   []string{"zta.05", "iso42001.A.3.2"},
		deployer: []string{"aia.art26.2"},
	}
	basisReviewDay = basis{always: []string{"iso42001.8.2", "iso42001.A.6.2.6"}}
	basisModel     = basis{always: []string{"zta.03", "iso42001.A.4.2"}}
	basisCard      = basis{
		always:   []string{"iso42001.A.6.2.7", "iso42001.A.8.2"},
		deployer: []string{"aia.art26.1"},
		provider: []string{"aia.art11.1"},
	}
	basisIdea = basis{always: []string{"zta.08", "iso42001.A.6.2.5"}}
)
