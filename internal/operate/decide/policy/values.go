package policy

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
)

// record builds a Cedar record of exactly the attributes that a schema
// declares. Attributes that it does not declare are left out: policies cannot
// see what they could not be checked against. A declared attribute of the wrong
// type, or a required one that is missing, is an error.
func record(have map[string]any, want resolved.RecordType) (types.Record, error) {
	if len(want) == 0 {
		return types.Record{}, nil
	}
	out := make(types.RecordMap, len(want))
	for name, attr := range want {
		v, ok := have[string(name)]
		if !ok || v == nil {
			if !attr.Optional {
				return types.Record{}, fmt.Errorf("attribute %s is missing", name)
			}
			continue
		}
		cv, err := value(v, attr.Type)
		if err != nil {
			return types.Record{}, fmt.Errorf("attribute %s: %w", name, err)
		}
		out[name] = cv
	}
	if len(out) == 0 {
		return types.Record{}, nil
	}
	return types.NewRecord(out), nil
}

// value turns a Go value into the Cedar value of a declared type. Cedar has no
// floating point: a Long takes whole numbers only, a decimal a text ("0.85").
func value(v any, want resolved.IsType) (types.Value, error) {
	switch w := want.(type) {
	case resolved.StringType:
		if s, ok := v.(string); ok {
			return types.String(s), nil
		}
	case resolved.BoolType:
		if b, ok := v.(bool); ok {
			return types.Boolean(b), nil
		}
	case resolved.LongType:
		if n, ok := whole(v); ok {
			return types.Long(n), nil
		}
	case resolved.SetType:
		return set(v, w)
	case resolved.RecordType:
		if m, ok := v.(map[string]any); ok {
			return record(m, w)
		}
	case resolved.EntityType:
		switch e := v.(type) {
		case string:
			if e != "" {
				return types.NewEntityUID(types.EntityType(w), types.String(e)), nil
			}
		case Ref:
			if e.Type == string(w) && e.ID != "" {
				return uid(e), nil
			}
		}
	case resolved.ExtensionType:
		return extension(v, w)
	}
	return nil, fmt.Errorf("%T does not fit", v)
}

func set(v any, want resolved.SetType) (types.Value, error) {
	var items []types.Value
	add := func(e any) error {
		cv, err := value(e, want.Element)
		items = append(items, cv)
		return err
	}
	switch l := v.(type) {
	case []string:
		for _, e := range l {
			if err := add(e); err != nil {
				return nil, err
			}
		}
	case []Ref:
		for _, e := range l {
			if err := add(e); err != nil {
				return nil, err
			}
		}
	case []any:
		for _, e := range l {
			if err := add(e); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("%T is not a list", v)
	}
	return types.NewSet(items...), nil
}

func extension(v any, want resolved.ExtensionType) (types.Value, error) {
	if t, ok := v.(time.Time); ok && want == "datetime" {
		return types.NewDatetime(t), nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("%T is not a %s", v, want)
	}
	switch want {
	case "decimal":
		return types.ParseDecimal(s)
	case "ipaddr":
		return types.ParseIPAddr(s)
	case "datetime":
		return types.ParseDatetime(s)
	case "duration":
		return types.ParseDuration(s)
	}
	return nil, fmt.Errorf("type %s is not known", want)
}

// whole reads a number that is whole and fits 64 bits.
func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n), true
		}
	case json.Number:
		i, err := strconv.ParseInt(n.String(), 10, 64)
		return i, err == nil
	}
	return 0, false
}

func uid(r Ref) types.EntityUID {
	return types.NewEntityUID(types.EntityType(r.Type), types.String(r.ID))
}
