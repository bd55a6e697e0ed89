package citation

import (
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"augenmass/internal/record/packs"
)

// topics finds the requirement of the packs that asks for much the same as a
// text, by the words they share. Rare words count more than frequent ones.
type topics struct {
	byRef map[string]string // "ZTA-05" in lower case → id
	ids   []string
	words []map[string]bool
	sums  []float64 // weight of all words of each
	idf   map[string]float64
	rare  float64 // the weight of a word that nobody else has
}

// The bounds of likeness (0 to 1), set by trying catalogues of others: rather no
// comparison than a wrong one.
const (
	alike   = 0.10 // the least that counts as the same topic
	ahead   = 1.25 // by how much the best must be ahead of the second
	shared  = 4    // words that two texts must have in common; fewer are chance
	sameRef = 0.02 // with the same reference, so much likeness is enough
)

func topicsOf(all []packs.Requirement) topics {
	t := topics{byRef: map[string]string{}, idf: map[string]float64{}}
	for _, r := range all {
		t.byRef[fold(r.Ref)] = r.ID
		w := words(strings.Join([]string{r.Title.DE, r.Text.DE, r.Proof.DE, r.Title.EN, r.Text.EN, r.Proof.EN}, " "))
		for _, s := range r.Steps {
			maps.Copy(w, words(s.DE+" "+s.EN))
		}
		for _, e := range r.Evidence {
			maps.Copy(w, words(e.Say.DE+" "+e.Say.EN))
		}
		t.ids, t.words = append(t.ids, r.ID), append(t.words, w)
		for x := range w {
			t.idf[x]++
		}
	}
	for x, n := range t.idf {
		t.idf[x] = math.Log(1 + float64(len(all))/n)
	}
	t.rare = math.Log(1 + float64(len(all)))
	for _, w := range t.words {
		sum := 0.0
		for x := range w {
			sum += t.idf[x] * t.idf[x]
		}
		t.sums = append(t.sums, sum)
	}
	return t
}

// About returns the requirement of the packs that asks for the same as a
// requirement with this reference and these words, or "" where none is alike.
func (j *Judge) About(ref, said string) string {
	t := j.topics
	w := words(said)
	scores, common := make([]float64, len(t.ids)), make([]int, len(t.ids))
	best := -1
	for i := range t.ids {
		scores[i], common[i] = t.score(w, i)
		if best < 0 || scores[i] > scores[best] {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	if id, ok := t.byRef[fold(ref)]; ok && scores[slices.Index(t.ids, id)] >= sameRef {
		return id
	}
	second := 0.0
	for i, s := range scores {
		if i != best && s > second {
			second = s
		}
	}
	if scores[best] < alike || scores[best] < ahead*second || common[best] < shared {
		return ""
	}
	return t.ids[best]
}

// score is the share of weight that a text has in common with a topic, 0 to 1,
// and the number of words that they share.
func (t topics) score(said map[string]bool, topic int) (float64, int) {
	var common, weight float64
	n := 0
	for x := range said {
		idf, known := t.idf[x]
		if !known {
			weight += t.rare * t.rare // a word that no requirement has speaks for something else
			continue
		}
		weight += idf * idf
		if t.words[topic][x] {
			common += idf * idf
			n++
		}
	}
	if n == 0 {
		return 0, 0
	}
	return common / math.Sqrt(weight*t.sums[topic]), n
}

// stem is how many letters of a word count: German endings and compounds begin
// alike.
const stem = 6

// words are the beginnings of the longer words of a text.
func words(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsFuncSeq(strings.ToLower(norm.NFC.String(s)), func(r rune) bool { return !unicode.IsLetter(r) }) {
		letters := []rune(w)
		if len(letters) < 4 || frequent[w] {
			continue
		}
		out[string(letters[:min(len(letters), stem)])] = true
	}
	return out
}

// frequent are words that say nothing about a topic.
var frequent = map[string]bool{"muss": true, "müssen": true, "sein": true, "sind": true, "wird": true, "werden": true, "alle": true, "jede": true,
	"jeder": true, "jedes": true, "eine": true, "einer": true, "eines": true, "einem": true, "einen": true, "nicht": true, "oder": true, "nach": true,
	"auch": true, "über": true, "durch": true, "einschließlich": true, "insbesondere": true, "inklusive": true, "sowie": true, "dass": true,
	"must": true, "shall": true, "with": true, "that": true, "from": true, "this": true, "each": true, "every": true, "including": true, "into": true}

// fold is a reference without what people write differently.
func fold(ref string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, ref)
}
