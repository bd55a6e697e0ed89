package oversee

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
)

// failing runs a function after the journal took an entry.
type failing struct {
	d    *desk
	then func()
}

func (f failing) AppendEvent(ctx context.Context, e ledger.Event) (ledger.Receipt, error) {
	r, err := f.d.AppendEvent(ctx, e)
	f.then()
	return r, err
}

func TestStopAndResume(t *testing.T) {
	d := newDesk(t)
	if err := d.Stop(d.ctx, anna, "sys_mill", because); err != nil || !d.Stopped("sys_mill") || d.Stopped("sys_camera") {
		t.Fatalf("stop: %v", err)
	}
	s, err := entry.ParseStop(d.events(entry.TypeStopped)[0].Data)
	if err != nil || s.System != "sys_mill" || s.By != "per_anna" || s.Role != "shift_lead" || d.events(entry.TypeStopped)[0].Subject != "sys_mill" {
		t.Errorf("entry %+v, %v", s, err)
	}
	if reason, err := d.vault.Get(d.ctx, s.Reason.Ref); err != nil || string(reason) != because {
		t.Errorf("reason %q, %v", reason, err)
	}
	err = d.Resume(d.ctx, anna, "sys_mill", because)
	want(t, err, problem.Denied, "oversight.may_not_stop")
	if !d.Stopped("sys_mill") {
		t.Fatal("who may not lift the stop lifted it")
	}
	if err := d.Resume(d.ctx, bernd, "sys_mill", because); err != nil || d.Stopped("sys_mill") || len(d.events(entry.TypeResumed)) != 1 {
		t.Errorf("resume: %v", err)
	}
	if want := []string{"stopped sys_mill by per_anna", "resumed sys_mill by per_bernd"}; !slices.Equal(d.calls, want) {
		t.Errorf("governance heard %q", d.calls)
	}
	err = d.Resume(d.ctx, bernd, "sys_mill", because)
	want(t, err, problem.Conflict, "")
}

func TestWhoMayNotStop(t *testing.T) {
	d := newDesk(t)
	want(t, d.Stop(d.ctx, carla, "sys_mill", because), problem.Denied, "oversight.may_not_stop")
	want(t, d.Stop(d.ctx, Principal{Roles: []string{"safety"}}, "sys_mill", because), problem.Denied, "oversight.may_not_stop")
	want(t, d.Stop(d.ctx, anna, "sys_mill", "halt"), problem.BadInput, "reason")
	want(t, d.Stop(d.ctx, anna, "", because), problem.BadInput, "system")
	if d.Stopped("sys_mill") || len(d.events(entry.TypeStopped)) != 0 || len(d.calls) != 0 {
		t.Error("a refused stop left something behind")
	}
}

// A full disk keeps nobody from stopping a system; lifting the stop waits until
// it can be recorded.
func TestStopHoldsWithAFullDisk(t *testing.T) {
	d := newDesk(t)
	d.full = true
	want(t, d.Stop(d.ctx, anna, "sys_mill", because), problem.Unavailable, "")
	if !d.Stopped("sys_mill") {
		t.Fatal("the system runs on")
	}
	if !slices.Equal(d.calls, []string{"stopped sys_mill by per_anna"}) {
		t.Errorf("governance heard %q", d.calls)
	}
	want(t, d.Resume(d.ctx, bernd, "sys_mill", because), problem.Unavailable, "")
	if !d.Stopped("sys_mill") {
		t.Fatal("the stop was lifted without a record")
	}
	d.full = false
	if err := d.Stop(d.ctx, anna, "sys_mill", because); err != nil || len(d.events(entry.TypeStopped)) != 1 {
		t.Errorf("pressed again: %v", err)
	}
}

func TestGovernanceDoesNotHear(t *testing.T) {
	d := newDesk(t)
	d.o.OnStop = func(context.Context, string, bool, Principal) error { return errors.New("no") }
	want(t, d.Stop(d.ctx, anna, "sys_mill", because), problem.Unavailable, "")
	if !d.Stopped("sys_mill") || len(d.events(entry.TypeStopped)) != 1 {
		t.Error("the stop does not hold")
	}
	if err := d.Resume(d.ctx, bernd, "sys_mill", because); err == nil || !d.Stopped("sys_mill") {
		t.Error("resumed, although the permit was not compiled again")
	}
}

