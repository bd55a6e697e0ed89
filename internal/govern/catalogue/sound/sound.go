// Package sound parses YAML files of people whom the program does not know: it
// refuses what would exhaust memory, stack or patience before the parser sees
// it, and says in a sentence why.
//
// A file is refused when it is longer than MaxBytes, is no UTF-8, nests deeper
// than MaxDepth, holds more than one document, has more tokens than MaxTokens,
// more than MaxKeys fields in one block or too many without a value: the parser
// calls itself for each field of a block, and moves everything for each value
// that is not there. References (*name) are followed by At, within MaxSteps for the
// whole file, so that a few lines that stand for billions end in an error.
// A panic of the parser is an error, too.
//
// What the file means is for whoever asked. The checks rest on the tokens, which
// the lexer finds without recursion.
package sound

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

// Limits of one file.
const (
	MaxBytes  = 12 << 20
	MaxTokens = 2_000_000
	MaxDepth  = 48        // of lists and fields within each other
	MaxKeys   = 200       // fields of one block; the parser's stack grows with them
	MaxSteps  = 8_000_000 // nodes visited, references followed
	maxRun    = 4         // tags, anchors and marks of keys in a row
	maxMarks  = 1_000_000 // characters that may begin a token
	maxMoves  = 2_000_000_000
)

// marks are the characters that may begin a token of their own.
const marks = ",:[]{}-?&*!|>#%@`'\"\n\r"

// File is a parsed file.
type File struct {
	Name string
	Root *ast.MappingNode

	anchors map[string]ast.Node
	steps   int
}

// Parse parses a file, which must be one mapping. name is for messages. The
// error is a problem of kind BadInput or TooLarge whose fields say "file:line".
func Parse(name string, data []byte) (*File, error) {
	if len(data) > MaxBytes {
		return nil, problem.Newf(problem.TooLarge, "Die Datei „%s“ ist größer als %d MiB.", "The file '%s' is larger than %d MiB.", name, MaxBytes>>20).
			WithHint("Bitte in mehrere Dateien teilen.", "Please split it into several files.")
	}
	if at := broken(data); at > 0 {
		return nil, Refuse(name, at, "die Zeile ist kein lesbarer Text (UTF-8)", "the line is no readable text (UTF-8)")
	}
	n := 0
	for _, b := range data {
		if strings.IndexByte(marks, b) >= 0 {
			n++
		}
	}
	if n > maxMarks {
		return nil, problem.Newf(problem.TooLarge, "Die Datei „%s“ hat mehr als %d Zeilen und Satzzeichen; kein Katalog braucht so viele.",
			"The file '%s' has more than %d lines and marks; no catalogue needs as many.", name, maxMarks)
	}
	f := &File{Name: name, anchors: map[string]ast.Node{}}
	tree, err := f.parse(data)
	if err != nil {
		return nil, err
	}
	if len(tree.Docs) != 1 || tree.Docs[0] == nil || tree.Docs[0].Body == nil {
		return nil, Refuse(name, 1, "die Datei muss genau ein YAML-Dokument enthalten", "the file must hold exactly one YAML document")
	}
	if err := f.collect(tree.Docs[0].Body, 0); err != nil {
		return nil, err
	}
	body, err := f.At(tree.Docs[0].Body)
	if err != nil {
		return nil, err
	}
	root, ok := Mapping(body)
	if !ok {
		return nil, Refuse(name, Line(body), "die Datei muss aus benannten Feldern bestehen", "the file must consist of named fields")
	}
	f.Root = root
	return f, nil
}

// broken is the line on which the data are no text; 0: all is well.
func broken(data []byte) int {
	for n, line := 1, []byte(nil); len(data) > 0; n++ {
		line, data, _ = bytes.Cut(data, []byte("\n"))
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return n
		}
	}
	return 0
}

func (f *File) parse(data []byte) (tree *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser's, on input that nobody foresaw
			tree = nil
			err = Refuse(f.Name, 1, "die Datei lässt sich nicht als YAML lesen", "the file cannot be read as YAML").Wrap(fmt.Errorf("parser: %v", r))
		}
	}()
	tokens := tokenize(data)
	if err := f.shallow(tokens); err != nil {
		return nil, err
	}
	tree, err = parser.Parse(tokens, 0)
	if err != nil {
		line, msg := 1, "?"
		var y yaml.Error
		if errors.As(err, &y) {
			msg = y.GetMessage()
			if t := y.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
		}
		return nil, Refuse(f.Name, line, "kein gültiges YAML: %s", "not valid YAML: %s", msg)
	}
	return tree, nil
}

