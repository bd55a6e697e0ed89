package verify

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/approve/signed"
	"augenmass/internal/operate/identity/passkey/assert"
	"augenmass/internal/operate/identity/passkey/event"
	"augenmass/internal/problem"
	ledger "augenmass/internal/record/ledger/entry"
	"augenmass/internal/text"
)

// PasskeysFile lists the public keys of the persons' passkeys for readers and
// other tools; what it says stands in the journal as well.
const PasskeysFile = "passkeys.json"

// Passkeys is the content of passkeys.json.
type Passkeys struct {
	Passkeys []Passkey `json:"passkeys"`
}

// Passkey is one public key with its person, by id.
type Passkey struct {
	event.Added
	PEM string `json:"public_key_pem"` // the same key as other tools read it
}

// Signatures counts the approvals of the journal by what stands behind them,
// strongest first.
type Signatures struct {
	Passkey  int `json:"passkey"`  // signed by the person's own key
	Factors  int `json:"factors"`  // password and code; the organisation vouches for it
	Password int `json:"password"` // one factor; the organisation vouches for it
}

// kindApproval is the kind of objects whose signature is checked here.
const kindApproval = "approval"

// signatures is what one walk over the journal knows of keys and approvals.
type signatures struct {
	keys   map[string]*personKey       // by credential
	listed map[string]Passkey          // of passkeys.json, by credential
	given  map[string]signed.Entry     // approvals of the journal, by id
	record map[string]signed.Approval  // approvals among the objects, by id
	used   map[string]map[string]int64 // nonce, browser's data and signature of every assertion → entry
}

// personKey is a passkey as the journal announced it.
type personKey struct {
	event.Added
	revoked bool
	count   uint32
}

func newSignatures() *signatures {
	return &signatures{keys: map[string]*personKey{}, listed: map[string]Passkey{}, given: map[string]signed.Entry{}, record: map[string]signed.Approval{},
		used: map[string]map[string]int64{"nonce": {}, "client": {}, "signature": {}}}
}

// readPasskeys reads passkeys.json; a case of before passkeys has none.
func (s *signatures) readPasskeys(fsys fs.FS, rep *Report, m Manifest) bool {
	listed := false
	for _, f := range m.Files {
		listed = listed || f.Path == PasskeysFile
	}
	if !listed {
		return true
	}
	raw, err := fs.ReadFile(fsys, PasskeysFile)
	var all Passkeys
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil {
		rep.fail(PasskeysFile, -1, "Die Datei ist nicht lesbar.", "The file cannot be read.")
		return false
	}
	for _, p := range all.Passkeys {
		if pem, err := keyPEM(p.PublicKey); err != nil || pem != p.PEM {
			rep.fail(PasskeysFile, -1, "Ein Schlüssel steht dort in zwei Formen, die nicht zueinander passen.", "A key stands there in two forms that do not fit each other.")
			return false
		}
		s.listed[p.Credential] = p
	}
	return true
}

// NewPasskey is the line of passkeys.json for a key that the journal announced.
func NewPasskey(a event.Added) (Passkey, error) {
	pem, err := keyPEM(a.PublicKey)
	return Passkey{Added: a, PEM: pem}, err
}

func keyPEM(key string) (string, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(key)
	if err != nil {
		return "", err
	}
	k, err := assert.ParseKey(raw)
	if err != nil {
		return "", err
	}
	return k.PEM()
}

// readApproval checks the organisation's signature over an approval among the
// objects. It reports false when it does not hold.
func (s *signatures) readApproval(o Object, seal note.Verifier) bool {
	var a signed.Approval
	if json.Unmarshal(o.Doc, &a) != nil || !holds(seal, a.Text(), a.Signature) {
		return false
	}
	s.record[o.ID] = a
	return true
}

// holds reports whether a signature is the organisation's over a text.
func holds(seal note.Verifier, text []byte, signature string) bool {
	sig, err := base64.StdEncoding.Strict().DecodeString(signature)
	return err == nil && seal.Verify(text, sig)
}

