package logic

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// clause is a parsed condition; String gives it back as text.
type clause interface{ fmt.Stringer }

type (
	constant bool
	named    string // a bool or tri fact, or a definition
	negated  struct{ of clause }
	joined   struct {
		word        string // and, or
		left, right clause
	}
	isWord struct{ fact, op, word string } // role == "deployer"
	oneOf  struct {
		fact  string
		words []string
	}
	hasWord  struct{ word, set string } // "hiring" in areas
	isEmpty  struct{ set, op string }   // len(areas) == 0, len(areas) > 0
	compared struct {
		fact, op string
		number   int
	}
)

func (c constant) String() string { return strconv.FormatBool(bool(c)) }
func (c named) String() string    { return string(c) }
func (c negated) String() string {
	switch c.of.(type) {
	case constant, named, negated:
		return "not " + c.of.String()
	}
	return "not (" + c.of.String() + ")"
}
func (c joined) String() string { return c.part(c.left) + " " + c.word + " " + c.part(c.right) }

// part puts what binds less tightly into brackets.
func (c joined) part(of clause) string {
	if j, ok := of.(joined); ok && j.word != c.word {
		return "(" + of.String() + ")"
	}
	return of.String()
}
func (c isWord) String() string { return fmt.Sprintf("%s %s %q", c.fact, c.op, c.word) }
func (c oneOf) String() string {
	quoted := make([]string, len(c.words))
	for i, w := range c.words {
		quoted[i] = strconv.Quote(w)
	}
	return fmt.Sprintf("%s in [%s]", c.fact, strings.Join(quoted, ", "))
}
func (c hasWord) String() string  { return fmt.Sprintf("%q in %s", c.word, c.set) }
func (c isEmpty) String() string  { return fmt.Sprintf("len(%s) %s 0", c.set, c.op) }
func (c compared) String() string { return fmt.Sprintf("%s %s %d", c.fact, c.op, c.number) }

// Bounds of one condition: what people write is far below them.
const (
	mostTokens = 5_000
	mostDepth  = 200 // brackets and negations inside each other
)

var tokens = regexp.MustCompile(`^(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9]+\b)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(==|!=|<=|>=|&&|\|\||[<>()\[\],!]))`)

// token is one word of a condition. kind is n (name), i (number), s (text), o
// (operator) or 0 at the end.
type token struct {
	kind   byte
	text   string
	column int // 1 for the first byte
}

// scan splits a condition into tokens, the last of which has no kind.
func scan(source string) (out []token, err error) {
	at := 0
	for {
		at += len(source[at:]) - len(strings.TrimLeft(source[at:], " \t\r\n"))
		rest := source[at:]
		if rest == "" {
			return append(out, token{column: at + 1}), nil
		}
		m := tokens.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("%q is not allowed in a condition (column %d)", string([]rune(rest)[:1]), at+1)
		}
		t := token{column: at + 1}
		for i, kind := range []byte("niso") {
			if m[i+1] != "" {
				t.kind, t.text = kind, m[i+1]
			}
		}
		switch t.text {
		case "&&":
			t.text = "and"
		case "||":
			t.text = "or"
		}
		if t.kind == 's' {
			if t.text, err = unquote(t.text); err != nil {
				return nil, fmt.Errorf("text in column %d: %w", t.column, err)
			}
		}
		if t.kind == 'n' && slices.Contains([]string{"and", "or", "not", "in"}, t.text) {
			t.kind = 'o'
		}
		if out = append(out, t); len(out) > mostTokens {
			return nil, fmt.Errorf("a condition may have %d words and signs at most", mostTokens)
		}
		at += len(m[0])
	}
}

func unquote(quoted string) (string, error) {
	quote, rest := quoted[0], quoted[1:len(quoted)-1]
	var b strings.Builder
	for rest != "" {
		r, _, tail, err := strconv.UnquoteChar(rest, quote)
		if err != nil {
			return "", fmt.Errorf("%s: %w", quoted, err)
		}
		b.WriteRune(r)
		rest = tail
	}
	return b.String(), nil
}

// reader reads tokens by recursive descent.
type reader struct {
	tokens []token
	depth  int
}

func (r *reader) peek() token { return r.tokens[0] }

func (r *reader) next() token {
	t := r.tokens[0]
	if t.kind != 0 {
		r.tokens = r.tokens[1:]
	}
	return t
}

// take reads the operator if it comes next.
func (r *reader) take(operator string) bool {
	t := r.peek()
	if t.kind != 'o' || t.text != operator {
		return false
	}
	r.next()
	return true
}

func unexpected(t token, wanted string) error {
	if t.kind == 0 {
		return fmt.Errorf("the condition ends in column %d, where %s should follow", t.column, wanted)
	}
	return fmt.Errorf("%q is not allowed in column %d of the condition, where %s should follow", t.text, t.column, wanted)
}

func parse(source string) (clause, error) {
	all, err := scan(source)
	if err != nil {
		return nil, err
	}
	r := &reader{tokens: all}
	c, err := r.either()
	if err == nil && r.peek().kind != 0 {
		err = unexpected(r.peek(), "and, or, or the end")
	}
	return c, err
}

// either reads a or b or …
func (r *reader) either() (clause, error) { return r.chain("or", r.both) }

