package vault

import (
	"bytes"
	"testing"

	"augenmass/internal/problem"
)

func TestASealedSecretOpensUnderItsMasterKeyAndNameOnly(t *testing.T) {
	secret := []byte("PRIVATE+KEY+augenmass/werk+…")
	sealed, err := SealWithMaster(keyA, "journal", secret, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, secret[:8]) {
		t.Error("the secret is readable")
	}
	if got, err := OpenWithMaster(keyA, "journal", sealed); err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("opened %q, %v", got, err)
	}
	_, err = OpenWithMaster(keyB, "journal", sealed)
	wantKind(t, err, problem.Denied)
	_, err = OpenWithMaster(keyA, "seal", sealed)
	wantKind(t, err, problem.Corrupt)
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := OpenWithMaster(keyA, "journal", bad); err == nil {
			t.Errorf("byte %d is not authenticated", i)
		}
		if _, err := OpenWithMaster(keyA, "journal", sealed[:i]); err == nil {
			t.Errorf("the first %d bytes open", i)
		}
	}
	for _, short := range [][]byte{nil, keyA[:31]} {
		_, err = SealWithMaster(short, "journal", secret, nil)
		wantKind(t, err, problem.BadInput)
		_, err = OpenWithMaster(short, "journal", sealed)
		wantKind(t, err, problem.BadInput)
	}
	_, err = SealWithMaster(keyA, "journal", secret, bytes.NewReader(nil))
	wantKind(t, err, problem.Unavailable)
	again, err := SealWithMaster(keyA, "journal", secret, nil)
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("sealed the same twice: %v", err)
	}
}
