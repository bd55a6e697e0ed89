package show

import (
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
	"augenmass/internal/prove/conform"
	"augenmass/internal/serve/web/ui"
)

// PermitMark is the state of a permit. A valid permit of a system in trial says
// so; whatever is not known to be valid is not shown as valid.
func PermitMark(c ui.Ctx, state permit.State, lifeCycle string) ui.Mark {
	switch {
	case state == permit.Valid && lifeCycle == "trial":
		return ui.Mark{Kind: ui.Warn, Word: c.T("show.permit.trial")}
	case state == permit.Valid:
		return ui.Mark{Kind: ui.OK, Word: c.T("show.permit.valid")}
	case state == permit.Suspended:
		return ui.Mark{Kind: ui.Stop, Word: c.T("show.permit.suspended")}
	}
	return ui.Mark{Kind: ui.None, Word: c.T("show.permit.none")}
}

// OutcomeMark is what became of an inference.
func OutcomeMark(c ui.Ctx, outcome string) ui.Mark {
	kind := ui.None
	switch entry.Outcome(outcome) {
	case entry.Released:
		kind = ui.OK
	case entry.Escalated:
		kind = ui.Warn
	case entry.Denied:
		kind = ui.Stop
	}
	return ui.Mark{Kind: kind, Word: Word(c, "outcome", outcome)}
}

// CaseMark is the state of a review case.
func CaseMark(c ui.Ctx, s oversee.State) ui.Mark {
	kind := ui.None
	switch s {
	case oversee.Open, oversee.SecondNeeded:
		kind = ui.Warn
	case oversee.Released, oversee.Changed:
		kind = ui.OK
	case oversee.Rejected, oversee.Expired:
		kind = ui.Stop
	}
	return ui.Mark{Kind: kind, Word: Word(c, "case", string(s))}
}

// ClassMark is a risk class under the AI Act. High is no fault: it is a triangle
// because it demands more, not a square.
func ClassMark(c ui.Ctx, class string) ui.Mark {
	kind := ui.None
	switch class {
	case permit.ClassMinimal, permit.ClassLimited:
		kind = ui.OK
	case permit.ClassHigh:
		kind = ui.Warn
	case permit.ClassProhibited:
		kind = ui.Stop
	case "":
		class = permit.ClassUnclear
	}
	return ui.Mark{Kind: kind, Word: Word(c, "class", class)}
}

// PostureMark is the state of a device at its last check.
func PostureMark(c ui.Ctx, s identity.PostureState) ui.Mark {
	kind := ui.None
	switch s {
	case identity.PostureOK:
		kind = ui.OK
	case identity.PostureDegraded:
		kind = ui.Stop
	case "":
		s = identity.PostureUnknown
	}
	return ui.Mark{Kind: kind, Word: Word(c, "posture", string(s))}
}

// LifeMark is the stage of a system's life.
func LifeMark(c ui.Ctx, stage string) ui.Mark {
	kind := ui.None
	switch stage {
	case "operation":
		kind = ui.OK
	case "trial":
		kind = ui.Warn
	case "":
		stage = "idea"
	}
	return ui.Mark{Kind: kind, Word: Word(c, "life", stage)}
}

// StatusMark is the measured status of a check or a requirement.
func StatusMark(c ui.Ctx, s conform.Status) ui.Mark {
	kind := ui.None
	switch s {
	case conform.Met:
		kind = ui.OK
	case conform.Partly:
		kind = ui.Warn
	case conform.NotMet:
		kind = ui.Stop
	case "":
		s = conform.Unmeasured
	}
	return ui.Mark{Kind: kind, Word: Word(c, "status", string(s))}
}

// VerdictMark is the result of the identification, "Is this AI?".
func VerdictMark(c ui.Ctx, verdict string) ui.Mark {
	kind := ui.OK
	if verdict == "" {
		verdict = "unclear"
	}
	if verdict == "unclear" {
		kind = ui.None
	}
	return ui.Mark{Kind: kind, Word: Word(c, "verdict", verdict)}
}

// ReviewMark is what a person said about a review case.
func ReviewMark(c ui.Ctx, v entry.Verdict) ui.Mark {
	kind := ui.None
	switch v {
	case entry.Confirm, entry.Change:
		kind = ui.OK
	case entry.Reject:
		kind = ui.Stop
	case entry.Second:
		kind = ui.Warn
	}
	return ui.Mark{Kind: kind, Word: Word(c, "review", string(v))}
}
