package ledger

import (
	"testing"
	"time"
)

// What is acknowledged and not yet published can be seen, follows by itself
// after the interval, and never takes more memory than the limit and one group.
func TestLagIsVisibleAndBounded(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	for range 100 {
		if _, err := j.Append(t.Context(), make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	st := j.Status()
	if st.Size != 100 || st.Published != 0 || st.Unpublished < 100*1000 || st.TailLimit != defaultMaxTail || st.PublishEvery >= 0 || !st.PublishedAt.IsZero() {
		t.Fatalf("%+v", st)
	}
	publishNow(t, j)
	if st := j.Status(); st.Published != 100 || st.Unpublished != 0 || st.PublishedAt.IsZero() {
		t.Fatalf("%+v", st)
	}

	o = options(quickDir(t))
	o.PublishEvery, o.maxTail = time.Millisecond, 40<<10
	j = open(t, o)
	group := make([][]byte, 20)
	for i := range group {
		group[i] = make([]byte, 1000)
	}
	most := o.maxTail + 2*len(group)*(1000+2+leafBytes)
	for range 50 {
		if _, err := j.AppendAll(t.Context(), group); err != nil {
			t.Fatal(err)
		}
		if st := j.Status(); st.Unpublished > most {
			t.Fatalf("%d bytes unpublished, limit %d", st.Unpublished, st.TailLimit)
		}
	}
	for j.Status().Published != 1000 { // nobody asks for it
		if t.Context().Err() != nil {
			t.Fatalf("%+v", j.Status())
		}
	}
}