// both reads a and b and …; "and" binds more tightly than "or".
func (r *reader) both() (clause, error) { return r.chain("and", r.statement) }

func (r *reader) chain(word string, part func() (clause, error)) (clause, error) {
	left, err := part()
	for err == nil && r.take(word) {
		var right clause
		right, err = part()
		left = joined{word, left, right}
	}
	return left, err
}

// statement reads a comparison or what primary reads.
func (r *reader) statement() (clause, error) {
	first, after := r.peek(), token{}
	if first.kind != 0 {
		after = r.tokens[1]
	}
	switch {
	case first.kind == 's':
		return r.contains()
	case first.kind == 'i':
		return r.numberFirst()
	case first.kind == 'n' && first.text == "len" && after.text == "(" && after.kind == 'o':
		return r.emptiness()
	case first.kind == 'n' && after.kind == 'o' && slices.Contains(comparing, after.text):
		return r.factFirst()
	}
	return r.primary()
}

// primary reads a fact, true, false, a negation of one of these, or brackets. A
// negation does not take a bare comparison: of "not a == b" two people would
// think two things.
func (r *reader) primary() (clause, error) {
	if r.depth++; r.depth > mostDepth {
		return nil, fmt.Errorf("a condition may be nested %d deep at most", mostDepth)
	}
	defer func() { r.depth-- }()
	t := r.next()
	switch {
	case t.kind == 'o' && (t.text == "not" || t.text == "!"):
		of, err := r.primary()
		return negated{of}, err
	case t.kind == 'o' && t.text == "(":
		c, err := r.either()
		if err == nil && !r.take(")") {
			err = unexpected(r.peek(), `")"`)
		}
		return c, err
	case t.kind == 'n' && (t.text == "true" || t.text == "false"):
		return constant(t.text == "true"), nil
	case t.kind == 'n':
		return named(t.text), nil
	}
	return nil, unexpected(t, "a fact")
}

// flipped turns "50 <= staff" into "staff >= 50".
var flipped = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}

// comparing are the operators that may follow the name of a fact.
var comparing = []string{"==", "!=", "<", ">", "<=", ">=", "in", "not"}

// factFirst reads role == "deployer", staff >= 50, role in ["a", "b"] and
// role not in ["a"].
func (r *reader) factFirst() (clause, error) {
	fact, op := r.next().text, r.next()
	if op.text == "in" || op.text == "not" {
		if op.text == "not" && !r.take("in") {
			return nil, unexpected(r.peek(), "in")
		}
		words, err := r.list()
		if op.text == "not" {
			return negated{oneOf{fact, words}}, err
		}
		return oneOf{fact, words}, err
	}
	switch t := r.next(); {
	case t.kind == 'i':
		n, err := strconv.Atoi(t.text)
		return compared{fact, op.text, n}, err
	case t.kind == 's' && (op.text == "==" || op.text == "!="):
		return isWord{fact, op.text, t.text}, nil
	case t.kind == 's':
		return nil, unexpected(op, "== or !=")
	default:
		return nil, unexpected(t, "a number or a word in quotes")
	}
}

// list reads ["a", "b"].
func (r *reader) list() (words []string, err error) {
	if !r.take("[") {
		return nil, unexpected(r.peek(), "a list of words")
	}
	for !r.take("]") {
		if len(words) > 0 && !r.take(",") {
			return nil, unexpected(r.peek(), `"," or "]"`)
		}
		t := r.next()
		if t.kind != 's' {
			return nil, fmt.Errorf("a list may only list words in quotes: %w", unexpected(t, "one"))
		}
		words = append(words, t.text)
	}
	return words, nil
}

// numberFirst reads 50 <= staff.
func (r *reader) numberFirst() (clause, error) {
	number, op := r.next(), r.next()
	back, ok := flipped[op.text]
	if op.kind != 'o' || !ok {
		return nil, unexpected(op, "a comparison")
	}
	fact := r.next()
	if fact.kind != 'n' {
		return nil, unexpected(fact, "a fact")
	}
	n, err := strconv.Atoi(number.text)
	return compared{fact.text, back, n}, err
}

// contains reads "hiring" in areas and "hiring" not in areas.
func (r *reader) contains() (clause, error) {
	word, not := r.next().text, r.take("not")
	if !r.take("in") {
		return nil, unexpected(r.peek(), "in")
	}
	set := r.next()
	if set.kind != 'n' {
		return nil, unexpected(set, "a fact")
	}
	if not {
		return negated{hasWord{word, set.text}}, nil
	}
	return hasWord{word, set.text}, nil
}

// emptiness reads len(areas) == 0 and len(areas) > 0.
func (r *reader) emptiness() (clause, error) {
	r.next()
	r.next()
	set := r.next()
	if set.kind != 'n' {
		return nil, unexpected(set, "a fact")
	}
	if !r.take(")") {
		return nil, unexpected(r.peek(), `")"`)
	}
	op := r.next()
	if op.kind != 'o' || op.text != "==" && op.text != ">" {
		return nil, unexpected(op, "== 0 or > 0")
	}
	if zero := r.next(); zero.kind != 'i' || strings.Trim(zero.text, "0") != "" {
		return nil, unexpected(zero, "0")
	}
	return isEmpty{set.text, op.text}, nil
}
