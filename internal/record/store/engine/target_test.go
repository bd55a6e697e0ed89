package engine

import (
	"net/url"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/pgtest"
)

// An address that asks for the server that writes, as fail-over needs it, finds
// the primary for reading too; and a connection for reading still cannot write.
func TestAddressOfThePrimary(t *testing.T) {
	database, schema := pgtest.Schema(t)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("target_session_attrs", "read-write")
	u.RawQuery = q.Encode()
	config, err := ConnConfig(u.String(), schema)
	if err != nil {
		t.Fatal(err)
	}
	writes, reads, err := (&postgres{config: config}).open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer writes.Close() //nolint:errcheck // nothing is kept
	defer reads.Close()  //nolint:errcheck // nothing is kept
	var readOnly string
	if err := reads.QueryRowContext(t.Context(), "SHOW transaction_read_only").Scan(&readOnly); err != nil || readOnly != "on" {
		t.Errorf("a connection for reading: %q, %v", readOnly, err)
	}
	if err := writes.QueryRowContext(t.Context(), "SHOW transaction_read_only").Scan(&readOnly); err != nil || readOnly != "off" {
		t.Errorf("the connection that writes: %q, %v", readOnly, err)
	}
}

// A setting in the address that the server does not take is the caller's to
// mend, not ours.
func TestAddressWithAnUnknownSetting(t *testing.T) {
	database, schema := pgtest.Schema(t)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("no_such_setting", "on")
	u.RawQuery = q.Encode()
	db, err := Open(t.Context(), Options{Database: u.String(), Schema: schema})
	if !problem.Is(err, problem.BadInput) || !problem.From(err).Hint.Complete() {
		t.Errorf("%v", err)
	}
	if err == nil {
		t.Error(db.Close())
	}
}
