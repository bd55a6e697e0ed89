package risk

import (
	"cmp"
	"slices"
	"strconv"

	"augenmass/internal/record/store"
)

// Steps is how many levels likelihood and severity have; 1 is the lowest.
const Steps = 5

// Level is a field of the matrix in words of a code; packs hold the words that
// people read.
type Level string

// The levels from low to very high. Unrated: somebody has yet to say.
const (
	Unrated  Level = "unrated"
	Low      Level = "low"
	Medium   Level = "medium"
	High     Level = "high"
	VeryHigh Level = "very_high"
)

// Values lists the levels from low to very high.
func (Level) Values() []string {
	return []string{string(Low), string(Medium), string(High), string(VeryHigh)}
}

// Levels lists the levels from low to very high.
func Levels() []Level { return []Level{Low, Medium, High, VeryHigh} }

// fields is the matrix: likelihood 1 to 5 downwards, severity 1 to 5 across. It is
// our own convention. It grows in both directions, the gravest severity is never
// low, and the two examples of the catalogue come out as its authors put them:
// medium likelihood and high impact make high, high and high make very high.
var fields = [Steps][Steps]Level{
	{Low, Low, Low, Medium, Medium},
	{Low, Low, Medium, Medium, High},
	{Low, Medium, Medium, High, VeryHigh},
	{Low, Medium, High, VeryHigh, VeryHigh},
	{Medium, Medium, High, VeryHigh, VeryHigh},
}

// LevelOf is the level of a field of the matrix; Unrated outside of 1 to Steps.
func LevelOf(likelihood, severity int) Level {
	if likelihood < 1 || likelihood > Steps || severity < 1 || severity > Steps {
		return Unrated
	}
	return fields[likelihood-1][severity-1]
}

// Rank orders levels; Unrated lies above medium and below high, so that what
// nobody rated is never hidden behind what somebody did.
func (l Level) Rank() int {
	return slices.Index([]Level{Low, Medium, Unrated, High, VeryHigh}, l)
}

// Grave reports whether the level needs somebody who accepts it.
func (l Level) Grave() bool { return l == High || l == VeryHigh }

// highest is the highest level over kinds of impact, from the first list that has
// a rating for it.
func highest(impacts []Impact, first, second []Rating) Level {
	out := Level("")
	for _, i := range impacts {
		l := Unrated
		if x, ok := of(first, i); ok {
			l = x.Level()
		} else if x, ok := of(second, i); ok {
			l = x.Level()
		}
		if out == "" || l.Rank() > out.Rank() {
			out = l
		}
	}
	if out == "" {
		return Unrated
	}
	return out
}

// Field is one field of the matrix with the risks in it.
type Field struct {
	Likelihood, Severity int
	Level                Level
	Risks                []string // ids; each risk once, at its highest rating
}

// Matrix is all fields, the highest likelihood first, and how many risks lie in
// none because nobody rated them yet.
type Matrix struct {
	Rows    [Steps][Steps]Field // likelihood 5 to 1 downwards, severity 1 to 5 across
	Unrated []string
}

// MatrixOf sorts risks into the matrix, as they are before treatment or as they
// are left after it. A risk stands where its gravest kind of impact stands: the
// highest decides, nothing is added up.
func MatrixOf(all []store.Object[Risk], after bool) Matrix {
	var m Matrix
	for row := range m.Rows {
		for col := range m.Rows[row] {
			l, s := Steps-row, col+1
			m.Rows[row][col] = Field{Likelihood: l, Severity: s, Level: LevelOf(l, s)}
		}
	}
	for _, o := range all {
		x, ok := o.Doc.gravest(after)
		if !ok {
			m.Unrated = append(m.Unrated, o.ID)
			continue
		}
		f := &m.Rows[Steps-x.Likelihood][x.Severity-1]
		f.Risks = append(f.Risks, o.ID)
	}
	return m
}

// gravest is the rating that decides: the highest level, then the gravest, then
// the likeliest. None while a kind of impact has no rating.
func (r *Risk) gravest(after bool) (out Rating, ok bool) {
	if !r.Rated() {
		return out, false
	}
	for _, i := range r.Impacts {
		x, _ := of(r.Before, i)
		if after {
			x, _ = r.Left(i)
		}
		if !ok || cmp.Or(cmp.Compare(x.Level().Rank(), out.Level().Rank()), cmp.Compare(x.Severity, out.Severity), cmp.Compare(x.Likelihood, out.Likelihood)) > 0 {
			out, ok = x, true
		}
	}
	return out, ok && LevelOf(out.Likelihood, out.Severity) != Unrated
}

// Gravest is the rating that decides before treatment, or after it.
func (r *Risk) Gravest(after bool) (Rating, bool) { return r.gravest(after) }

func itoa(i int) string { return strconv.Itoa(i) }
