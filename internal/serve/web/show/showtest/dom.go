package showtest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Node is an element of a page, or, without a name, its top.
type Node struct {
	Name     string
	Attrs    map[string]string
	Children []*Node
	Parent   *Node
	text     string // of a text node
}

// voids have no end tag.
var voids = map[string]bool{"meta": true, "link": true, "input": true, "br": true, "hr": true, "img": true}

// Parse reads a page. Elements that are not closed in order are an error: what
// templ writes is well-formed, and an error here is a mistake in a template.
func Parse(page string) (*Node, error) {
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.Entity = false, xml.HTMLEntity
	top := &Node{Attrs: map[string]string{}}
	at := top
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if at != top {
				return nil, fmt.Errorf("<%s> is not closed", at.Name)
			}
			return top, nil
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &Node{Name: tok.Name.Local, Attrs: map[string]string{}, Parent: at}
			for _, a := range tok.Attr {
				name := a.Name.Local
				if a.Name.Space != "" {
					name = a.Name.Space + ":" + name
				}
				n.Attrs[name] = a.Value
			}
			at.Children = append(at.Children, n)
			if !voids[n.Name] {
				at = n
			}
		case xml.EndElement:
			if voids[tok.Name.Local] {
				continue
			}
			if at.Name != tok.Name.Local {
				return nil, fmt.Errorf("</%s> closes <%s>", tok.Name.Local, at.Name)
			}
			at = at.Parent
		case xml.CharData:
			at.Children = append(at.Children, &Node{text: string(tok), Parent: at})
		}
	}
}

// Text is what a reader sees of the node, with single spaces.
func (n *Node) Text() string { return strings.Join(strings.Fields(n.Raw()), " ") }

// Raw is the text of the node with its spaces and line ends.
func (n *Node) Raw() string {
	if n.Name == "" && n.text != "" {
		return n.text
	}
	var b strings.Builder
	for _, c := range n.Children {
		b.WriteString(c.Raw())
		if c.Name != "" {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// All returns the elements that match: "name", ".class", "#id", "[attr]",
// "[attr=value]" or a run of them ("a.btn[href=/x]"); words with spaces between
// them match a descendant of a match.
func (n *Node) All(css string) []*Node {
	found := []*Node{n}
	for _, step := range strings.Fields(css) {
		seen := map[*Node]bool{}
		var next []*Node
		for _, f := range found {
			f.walk(func(c *Node) {
				if c != f && c.Name != "" && !seen[c] && c.matches(step) {
					seen[c] = true
					next = append(next, c)
				}
			})
		}
		found = next
	}
	return found
}

// One returns the first match, or nil.
func (n *Node) One(css string) *Node {
	if all := n.All(css); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Has reports whether anything matches.
func (n *Node) Has(css string) bool { return n.One(css) != nil }

func (n *Node) walk(f func(*Node)) {
	f(n)
	for _, c := range n.Children {
		c.walk(f)
	}
}

func (n *Node) matches(step string) bool {
	for step != "" {
		end := strings.IndexAny(step[1:], ".#[")
		part, rest := step, ""
		if end >= 0 {
			part, rest = step[:end+1], step[end+1:]
		}
		if part[0] == '[' { // an attribute's value may hold any sign
			i := strings.IndexByte(step, ']')
			part, rest = step[:i], step[i+1:]
		}
		if !n.part(part) {
			return false
		}
		step = rest
	}
	return true
}

func (n *Node) part(p string) bool {
	switch p[0] {
	case '.':
		return strings.Contains(" "+n.Attrs["class"]+" ", " "+p[1:]+" ")
	case '#':
		return n.Attrs["id"] == p[1:]
	case '[':
		name, value, exact := strings.Cut(p[1:], "=")
		have, ok := n.Attrs[name]
		return ok && (!exact || have == value)
	}
	return n.Name == p
}
