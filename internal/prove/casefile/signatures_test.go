package casefile_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/approve/signed"
	"augenmass/internal/operate/identity/passkey/event"
	"augenmass/internal/operate/identity/passkey/passkeytest"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger"
	"augenmass/internal/text"
)

const (
	rp     = "ki.werk.example"
	origin = "https://ki.werk.example"
)

// person has a device whose key stands in the journal.
func (w *works) person(id string) *passkeytest.Device {
	w.t.Helper()
	d := passkeytest.New(w.t, rp, origin)
	a := event.Added{V: 1, Passkey: "pky_" + id, Person: id, Credential: d.Credential(), PublicKey: d.PublicKey(), Algorithm: -7, RPID: rp}
	w.add(event.TypeAdded, id, a)
	p, err := verify.NewPasskey(a)
	if err != nil {
		w.t.Fatal(err)
	}
	w.src.Passkeys = append(w.src.Passkeys, p)
	return d
}

func nonce(t testing.TB) string {
	t.Helper()
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// approval is an approval by a person, with a device when there is one.
func (w *works) approval(person, method string, d *passkeytest.Device) signed.Approval {
	w.t.Helper()
	at := start.Add(time.Duration(w.n) * time.Second)
	a := signed.Approval{Form: signed.Form, System: "sys_1", Role: "director", Person: person, ContentHash: "sha256:" + strings.Repeat("ab", 32),
		GivenAt: at, ValidUntil: at.AddDate(1, 0, 0), Method: method, Remark: "Nur für Halle 2."}
	if d != nil {
		a.Nonce, a.BegunAt = nonce(w.t), at.Add(-time.Minute)
		w.assert(&a, d)
	}
	return a
}

// assert has the device sign the statement of an approval.
func (w *works) assert(a *signed.Approval, d *passkeytest.Device) {
	w.t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	client, data, sig := d.Sign(map[string]any{"challenge": b64(a.Statement().Challenge())})
	a.Assertion = signed.Assertion{Credential: d.Credential(), ClientData: b64(client), AuthenticatorData: b64(data), Signature: b64(sig), RPID: rp, Origin: origin}
}

// give signs an approval with the organisation's key and journals it, with its
// record.
func (w *works) give(id string, a signed.Approval) {
	w.t.Helper()
	sig, err := w.src.Seal.Sign(a.Text())
	if err != nil {
		w.t.Fatal(err)
	}
	a.Signature = base64.StdEncoding.EncodeToString(sig)
	raw, err := json.Marshal(a)
	if err != nil {
		w.t.Fatal(err)
	}
	if raw, err = ledger.Canonical(raw); err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	w.add("augenmass.object.created", id, map[string]any{"kind": "approval", "id": id, "revision": 1, "hash": "sha256:" + hex.EncodeToString(sum[:])})
	w.src.Objects["approval"] = append(w.src.Objects["approval"], verify.Object{Kind: "approval", ID: id, Revision: 1, Doc: raw})
	if a.Form < signed.Form {
		w.add(signed.TypeGiven, a.System, map[string]any{"v": 1, "approval": id, "system": a.System, "role": a.Role, "person": a.Person,
			"content_hash": a.ContentHash, "method": a.Method, "signature": a.Signature, "key": w.src.Seal.Name()})
		return
	}
	w.add(signed.TypeGiven, a.System, signed.EntryOf(id, w.src.Seal.Name(), a))
}

// Every signature of a case is verified, also those of persons' passkeys, and
// the report says what each kind is worth (001-02). An approval of before
// passkeys still verifies.
func TestSignaturesOfEveryKind(t *testing.T) {
	w := newWorks(t)
	jonas, miriam := w.person("usr_jonas"), w.person("usr_miriam")
	w.give("apr_1", w.approval("usr_jonas", signed.Passkey, jonas))
	w.give("apr_2", w.approval("usr_miriam", signed.Passkey, miriam))
	w.give("apr_3", w.approval("usr_jonas", signed.Passkey, jonas))
	w.give("apr_4", w.approval("usr_eva", signed.TOTP, nil))
	w.give("apr_5", w.approval("usr_eva", signed.Password, nil))
	old := w.approval("usr_eva", signed.Password, nil)
	old.Form, old.Remark = 0, ""
	w.give("apr_6", old)
	w.permit(1)
	b, _ := w.write(casefile.Period{})
	rep := check(t, b, verify.Options{})
	if !rep.OK {
		t.Fatalf("%+v", rep.Break)
	}
	if rep.Checked.Approvals != 6 || rep.Checked.Signatures != (verify.Signatures{Passkey: 3, Factors: 1, Password: 2}) {
		t.Errorf("%+v", rep.Checked)
	}
	for l, words := range map[text.Lang][]string{
		text.DE: {"1 Betriebserlaubnisse mit dem Schlüssel der Organisation", "3 Freigaben mit Passkey", "1 Freigaben mit Passwort und Code (schwächer", "2 Freigaben mit Passwort allein (am schwächsten"},
		text.EN: {"1 permits with the organisation's key", "3 approvals with a passkey", "1 approvals with password and code (weaker", "2 approvals with a password alone (weakest"},
	} {
		for _, word := range words {
			if got := rep.Text(l); !strings.Contains(got, word) {
				t.Errorf("%q is not in\n%s", word, got)
			}
		}
	}
	files := unpack(t, b)
	if got := string(files[verify.PasskeysFile]); !strings.Contains(got, "BEGIN PUBLIC KEY") || !strings.Contains(got, jonas.Credential()) || strings.Contains(got, "Telefon") {
		t.Error(got)
	}
}

// What does not hold is named by its entry, although the organisation itself
// wrote and signed it: it cannot make a person's signature (001-02).
func TestSignaturesThatDoNotHold(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *works, a *signed.Approval, d *passkeytest.Device)
		say    string
	}{
		"sound": {func(*works, *signed.Approval, *passkeytest.Device) {}, ""},
		"a changed document": {func(_ *works, a *signed.Approval, _ *passkeytest.Device) {
			a.ContentHash = "sha256:" + strings.Repeat("cd", 32)
		},
			"for another content"},
		"another role":    {func(_ *works, a *signed.Approval, _ *passkeytest.Device) { a.Role = "safety" }, "for another content"},
		"another system":  {func(_ *works, a *signed.Approval, _ *passkeytest.Device) { a.System = "sys_2" }, "for another content"},
		"another nonce":   {func(w *works, a *signed.Approval, _ *passkeytest.Device) { a.Nonce = nonce(w.t) }, "for another content"},
		"another instant": {func(_ *works, a *signed.Approval, _ *passkeytest.Device) { a.BegunAt = a.BegunAt.Add(time.Second) }, "for another content"},
		"a swapped assertion": {func(w *works, a *signed.Approval, d *passkeytest.Device) {
			other := w.approval("usr_jonas", signed.Passkey, d)
			a.Assertion = other.Assertion
		}, "for another content"},
		"a replayed assertion": {func(w *works, a *signed.Approval, _ *passkeytest.Device) { w.give("apr_0", *a) }, "was used in entry"},
		"a replayed nonce": {func(w *works, a *signed.Approval, d *passkeytest.Device) {
			before := *a
			w.give("apr_0", before)
			w.assert(a, d)
		}, "was used in entry"},
		"a key of somebody else": {func(w *works, a *signed.Approval, _ *passkeytest.Device) { w.assert(a, w.person("usr_miriam")) }, "belongs to another person"},
		"a key that nobody has": {func(w *works, a *signed.Approval, _ *passkeytest.Device) {
			w.assert(a, passkeytest.New(w.t, rp, origin))
		}, "does not know the passkey"},
		"a key that was revoked": {func(w *works, a *signed.Approval, d *passkeytest.Device) { w.revoke("usr_jonas", d) }, "had been revoked"},
		"the data of another device": {func(w *works, a *signed.Approval, _ *passkeytest.Device) {
			other := passkeytest.New(w.t, rp, origin)
			other.Count = 41
			a.Assertion.AuthenticatorData = w.approval("usr_x", signed.Passkey, other).Assertion.AuthenticatorData
		}, "signature does not hold"},
		"a page of another site": {func(w *works, a *signed.Approval, d *passkeytest.Device) {
			d.Origin = "https://evil.example"
			w.assert(a, d)
		}, "from another site"},
		"another site named as well": {func(w *works, a *signed.Approval, d *passkeytest.Device) {
			d.Origin = "https://evil.example"
			w.assert(a, d)
			a.Assertion.Origin = d.Origin
		}, "does not belong to the passkey's site"},
		"another relying party":       {func(w *works, a *signed.Approval, d *passkeytest.Device) { d.RPID = "evil.example"; w.assert(a, d) }, "for another site"},
		"another party named as well": {func(_ *works, a *signed.Approval, _ *passkeytest.Device) { a.Assertion.RPID = "evil.example" }, "for another site"},
		"a frame of another site":     {func(w *works, a *signed.Approval, d *passkeytest.Device) { d.Cross = true; w.assert(a, d) }, "inside another site"},
		"nobody verified":             {func(w *works, a *signed.Approval, d *passkeytest.Device) { d.Flags = 0x01; w.assert(a, d) }, "did not verify the person"},
		"nobody present":              {func(w *works, a *signed.Approval, d *passkeytest.Device) { d.Flags = 0x04; w.assert(a, d) }, "being present"},
		"a counter that went back": {func(w *works, a *signed.Approval, d *passkeytest.Device) {
			w.give("apr_0", w.approval("usr_jonas", signed.Passkey, d))
			d.Count = 0
			w.assert(a, d)
		}, "went back"},
		"a passkey without assertion":  {func(_ *works, a *signed.Approval, _ *passkeytest.Device) { a.Assertion = signed.Assertion{} }, "lacks its signature"},
		"an assertion called password": {func(_ *works, a *signed.Approval, _ *passkeytest.Device) { a.Method = signed.Password }, "other way round"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorks(t)
			d := w.person("usr_jonas")
			a := w.approval("usr_jonas", signed.Passkey, d)
			c.change(w, &a, d)
			w.give("apr_1", a)
			b, _ := w.write(casefile.Period{})
			rep := check(t, b, verify.Options{})
			if c.say == "" {
				if !rep.OK {
					t.Errorf("%+v", rep.Break)
				}
				return
			}
			if rep.OK || rep.Break == nil || rep.Break.Index < 0 || !strings.Contains(rep.Break.Reason.EN, c.say) || !rep.Break.Reason.Complete() {
				t.Errorf("%+v, want %q", rep.Break, c.say)
			}
		})
	}
}

