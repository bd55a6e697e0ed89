package decide

// usualBytes is how long a request may be to be read as a usual one. Its texts
// share the memory of one copy, which must not keep a large body alive.
const usualBytes = 1 << 10

// usual reads a request of the form that almost every caller sends: subject,
// action and resource with their plain texts and nothing beside them. Whatever
// is not of that form it leaves to object and toRequest, which read all there
// is and say what is wrong; a fuzz test holds it against them.
func usual(body []byte) (r Request, ok bool) {
	if len(body) > usualBytes {
		return Request{}, false
	}
	in := plainReader{in: string(body)}
	if !in.eat('{') {
		return Request{}, false
	}
	for more := true; more; more = in.eat(',') {
		switch name := in.name(); name {
		case "subject":
			ok = in.entity(&r.Subject)
		case "resource":
			ok = in.entity(&r.Resource)
		case "action":
			ok = r.Action.Name == "" && in.eat('{') && in.name() == "name" && in.once(&r.Action.Name) && in.eat('}')
		default:
			ok = false
		}
		if !ok {
			return Request{}, false
		}
	}
	whole := in.eat('}') && in.next() == 0 && in.at == len(in.in)
	return r, whole && r.Subject.Type != "" && r.Action.Name != "" && r.Resource.Type != ""
}

// plainReader reads JSON whose texts are plain ASCII without escapes.
type plainReader struct {
	in string
	at int
}

// next skips space and returns the next byte, 0 at the end.
func (p *plainReader) next() byte {
	for ; p.at < len(p.in); p.at++ {
		switch c := p.in[p.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

func (p *plainReader) eat(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

// entity reads type and id, in any order, each once.
func (p *plainReader) entity(e *Entity) (ok bool) {
	if e.Type != "" || !p.eat('{') {
		return false
	}
	for more := true; more; more = p.eat(',') {
		switch p.name() {
		case "type":
			ok = p.once(&e.Type)
		case "id":
			ok = p.once(&e.ID)
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	return p.eat('}') && e.Type != "" && e.ID != ""
}

// name reads the name of a member and its colon; "" if there is none.
func (p *plainReader) name() string {
	s := p.text()
	if !p.eat(':') {
		return ""
	}
	return s
}

// once reads a text that was not there before.
func (p *plainReader) once(into *string) bool {
	if *into != "" {
		return false
	}
	*into = p.text()
	return *into != "" && len(*into) <= maxName
}

// text reads a plain text; "" if there is none.
func (p *plainReader) text() string {
	if !p.eat('"') {
		return ""
	}
	for i := p.at; i < len(p.in); i++ {
		switch c := p.in[i]; {
		case c == '"':
			s := p.in[p.at:i]
			p.at = i + 1
			return s
		case c == '\\' || c < 0x20 || c >= 0x80:
			return ""
		}
	}
	return ""
}
