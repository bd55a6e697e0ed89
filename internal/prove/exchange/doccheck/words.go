package doccheck

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// rePlaceholder are fields that nobody filled.
var rePlaceholder = regexp.MustCompile(`(?i)\bx{2,}\.?\s*x{2,}\.?(?:\s*(?:\d{4}|x{2,4}))?|\bx{2}[./-]x{2}[./-](?:\d{2,4}|x{2,4})\b|\bx{2}\.\s*(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)|` +
	`\b(?:TT|DD)[./-]MM[./-](?:JJJJ|YYYY|JJ|YY)\b|\b(?:JJJJ|YYYY)-MM-(?:TT|DD)\b|\b00[./-]00[./-]0{2,4}\b|\b(?:20xx|20__)\b|` +
	`(?:Datum|Date|Name|Ort|Place|Version|Unterschrift|Signature)\s*:?\s*_{3,}|_{6,}|` +
	`\b(?:TBD|TBA|TODO|FIXME)\b|\bto be (?:defined|determined|added)\b|\bnoch (?:zu ergänzen|einzutragen|auszufüllen)\b|` +
	`\[(?:Datum|Date|Name|Firma|Company|Ort|Place|Version|Unternehmen|Platzhalter|Placeholder|einfügen|insert)[^\]]{0,40}\]|\{\{[^}]{1,60}\}\}|\blorem ipsum\b`)

// hintsPlaceholder are pieces of which every placeholder has one: looking for
// them first spares most sentences the expression.
var hintsPlaceholder = []string{"xx", "___", "[", "{{", "tt.", "tt/", "tt-", "dd.", "dd/", "dd-", "-tt", "-dd", "00.00", "00/00", "00-00", "20__", "tbd", "tba", "todo", "fixme",
	"to be ", "noch ", "lorem"}

func placeholder(s string) (what string, ok bool) {
	if !has(s, hintsPlaceholder) {
		return "", false
	}
	m := rePlaceholder.FindString(s)
	return short(m), m != ""
}

// reConversation are turns of speech that belong into a conversation.
var reConversation = regexp.MustCompile(`(?i)\bhier ist (?:die|der|das|eine?|ihre?|deine?)\b.{0,40}\b(?:version|fassung|entwurf|text|ergänzung|dokument|tabelle)|` +
	`\bhier (?:eine?|die)\b.{0,60}\b(?:version|fassung) (?:des|der|für|zum)\b|` +
	`\bich habe\b.{0,60}\b(?:erweitert|ergänzt|eingebaut|angepasst|überarbeitet|hinzugefügt|aktualisiert|korrigiert|erstellt)|` +
	`\bich (?:schlage vor|empfehle dir|hoffe,|kann dir|kann ihnen|würde vorschlagen)|\blass(?:en sie)? (?:es )?mich wissen\b|\bsag(?:en sie)? mir bescheid\b|` +
	`\b(?:falls|wenn|möchtest|willst|kannst|hast|brauchst|soll ich) du\b|\bsoll ich\b|\b(?:dein|deine|deinem|deinen|deiner|deines|dir|dich)\b|` +
	`\b(?:gerne|natürlich|klar|selbstverständlich)!|\bals (?:KI|sprachmodell|KI-sprachmodell|KI-assistent)\b[^.]{0,40}\b(?:kann|habe|bin) ich\b|\bdas passt (?:nahtlos|gut|perfekt)\b|` +
	`\bhere(?:'s| is) (?:the|an?|your)\b.{0,40}\b(?:version|draft|text|document|table|revision)\b|` +
	`\bI(?:'ve| have) (?:added|updated|extended|revised|expanded|included|corrected|rewritten|created)\b|\blet me know\b|\bwould you like (?:me )?to\b|` +
	`\bdo you want me to\b|\bI hope this helps\b|\bfeel free to\b|\bas an AI (?:language )?model\b|\b(?:sure|certainly|of course|great question)!|\bI (?:suggest|would suggest|can also)\b`)