func (w *works) revoke(person string, d *passkeytest.Device) {
	w.t.Helper()
	w.add(event.TypeRevoked, person, event.Revoked{V: 1, Passkey: "pky_" + person, Person: person, Credential: d.Credential(), By: person})
}

// What was signed before a key was revoked stays signed.
func TestRevokedAfterwards(t *testing.T) {
	w := newWorks(t)
	d := w.person("usr_jonas")
	w.give("apr_1", w.approval("usr_jonas", signed.Passkey, d))
	w.revoke("usr_jonas", d)
	b, _ := w.write(casefile.Period{})
	if rep := check(t, b, verify.Options{}); !rep.OK {
		t.Errorf("%+v", rep.Break)
	}
}

// Records, entries and keys have to say the same, and the organisation's own
// signature has to hold over each.
func TestRecordsAndEntriesSayTheSame(t *testing.T) {
	objects := verify.ObjectFolder + "/approval.jsonl"
	change := func(o *verify.Object, f func(a *signed.Approval)) {
		var a signed.Approval
		if json.Unmarshal(o.Doc, &a) == nil {
			f(&a)
			o.Doc, _ = json.Marshal(a) // it was just read
		}
	}
	for name, c := range map[string]struct {
		change func(w *works)
		file   string
	}{
		"sound": {func(*works) {}, ""},
		"a record with another remark": {func(w *works) {
			change(&w.src.Objects["approval"][0], func(a *signed.Approval) { a.Remark = "Überall." })
		}, objects},
		"a record with another assertion": {func(w *works) {
			change(&w.src.Objects["approval"][0], func(a *signed.Approval) { a.Assertion.Signature = a.Assertion.ClientData })
		}, objects},
		"an approval that nobody gave": {func(w *works) {
			w.src.Objects["approval"][1].ID = "apr_9"
		}, objects},
		"an entry that the organisation did not sign": {func(w *works) {
			e := signed.EntryOf("apr_8", w.src.Seal.Name(), w.approval("usr_eva", signed.Password, nil))
			e.Signature = base64.StdEncoding.EncodeToString(make([]byte, 64))
			w.add(signed.TypeGiven, "sys_1", e)
		}, "journal/tile/entries/000.p/7"},
		"an approval given twice": {func(w *works) {
			change(&w.src.Objects["approval"][1], func(a *signed.Approval) {
				w.add(signed.TypeGiven, a.System, signed.EntryOf("apr_2", w.src.Seal.Name(), *a))
			})
		}, "journal/tile/entries/000.p/7"},
		"a key of somebody else in the list": {func(w *works) { w.src.Passkeys[0].Person = "usr_eva" }, verify.PasskeysFile},
		"a key in two forms":                 {func(w *works) { w.src.Passkeys[0].PEM = "-----BEGIN PUBLIC KEY-----" }, verify.PasskeysFile},
		"a key announced twice": {func(w *works) {
			w.add(event.TypeAdded, "usr_eva", event.Added{V: 1, Person: "usr_eva", Credential: w.src.Passkeys[0].Credential, PublicKey: w.src.Passkeys[0].PublicKey})
		}, "journal/tile/entries/000.p/7"},
		"an old approval without its record": {func(w *works) {
			old := w.approval("usr_eva", signed.Password, nil)
			old.Form = 0
			w.give("apr_7", old)
			w.src.Objects["approval"] = w.src.Objects["approval"][:2]
		}, objects},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorks(t)
			d := w.person("usr_jonas")
			w.give("apr_1", w.approval("usr_jonas", signed.Passkey, d))
			w.give("apr_2", w.approval("usr_eva", signed.TOTP, nil))
			c.change(w)
			b, _ := w.write(casefile.Period{})
			rep := check(t, b, verify.Options{})
			if c.file == "" {
				if !rep.OK {
					t.Errorf("%+v", rep.Break)
				}
				return
			}
			if rep.OK || rep.Break == nil || rep.Break.File != c.file || !rep.Break.Reason.Complete() {
				t.Errorf("%+v, want %s", rep.Break, c.file)
			}
		})
	}
}