// A stop that is pressed while another person resumes is not lifted by that
// resume, and governance and journal hear of it last.
func TestAStopDuringAResumeHolds(t *testing.T) {
	d := newDesk(t)
	if err := d.Stop(d.ctx, anna, "sys_mill", because); err != nil {
		t.Fatal(err)
	}
	pressed := make(chan error, 1)
	tell := d.o.OnStop
	d.o.OnStop = func(ctx context.Context, system string, stopped bool, by Principal) error {
		if !stopped { // the resume is recorded and not yet in effect
			before, _ := d.pressed(system)
			go func() { pressed <- d.Stop(d.ctx, anna, system, because) }()
			for now := before; now == before; now, _ = d.pressed(system) {
				runtime.Gosched()
			}
		}
		return tell(ctx, system, stopped, by)
	}
	if err := d.Resume(d.ctx, bernd, "sys_mill", because); err != nil {
		t.Fatal(err)
	}
	if err := <-pressed; err != nil {
		t.Fatal(err)
	}
	if !d.Stopped("sys_mill") {
		t.Error("the system runs, although stop was pressed last")
	}
	if last := d.calls[len(d.calls)-1]; last != "stopped sys_mill by per_anna" {
		t.Errorf("governance heard %q", d.calls)
	}
	again := d.queue()
	if err := again.Load(d.ctx); err != nil || !again.Stopped("sys_mill") {
		t.Errorf("after a restart the system runs: %v", err)
	}
}

// Another node stops and lifts; this one hears it from the register. What was
// pressed here and has not reached the register is not lifted by what the
// register says.
func TestAStopOfAnotherNodeIsHeard(t *testing.T) {
	d := newDesk(t)
	register := false
	hear := func() {
		t.Helper()
		if err := d.Heard("sys_mill", func() (bool, error) { return register, nil }); err != nil {
			t.Fatal(err)
		}
	}
	register = true
	hear()
	if !d.Stopped("sys_mill") {
		t.Fatal("a stop of another node is not obeyed")
	}
	register = false
	hear()
	if d.Stopped("sys_mill") {
		t.Fatal("a lifted stop holds on")
	}

	d.full = true // pressed here, and nobody else can know
	want(t, d.Stop(d.ctx, anna, "sys_mill", because), problem.Unavailable, "")
	hear()
	if !d.Stopped("sys_mill") {
		t.Fatal("the register lifted a stop that it never heard of")
	}
	d.full = false
	if err := d.Resume(d.ctx, bernd, "sys_mill", because); err != nil || d.Stopped("sys_mill") {
		t.Fatalf("a person cannot lift it: %v", err)
	}
	register = true
	hear()
	register = false
	hear()
	if d.Stopped("sys_mill") {
		t.Error("after a person lifted it the register is not obeyed any more")
	}
}

// A stop that could not be recorded and was pressed again is in the register
// once, and another node may lift it.
func TestAStopThatIsPressedAgainIsLiftedElsewhere(t *testing.T) {
	d := newDesk(t)
	d.full = true
	want(t, d.Stop(d.ctx, anna, "sys_mill", because), problem.Unavailable, "")
	d.full = false
	if err := d.Stop(d.ctx, anna, "sys_mill", because); err != nil {
		t.Fatal(err)
	}
	if err := d.Heard("sys_mill", func() (bool, error) { return false, nil }); err != nil || d.Stopped("sys_mill") {
		t.Errorf("it holds on this node alone: %v", err)
	}
}

// A stop that is pressed while the register is being read is not lifted by what
// was read.
func TestAStopPressedWhileHearingHolds(t *testing.T) {
	d := newDesk(t)
	err := d.Heard("sys_mill", func() (bool, error) {
		if err := d.Stop(d.ctx, anna, "sys_mill", because); err != nil {
			t.Error(err)
		}
		return false, nil // read before
	})
	if err != nil || !d.Stopped("sys_mill") {
		t.Errorf("lifted: %v", err)
	}
	broken := errors.New("no database")
	if err := d.Heard("sys_mill", func() (bool, error) { return false, broken }); !errors.Is(err, broken) || !d.Stopped("sys_mill") {
		t.Errorf("a register that cannot be read lifted it: %v", err)
	}
}
