package control

import (
	"slices"
	"time"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Row is one row of the statement of applicability, with the columns of
// requirement 001-63.
type Row struct {
	Framework      string
	Standard       text.Bi // title of the framework
	Area           string
	Clause, Ref    string
	Title          text.Bi
	Applicable     Applicability
	Reason         string
	Implementation string
	Status         Status // what counts; see ItemView.Status
	Responsible    string // a role of the register; its title is the register's
	Evidence       []Closing
	SaidOnly       bool
	Decided        bool
	Lacks          []string // what a decision lacks: applicable, reason, responsible
}

// What a row can lack.
const (
	LacksDecision    = "applicable"
	LacksReason      = "reason"
	LacksResponsible = "responsible"
)

// SoA is the statement of applicability over frameworks: every row, decided or
// not (requirements 001-38, 001-63). Frameworks that do not belong into it are
// left out.
func SoA(lib Library, fws []packs.Framework, said Said, at time.Time) []Row {
	var rows []Row
	for _, fw := range fws {
		if !fw.SoA {
			continue
		}
		for _, v := range Gap(lib, fw, said, at).Items() {
			if v.Stated {
				rows = append(rows, row(fw, v))
			}
		}
	}
	return rows
}

func row(fw packs.Framework, v ItemView) Row {
	r := Row{Framework: fw.ID, Standard: fw.Title, Area: v.Area, Clause: v.Clause, Ref: v.Ref, Title: v.Title,
		Applicable: v.Record.Applicable, Reason: v.Record.Reason, Implementation: v.Record.Implementation,
		Status: v.Status, Responsible: v.Record.Responsible, Evidence: v.Cover.Closings, SaidOnly: v.SaidOnly()}
	r.Decided, r.Lacks = v.Record.Decided(), lacks(v.Record)
	return r
}

func lacks(r Record) []string {
	var out []string
	if r.Applicable == Undecided {
		out = append(out, LacksDecision)
	}
	if r.Reason == "" {
		out = append(out, LacksReason)
	}
	if r.Responsible == "" {
		out = append(out, LacksResponsible)
	}
	return out
}

// Decisions counts the rows that are decided with reason and role, and all of
// them; the statement is complete when both are equal.
func Decisions(rows []Row) (decided, all int) {
	for _, r := range rows {
		if r.Decided {
			decided++
		}
	}
	return decided, len(rows)
}

// UndecidedRows are the rows that lack something, in order.
func UndecidedRows(rows []Row) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Decided })
}