// hintsConversation are pieces of which every turn of reConversation has one.
var hintsConversation = []string{"hier ist", "hier ein", "hier die", "ich ", "mich ", " mir", " du", "dein", "dir", "dich", "gerne!", "natürlich!", "klar!", "selbstverständlich!",
	"das passt", "here's", "here is", "i've", "i have", "let me", "would you", "do you", "i hope", "feel free", "as an ai", "sure!", "certainly!", "of course!",
	"question!", "i suggest", "i would", "i can also"}

// has reports whether a text has one of the pieces, whatever its case.
func has(s string, pieces []string) bool {
	low := strings.ToLower(s)
	return slices.ContainsFunc(pieces, func(p string) bool { return strings.Contains(low, p) })
}

func conversation(s string) (what string, ok bool) {
	if !has(s, hintsConversation) {
		return picture(s)
	}
	if m := reConversation.FindString(s); m != "" {
		return short(m), true
	}
	return picture(s)
}

// picture finds a picture character, which formal texts have none of.
func picture(s string) (what string, ok bool) {
	for _, r := range s {
		if r >= 0x1F300 && r <= 0x1FAFF {
			return string(r), true
		}
	}
	return "", false
}

// short is a quotation of bearable length.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "…"
	}
	return s
}

// Sentence reports whether a text reads as a full sentence, or several: some
// words, a verb, a mark at the end. It knows common verbs only; what it does not
// recognise is a hint for a person.
func Sentence(s string) bool {
	s = strings.TrimRight(strings.TrimSpace(s), "\"”“»«’')]* ")
	if s == "" {
		return false
	}
	if end := s[len(s)-1]; end != '.' && end != '!' && end != '?' && !strings.HasSuffix(s, "…") {
		return false
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	if len(words) < 3 {
		return false
	}
	for i, w := range words {
		if verb(w, i == 0) {
			return true
		}
	}
	return false
}

// verb reports whether a word is, or looks like, a finite verb. German nouns
// begin with a capital; the first word of a sentence does, too.
func verb(w string, first bool) bool {
	low := strings.ToLower(w)
	if verbs[low] {
		return true
	}
	if w != low && !first || len(w) < 5 || notVerbs[low] {
		return false
	}
	for _, end := range []string{"iert", "ieren", "igt", "immt", "stet", "itet", "ndet", "ört", "öst", "eckt", "ickt", "stellt", "zieht", "nehmen", "llt", "llen", "ßt", "eht", "ehen", "ibt", "eben", "ägt", "agen", "ührt", "ühren", "elt", "eln", "ttelt",
		"tzt", "tzen", "eibt", "eiben", "ommt", "ommen", "ält", "alten", "indet", "inden", "fasst", "assen", "rägt", "weist", "weisen", "chert", "chern",
		"liegt", "liegen", "ützt", "nnt", "nnen", "acht", "achen", "ndet", "nden", "olgt", "olgen", "stehe", "rden", "ert", "ern", "cht", "chen", "ifft", "effen"} {
		if strings.HasSuffix(low, end) {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

var verbs = set(`ist sind war waren wird werden wurde wurden muss müssen musste kann können konnte soll sollen sollte darf dürfen hat haben hatte
	gilt gelten liegt liegen gibt geben steht stehen zeigt zeigen legt legen führt führen misst messen nutzt nutzen erhält erhalten bleibt bleiben
	deckt decken trägt tragen weist weisen nennt nennen prüft prüfen belegt belegen betrifft betreffen umfasst umfassen enthält enthalten existiert
	existieren dient dienen folgt folgen braucht brauchen macht machen tut tun kommt kommen geht gehen
	is are was were be been has have had must shall should can could may might will would does do did applies apply covers cover shows show
	holds hold proves prove contains contain requires require demands demand names name exists exist gives give takes take makes make needs need
	includes include defines define describes describe measures measure uses use serves serve lies lie stands stand follows follow`)

var notVerbs = set(`nicht recht sicht nacht acht sowie gegen neben eben daneben oder unter hinter ohne einen keinen allen jeden andern anderen
	weltweit gesamt direkt bekannt insgesamt extern intern modern elementar solchen welchen manchen zwischen inzwischen schlecht leicht dicht
	technischen fachlichen rechtlichen organisatorischen schriftlichen täglichen jährlichen monatlichen öffentlichen kritischen physischen
	dokumentiert zertifiziert automatisiert verschlüsselt signiert`)
