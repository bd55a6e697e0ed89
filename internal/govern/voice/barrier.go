package voice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Obstacles are what keeps people from using AI well (requirement 003-06), in the
// order in which they are asked.
var Obstacles = []string{"security", "privacy", "funding", "staff", "skills", "no_solution"}

// Least is the smallest number of answers that is ever shown, and the step in
// which shown numbers move: between two states that anybody can see lie the
// answers of five people at least, so nobody's own can be worked out.
const Least = 5

// obstacleCount counts in one quarter who named an obstacle; the row without an
// obstacle counts the forms.
type obstacleCount struct {
	Quarter  string `json:"quarter" store:"key"`
	Obstacle string `json:"obstacle" store:"key"`
	N        int64  `json:"n"`
	Shown    int64  `json:"shown"` // as of the last full step of Least forms
}

// obstacleGiven says that somebody took part in a quarter, not what was said.
type obstacleGiven struct {
	Quarter string `json:"quarter" store:"key"`
	Token   string `json:"token" store:"key"` // hash of quarter and person
}

// Barriers is the question about obstacles: counts by quarter and nothing else.
// No answer is kept, nor who gave it, nor when.
type Barriers struct {
	counts *store.Table[obstacleCount]
	given  *store.Table[obstacleGiven]
	now    func() time.Time
	db     *store.DB
}

// NewBarriers declares the tables; Open gives them the database.
func NewBarriers(now func() time.Time) *Barriers {
	return &Barriers{counts: store.NewTable[obstacleCount]("obstacle_count"), given: store.NewTable[obstacleGiven]("obstacle_given"), now: now}
}

// Tables lists what is stored.
func (b *Barriers) Tables() []store.AnyTable { return []store.AnyTable{b.counts, b.given} }

// Open gives the question its database.
func (b *Barriers) Open(db *store.DB) { b.db = db }

// Quarter is the quarter of a day, "2026-Q4".
func Quarter(t time.Time) string {
	t = t.UTC()
	return strconv.Itoa(t.Year()) + "-Q" + strconv.Itoa((int(t.Month())-1)/3+1)
}

// Give counts the form of the person who acts, once a quarter (Conflict the second
// time). Naming nothing counts as a form, too.
func (b *Barriers) Give(ctx context.Context, named []string) error {
	who, ok := store.ActorFrom(ctx)
	if !ok {
		return problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	var c problem.Checks
	for _, n := range named {
		c.Field(slices.Contains(Obstacles, n), "obstacles", "Dieses Hemmnis steht nicht zur Wahl.", "This obstacle is not on offer.")
	}
	if err := c.Err(); err != nil {
		return err
	}
	quarter := Quarter(b.now())
	sum := sha256.Sum256([]byte("augenmass obstacles " + quarter + " " + who.ID))
	mine := obstacleGiven{quarter, hex.EncodeToString(sum[:])}
	return b.db.Write(ctx, func(tx *store.Tx) error {
		_, err := b.given.Get(ctx, tx, mine.Quarter, mine.Token)
		if err == nil {
			return problem.New(problem.Conflict, "Sie haben in diesem Vierteljahr schon geantwortet.", "You have answered in this quarter already.").
				WithHint("Im nächsten Vierteljahr wird wieder gefragt.", "The question comes again next quarter.")
		}
		if !problem.Is(err, problem.NotFound) {
			return err
		}
		if err := b.given.Put(ctx, tx, mine); err != nil {
			return err
		}
		return b.count(ctx, tx, quarter, named)
	})
}

func (b *Barriers) count(ctx context.Context, tx *store.Tx, quarter string, named []string) error {
	rows := make([]obstacleCount, 0, len(Obstacles)+1)
	for _, o := range append([]string{allForms}, Obstacles...) {
		row, err := b.counts.Get(ctx, tx, quarter, o)
		if problem.Is(err, problem.NotFound) {
			row, err = obstacleCount{Quarter: quarter, Obstacle: o}, nil
		}
		if err != nil {
			return err
		}
		if o == allForms || slices.Contains(named, o) {
			row.N++
		}
		rows = append(rows, row)
	}
	if rows[0].N%Least == 0 {
		for i := range rows {
			rows[i].Shown = rows[i].N
		}
	}
	return b.counts.Put(ctx, tx, rows...)
}

// allForms is the row that counts forms.
const allForms = "all"

// Season is one quarter as it may be seen.
type Season struct {
	Quarter string
	Forms   int64            // shown forms, a multiple of Least; 0: too few to show anything
	Named   map[string]int64 // obstacle → how many of these forms name it; nil while too few
}

// Trend returns every quarter with answers, oldest first: one query. Of quarters
// with too few it says only that there are too few.
func (b *Barriers) Trend(ctx context.Context) ([]Season, error) {
	page, err := b.counts.List(ctx, b.db, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	by := map[string]*Season{}
	var out []*Season
	for _, row := range page.Items {
		s, ok := by[row.Quarter]
		if !ok {
			s = &Season{Quarter: row.Quarter}
			by[row.Quarter] = s
			out = append(out, s)
		}
		switch {
		case row.Shown < Least && row.Obstacle == allForms:
		case row.Obstacle == allForms:
			s.Forms = row.Shown
		default:
			if s.Named == nil {
				s.Named = map[string]int64{}
			}
			s.Named[row.Obstacle] = row.Shown
		}
	}
	seasons := make([]Season, 0, len(out))
	for _, s := range out {
		if s.Forms == 0 {
			s.Named = nil
		}
		seasons = append(seasons, *s)
	}
	slices.SortFunc(seasons, func(a, b Season) int {
		if a.Quarter < b.Quarter {
			return -1
		}
		return 1
	})
	return seasons, nil
}
