package store

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestNewID(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	var ids []string
	for i := range 2000 {
		when := at.Add(time.Duration(i) * time.Microsecond)
		id := NewID("sys", when, seeded(byte(i)))
		u, err := uuid.Parse(id[4:])
		if err != nil || id[:4] != "sys_" || u.Version() != 7 || u.Variant() != uuid.RFC4122 {
			t.Fatalf("%s is not sys_ and a UUIDv7: %v", id, err)
		}
		if sec, ns := u.Time().UnixTime(); time.Unix(sec, ns).UnixMilli() != when.UnixMilli() {
			t.Fatalf("%s carries %d.%d, want %v", id, sec, ns, when)
		}
		ids = append(ids, id)
	}
	if !slices.IsSorted(ids) {
		t.Error("ids a microsecond apart do not sort by time")
	}
	if NewID("sys", at, seeded(1)) != NewID("sys", at, seeded(1)) || NewID("sys", at, seeded(1)) == NewID("sys", at, seeded(2)) {
		t.Error("an id depends on its time and randomness, and on nothing else")
	}
	defer func() {
		if recover() == nil {
			t.Error("an id was made without randomness")
		}
	}()
	NewID("sys", at, bytes.NewReader(nil))
}
