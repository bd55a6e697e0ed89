// Package control is what an organisation says and shows about the requirements
// of its frameworks: one record a requirement (status, applicability, reason,
// role), evidence objects that count for many requirements at once, and a target
// date for each framework.
//
// Everything that follows from these is computed by pure functions: what the
// evidence covers (Coverage), what is missing where (Gap), the statement of
// applicability (SoA), the plan backwards from the target date (Plan), what is
// open in each phase of Plan-Do-Check-Act (Cycle), what a certifier would ask
// for (Ready), and how standards and law stand, each for itself (Standing).
// They know no store and read no clock.
//
//	said := control.Said{Records: records, Covered: control.Coverage(lib, evidence, now), Measured: measured}
//	gap := control.Gap(lib, fw, said, now)
//	plan := control.Plan(gap, target, now)
//
// Rules that hold everywhere here: a requirement counts as applicable until
// somebody rules it out with a reason. Expired evidence never counts and is
// always named. "Met" without evidence is allowed and shown as said, not shown.
// What a check measured stands beside what a person judged; neither overwrites
// the other, and where both spoke the worse counts. A percentage is never given
// without its n and m.
//
// It leaves the frameworks, clauses and mappings to record/packs, measuring to
// prove/conform, files to record/vault, and reports to prove/report. Texts of
// records are the organisation's own, in its own language.
package control