// seeKey notes a passkey that was added or revoked.
func (p *pass) seeKey(index uint64, e ledger.Event) {
	bad := func(de, en string) { p.rep.fail(p.bundle(index), int64(index), de, en) }
	if e.Type == event.TypeRevoked {
		var r event.Revoked
		if json.Unmarshal(e.Data, &r) != nil || p.signed.keys[r.Credential] == nil {
			bad("Der Eintrag widerruft einen Passkey, den es nicht gibt.", "The entry revokes a passkey that does not exist.")
			return
		}
		p.signed.keys[r.Credential].revoked = true
		return
	}
	var a event.Added
	if json.Unmarshal(e.Data, &a) != nil || a.Credential == "" || a.Person == "" || p.signed.keys[a.Credential] != nil {
		bad("Der Eintrag eines Passkeys ist nicht lesbar, oder es gibt den Passkey schon.", "The entry of a passkey cannot be read, or the passkey exists already.")
		return
	}
	p.signed.keys[a.Credential] = &personKey{Added: a, count: uint32(a.SignCount)}
}

// seeApproval verifies the signatures of one approval.
func (p *pass) seeApproval(index uint64, e ledger.Event) {
	bad := func(de, en string) { p.rep.fail(p.bundle(index), int64(index), de, en) }
	var g signed.Entry
	if json.Unmarshal(e.Data, &g) != nil || g.Approval == "" || g.System != e.Subject {
		bad("Der Eintrag einer Freigabe ist nicht lesbar.", "The entry of an approval cannot be read.")
		return
	}
	if _, twice := p.signed.given[g.Approval]; twice {
		bad("Dieselbe Freigabe steht zwei Mal im Journal.", "The same approval stands in the journal twice.")
		return
	}
	p.signed.given[g.Approval] = g
	c := &p.rep.Checked
	c.Approvals++
	switch signed.StrengthOf(g.Method) {
	case signed.Strong:
		c.Signatures.Passkey++
	case signed.Weaker:
		c.Signatures.Factors++
	default:
		c.Signatures.Password++
	}
	if g.V < signed.Form {
		return // its signature is checked with its record
	}
	a, said := g.Signed()
	if g.Key != p.seal.Name() || !holds(p.seal, said, g.Signature) {
		bad("Die Unterschrift der Organisation unter der Freigabe hält nicht.", "The organisation's signature under the approval does not hold.")
		return
	}
	if (g.Method == signed.Passkey) == g.Assertion.IsZero() {
		bad("Die Freigabe nennt einen Passkey, aber es fehlt dessen Unterschrift, oder umgekehrt.",
			"The approval names a passkey but lacks its signature, or the other way round.")
		return
	}
	if !g.Assertion.IsZero() {
		if say := p.signed.assertion(index, a); !say.IsZero() {
			bad(say.DE, say.EN)
		}
	}
}

