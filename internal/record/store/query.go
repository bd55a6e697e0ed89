package store

// Query asks for one page of a list.
//
// Search wants every word to occur in the searched fields, anywhere, whatever
// the case and accents. Sort names an indexed field, id, title, created_at or
// updated_at; a minus in front turns it round; "" is by id, which is by age.
// Limit is 1..500, 0 means 50. Cursor is the Next of the page before, of the
// same query.
type Query struct {
	Filters []Filter
	Search  string
	Sort    string
	Cursor  string
	Limit   int
}

// Filter lets through what has the given values in an indexed field. Ops: =
// and != and < <= > >= take one value, in takes any number, has finds a value
// in a list, prefix the start of a text. Values are of the field's Go type or
// strings. Several filters all apply.
type Filter struct {
	Field  string
	Op     string
	Values []any
}

// Where is Filter{field, op, values}.
func Where(field, op string, values ...any) Filter { return Filter{field, op, values} }

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)