// tokenize ends at the first token that is none; the parser then says why.
func tokenize(data []byte) (tokens token.Tokens) {
	var s scanner.Scanner
	s.Init(string(data))
	for {
		some, err := s.Scan()
		tokens.Add(some...)
		if err != nil { // also the end
			return tokens
		}
	}
}

// block is a structure that a token lies in: its column, and how many fields it
// has so far.
type block struct{ column, keys int }

// shallow holds the tokens to the limits.
func (f *File) shallow(tokens token.Tokens) error {
	if len(tokens) > MaxTokens {
		return problem.Newf(problem.TooLarge, "Die Datei „%s“ hat mehr als %d Zeichenfolgen.", "The file '%s' has more than %d tokens.", f.Name, MaxTokens)
	}
	var open []block
	flow, run, pairs, heads, empty := 0, 0, 0, 0, 0
	for i, t := range tokens {
		if t.Position == nil {
			continue
		}
		column := t.Position.Column
		switch t.Type {
		case token.DocumentHeaderType, token.DocumentEndType:
			heads++
		case token.SequenceStartType, token.MappingStartType:
			flow++
			pairs = 0
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
			pairs = 0
		case token.CollectEntryType:
			pairs = 0
		case token.MappingValueType:
			pairs++
			if i > 0 && tokens[i-1].Position != nil {
				column = tokens[i-1].Position.Column
			}
		}
		if flow == 0 {
			pairs = 0
			if t.Type == token.SequenceEntryType || t.Type == token.MappingValueType || t.Type == token.MappingKeyType {
				open = nested(open, column)
				if t.Type != token.SequenceEntryType {
					open[len(open)-1].keys++
				}
				if open[len(open)-1].keys > MaxKeys {
					return Refuse(f.Name, t.Position.Line, "hier stehen mehr als %d Felder in einem Block", "more than %d fields stand in one block here", MaxKeys)
				}
			}
		}
		if vacant(tokens, i, column) {
			empty++
		}
		run = follows(run, t.Type)
		if len(open)+flow+pairs > MaxDepth || run > maxRun {
			return Refuse(f.Name, t.Position.Line, "die Datei ist tiefer als %d Ebenen geschachtelt", "the file is nested deeper than %d levels", MaxDepth)
		}
		if heads > 2 {
			return Refuse(f.Name, t.Position.Line, "die Datei muss genau ein YAML-Dokument enthalten", "the file must hold exactly one YAML document")
		}
	}
	if empty*len(tokens) > maxMoves { // for each of them the parser moves all that follow
		return problem.Newf(problem.TooLarge, "Die Datei „%s“ hat %d Felder ohne Wert.", "The file '%s' has %d fields without a value.", f.Name, empty).
			WithHint("Bitte diese Felder weglassen oder „null“ hineinschreiben.", "Please leave these fields out or write 'null' into them.")
	}
	return nil
}

// vacant reports whether a field or an entry of a list ends without a value.
func vacant(tokens token.Tokens, i, column int) bool {
	t := tokens[i]
	if t.Type != token.MappingValueType && t.Type != token.SequenceEntryType {
		return false
	}
	if i+1 == len(tokens) || tokens[i+1].Position == nil {
		return true
	}
	next := tokens[i+1]
	switch {
	case next.Type == token.CollectEntryType || next.Type == token.MappingEndType || next.Type == token.SequenceEndType:
		return true
	case next.Position.Line == t.Position.Line:
		return false
	case t.Type == token.MappingValueType && next.Type == token.SequenceEntryType:
		return next.Position.Column < column
	}
	return next.Position.Column <= column
}

// follows counts tokens in a row that only announce another one.
func follows(run int, t token.Type) int {
	switch t {
	case token.TagType, token.AnchorType, token.MappingKeyType:
		return run + 1
	case token.StringType: // the name of an anchor
		return run
	}
	return 0
}

