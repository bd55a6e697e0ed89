package packs

import (
	"augenmass/internal/record/packs/form"
	talk "augenmass/internal/record/packs/interview"
)

// Interview is a list of questions that several people answer together; see
// package interview.
type Interview = talk.Interview

// Interview returns an interview by its id, such as "impact".
func (l *Library) Interview(id string) (*Interview, bool) {
	v, ok := l.interviews[id]
	return v, ok
}

// interviewDoc is a pack of kind interview.
type interviewDoc struct {
	head
	talk.Doc
}

// interview takes over an interview.
func (l *loading) interview(doc interviewDoc) {
	v := talk.Read(talk.Head{At: doc.At, ID: doc.ID.S, Version: doc.Version, AsOf: doc.AsOf, Title: doc.Title, Notice: doc.Notice}, doc.Doc, l)
	l.info(doc.head, len(v.Items()))
	l.lib.interviews[v.ID] = v
}

// asked attaches the cases of interviews and checks that they prove every
// condition. Cases for an interview of the library below are a defect, as for
// rule sets.
func (l *loading) asked() {
	for _, c := range l.talks {
		v, ok := l.lib.interviews[c.CasesOf.S]
		if _, old := l.base.interviews[c.CasesOf.S]; !ok || old {
			l.bad.Add(c.CasesOf.At, "das Interview %q gibt es in diesen Paketen nicht", "there is no interview %q in these packs", c.CasesOf.S)
			continue
		}
		v.Attach(c, l)
	}
	for id, v := range l.lib.interviews {
		if _, old := l.base.interviews[id]; !old {
			v.Covered(l)
		}
	}
	for i, info := range l.lib.infos {
		if v, ok := l.lib.interviews[info.ID]; ok {
			l.lib.infos[i].Cases = len(v.Cases())
		}
	}
}

// proveInterviews runs every case of every interview.
func (l *Library) proveInterviews(bad *form.Defects) {
	for _, v := range l.interviews {
		v.ProveAll(bad)
	}
}
