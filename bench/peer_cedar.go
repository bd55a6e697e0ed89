package main

import (
	"context"
	"fmt"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// cedarShipped is cedar-go as it comes: one policy set with the ids that the
// policies carry, one map of entities, and Authorize, which asks every policy.
func cedarShipped(_ context.Context, w *decideWork) (decider, error) {
	list, err := cedar.NewPolicyListFromBytes("work.cedar", []byte(w.cedarText()))
	if err != nil {
		return decider{}, err
	}
	set := cedar.NewPolicySet()
	for _, p := range list {
		if !set.Add(cedar.PolicyID(p.Annotations()["id"]), p) {
			return decider{}, fmt.Errorf("two policies are named %q", p.Annotations()["id"])
		}
	}
	known := types.EntityMap{}
	for _, e := range append(append([]workEntity{}, w.subjects...), w.assets...) {
		known[cedarUID(e.workRef)] = cedarEntity(e)
	}
	for _, name := range workActions {
		known[types.NewEntityUID("Action", types.String(name))] = cedarEntity(actionEntity(name))
	}
	return peerDecider("cedar-go as shipped", false, func(i int) (workAnswer, error) {
		r := w.requests[i]
		plant := types.RecordMap{"state": types.String(r.plant), "known": types.Boolean(r.plantKnown), "age": types.Long(0)}
		decision, diag := cedar.Authorize(set, known, cedar.Request{
			Principal: cedarUID(w.subjects[r.subject].workRef), Action: types.NewEntityUID("Action", types.String(r.action)), Resource: cedarUID(w.assets[r.asset].workRef),
			Context: types.NewRecord(types.RecordMap{"hour": types.Long(r.hour), "posture": types.String(r.posture), "mfa": types.Boolean(r.mfa),
				"risk": types.Long(r.risk), "plant": types.NewRecord(plant)}),
		})
		if len(diag.Errors) > 0 {
			return workAnswer{}, fmt.Errorf("%v", diag.Errors)
		}
		out := workAnswer{allow: decision == cedar.Allow}
		for _, reason := range diag.Reasons {
			out.reasons = append(out.reasons, string(reason.PolicyID))
		}
		return out, nil
	}), nil
}

func cedarUID(r workRef) types.EntityUID {
	return types.NewEntityUID(types.EntityType(r.typ), types.String(r.id))
}

func cedarEntity(e workEntity) types.Entity {
	var in []types.EntityUID
	for _, r := range e.in {
		in = append(in, cedarUID(r))
	}
	attributes := types.RecordMap{}
	switch e.typ {
	case "person", "agent":
		attributes["level"], attributes["managed"] = types.Long(e.level), types.Boolean(e.managed)
	case "machine":
		attributes["critical"] = types.Boolean(e.critical)
	}
	return types.Entity{UID: cedarUID(e.workRef), Parents: types.NewEntityUIDSet(in...), Attributes: types.NewRecord(attributes)}
}