// nested is what is open after a structure at column.
func nested(open []block, column int) []block {
	for len(open) > 0 && open[len(open)-1].column > column {
		open = open[:len(open)-1]
	}
	if len(open) > 0 && open[len(open)-1].column == column {
		return open
	}
	return append(open, block{column: column})
}

// collect finds the anchors of the file.
func (f *File) collect(n ast.Node, depth int) error {
	if depth > 8*MaxDepth {
		return Refuse(f.Name, Line(n), "die Datei ist tiefer als %d Ebenen geschachtelt", "the file is nested deeper than %d levels", MaxDepth)
	}
	var inner []ast.Node
	switch n := n.(type) {
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		if _, ok := f.anchors[name]; ok {
			return Refuse(f.Name, Line(n), "den Anker %q gibt es schon", "anchor %q exists already", name)
		}
		f.anchors[name] = n.Value
		inner = []ast.Node{n.Value}
	case *ast.TagNode:
		inner = []ast.Node{n.Value}
	case *ast.MappingNode:
		for _, v := range n.Values {
			inner = append(inner, v.Key, v.Value)
		}
	case *ast.MappingValueNode:
		inner = []ast.Node{n.Key, n.Value}
	case *ast.SequenceNode:
		inner = n.Values
	}
	for _, x := range inner {
		if x == nil {
			continue
		}
		if err := f.collect(x, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// At is what a node stands for: an anchored or referred value, the value behind
// a plain tag. Every call counts towards MaxSteps.
func (f *File) At(n ast.Node) (ast.Node, error) {
	for range MaxDepth {
		if f.steps++; f.steps > MaxSteps {
			return nil, Refuse(f.Name, Line(n), "die Verweise (*) der Datei vervielfachen ihren Inhalt über jedes Maß",
				"the references (*) of the file multiply its content beyond measure")
		}
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.AliasNode:
			name := x.Value.GetToken().Value
			to, ok := f.anchors[name]
			if !ok {
				return nil, Refuse(f.Name, Line(n), "den Anker %q gibt es nicht", "there is no anchor %q", name)
			}
			n = to
		case *ast.TagNode:
			if !slices.Contains(plainTags, x.Start.Value) {
				return nil, Refuse(f.Name, Line(n), "die Typangabe %q ist hier nicht vorgesehen", "the tag %q is not provided for here", x.Start.Value)
			}
			n = x.Value
		default:
			return n, nil
		}
		if n == nil {
			return nil, nil
		}
	}
	return nil, Refuse(f.Name, Line(n), "die Verweise (*) der Datei drehen sich im Kreis", "the references (*) of the file go round in circles")
}

// Steps is how many nodes were visited so far, as a measure of work.
func (f *File) Steps() int { return f.steps }

// plainTags say what the value shows anyway.
var plainTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp"}

// Mapping returns n as a mapping; one pair alone is one, too.
func Mapping(n ast.Node) (*ast.MappingNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n, true
	case *ast.MappingValueNode:
		return &ast.MappingNode{BaseNode: &ast.BaseNode{}, Values: []*ast.MappingValueNode{n}}, true
	}
	return nil, false
}

// Scalar returns the word that a node stands for.
func Scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.MergeKeyNode:
		return "<<", true
	}
	return "", false
}

// Null reports whether a node is an empty value.
func Null(n ast.Node) bool {
	_, ok := n.(*ast.NullNode)
	return ok || n == nil
}

// Line is where a node begins; 1 where that is unknown.
func Line(n ast.Node) int {
	switch m := n.(type) {
	case nil:
		return 1
	case *ast.MappingNode:
		if len(m.Values) > 0 {
			return Line(m.Values[0])
		}
	case *ast.MappingValueNode:
		return Line(m.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// Refuse is a BadInput problem about one line.
func Refuse(name string, line int, de, en string, args ...any) *problem.Problem {
	say := text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)}
	at := form.Place{File: name, Line: line}.String()
	p := problem.Newf(problem.BadInput, "Die Datei „%s“ lässt sich nicht einlesen.", "The file '%s' cannot be imported.", name).
		WithHint("Bitte die genannte Zeile berichtigen.", "Please correct the line named.")
	p.Fields = []problem.Field{{Path: at, Say: say}}
	return p
}