// One flipped bit anywhere in a case with signatures is seen and named, in the
// container as in the files of keys and approvals.
func TestAFlippedBitInASignedCase(t *testing.T) {
	w := newWorks(t)
	d := w.person("usr_jonas")
	w.give("apr_1", w.approval("usr_jonas", signed.Passkey, d))
	w.give("apr_2", w.approval("usr_eva", signed.TOTP, nil))
	w.src.Permits = append(w.src.Permits, w.permit(1))
	b, _ := w.write(casefile.Period{})
	if rep := check(t, b, verify.Options{}); !rep.OK {
		t.Fatalf("%+v", rep.Break)
	}
	for i := 0; i < len(b); i += 37 {
		changed := slices.Clone(b)
		changed[i] ^= 1 << (i % 8)
		rep, err := verify.Reader(t.Context(), strings.NewReader(string(changed)), int64(len(changed)), "case.zip", verify.Options{})
		if err == nil && (rep.OK || rep.Break == nil) {
			t.Fatalf("byte %d of %d was flipped and nobody saw", i, len(b))
		}
	}
	// Whoever holds the organisation's key can seal a changed case again; what a
	// person's device signed it cannot make.
	files := unpack(t, b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != verify.PasskeysFile && name != verify.ObjectFolder+"/approval.jsonl" {
			continue
		}
		for i := 0; i < len(files[name]); i += 29 {
			changed := tree(maps.Clone(files))
			changed[name] = slices.Clone(files[name])
			changed[name][i] ^= 1
			if same(changed[name], files[name]) {
				continue // white space
			}
			resealed(t, w, changed, name)
			rep, err := verify.FS(t.Context(), changed.fs(), "case", verify.Options{})
			if err != nil || rep.OK {
				t.Fatalf("%s, byte %d: %v %+v", name, i, err, rep.Break)
			}
		}
	}
}

// same reports whether two texts are the same JSON, line by line.
func same(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && fmt.Sprint(x) == fmt.Sprint(y)
}