// assertion verifies what a passkey signed: that the key belongs to the person
// and stood, that the challenge is the hash of the very statement, that nothing
// of it was used before, and the signature itself. It returns what is wrong.
func (s *signatures) assertion(index uint64, a signed.Approval) text.Bi {
	k := s.keys[a.Assertion.Credential]
	switch {
	case k == nil:
		return text.Bi{DE: "Den Passkey, der unterschrieb, kennt das Journal nicht.", EN: "The journal does not know the passkey that signed."}
	case k.Person != a.Person:
		return text.Bi{DE: "Der Passkey, der unterschrieb, gehört einer anderen Person.", EN: "The passkey that signed belongs to another person."}
	case k.revoked:
		return text.Bi{DE: "Der Passkey, der unterschrieb, war schon widerrufen.", EN: "The passkey that signed had been revoked."}
	case k.RPID != a.Assertion.RPID:
		return text.Bi{DE: "Der Passkey gilt für eine andere Adresse.", EN: "The passkey is for another site."}
	}
	for what, value := range map[string]string{"nonce": a.Nonce, "client": a.Assertion.ClientData, "signature": a.Assertion.Signature} {
		if before, again := s.used[what][value]; again {
			return text.Bi{DE: fmt.Sprintf("Die Unterschrift des Passkeys wurde schon in Eintrag %d benutzt.", before),
				EN: fmt.Sprintf("The passkey's signature was used in entry %d already.", before)}
		}
		s.used[what][value] = int64(index)
	}
	if err := assert.Site(a.Assertion.RPID, a.Assertion.Origin); err != nil {
		return problem.From(err).Say
	}
	key, err := base64.RawURLEncoding.Strict().DecodeString(k.PublicKey)
	client, data, sig, err2 := a.Assertion.Bytes()
	if err != nil || err2 != nil {
		return text.Bi{DE: "Die Unterschrift des Passkeys ist nicht lesbar.", EN: "The passkey's signature cannot be read."}
	}
	seen, err := assert.Check(key, assert.Raw{ClientData: client, AuthenticatorData: data, Signature: sig},
		assert.Expect{Challenge: a.Statement().Challenge(), RPID: a.Assertion.RPID, Origins: []string{a.Assertion.Origin}})
	if err != nil {
		return problem.From(err).Say
	}
	if (seen.SignCount != 0 || k.count != 0) && seen.SignCount <= k.count {
		return text.Bi{DE: "Der Zähler des Passkeys ging zurück.", EN: "The passkey's counter went back."}
	}
	k.count = seen.SignCount
	return text.Bi{}
}

// conclude compares records and files with what the journal said.
func (s *signatures) conclude(rep *Report) {
	file := ObjectFolder + "/" + kindApproval + ".jsonl"
	for id, a := range s.record {
		if g, ok := s.given[id]; !ok || g.Signature != a.Signature {
			rep.fail(file, -1, "Die Freigabe "+id+" wurde so nicht im Journal erteilt.", "The approval "+id+" was not given like this in the journal.")
			return
		}
	}
	for id, g := range s.given {
		if _, ok := s.record[id]; !ok && g.V < signed.Form {
			rep.fail(file, -1, "Die Freigabe "+id+" fehlt; ohne sie ist ihre Unterschrift nicht prüfbar.", "The approval "+id+" is missing; without it its signature cannot be checked.")
			return
		}
	}
	for id, p := range s.listed {
		if k := s.keys[id]; k == nil || k.Added != p.Added {
			rep.fail(PasskeysFile, -1, "Ein Passkey steht so nicht im Journal.", "A passkey does not stand in the journal like this.")
			return
		}
	}
}

// sayInto writes one line for each kind of signature.
func (c Checked) sayInto(say func(de, en string, args ...any)) {
	say("Unterschriften %d Betriebserlaubnisse mit dem Schlüssel der Organisation", "Signatures    %d permits with the organisation's key", c.Permits)
	pad := strings.Repeat(" ", 14)
	if c.Steps > 0 {
		say(pad+"%d Schritte von Datensätzen mit dem Schlüssel der Organisation", pad+"%d steps of data sets with the organisation's key", c.Steps)
	}
	if n := c.Signatures.Passkey; n > 0 {
		say(pad+"%d Freigaben mit Passkey: vom Gerät der Person über genau diesen Inhalt", pad+"%d approvals with a passkey: by the person's device over exactly this content", n)
	}
	if n := c.Signatures.Factors; n > 0 {
		say(pad+"%d Freigaben mit Passwort und Code (schwächer: dafür steht die Organisation ein)",
			pad+"%d approvals with password and code (weaker: the organisation vouches for it)", n)
	}
	if n := c.Signatures.Password; n > 0 {
		say(pad+"%d Freigaben mit Passwort allein (am schwächsten: dafür steht die Organisation ein)",
			pad+"%d approvals with a password alone (weakest: the organisation vouches for it)", n)
	}
}
