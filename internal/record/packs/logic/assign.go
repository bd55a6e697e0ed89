package logic

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Assign sets the variables of fact i to a value: bool or "yes"/"no" for bool
// and tri, an option for an enum, an int, or a list of options for a set. The
// error says what was given and, for an int, what would fit.
func (v *Vocabulary) Assign(known []int, i int, value any) error {
	f, first := v.facts[i], v.first[i]
	switch f.Type {
	case Bool, Tri:
		yes, err := asBool(value)
		if err != nil {
			return err
		}
		known[first] = 0
		if yes {
			known[first] = 1
		}
	case Enum:
		s, ok := value.(string)
		if !ok {
			return fmt.Errorf("%v", value)
		}
		o, err := v.optionOf(i, s)
		if err != nil {
			return fmt.Errorf("%s", s)
		}
		known[first] = o
	case Int:
		n, err := asInt(value)
		if err != nil || n < f.Min || n > f.Max {
			return fmt.Errorf("%v (%d–%d)", value, f.Min, f.Max)
		}
		span, _ := slices.BinarySearchFunc(v.variables[first].cuts, n, func(cut, n int) int {
			if cut <= n {
				return -1
			}
			return 1
		})
		known[first] = span
	case Set:
		words, err := asWords(value)
		if err != nil {
			return err
		}
		for o := range f.Options {
			known[first+o] = 0
		}
		for _, w := range words {
			o, err := v.optionOf(i, w)
			if err != nil {
				return fmt.Errorf("%s", w)
			}
			known[first+o] = 1
		}
	}
	return nil
}

func asBool(value any) (bool, error) {
	switch x := value.(type) {
	case bool:
		return x, nil
	case string:
		if x == "yes" || x == "no" {
			return x == "yes", nil
		}
	}
	return false, fmt.Errorf("%v", value)
}

func asInt(value any) (int, error) {
	switch x := value.(type) {
	case int:
		return x, nil
	case int64:
		return int(x), nil
	case float64:
		if x == float64(int(x)) {
			return int(x), nil
		}
	case json.Number:
		n, err := x.Int64()
		return int(n), err
	}
	return 0, fmt.Errorf("%v", value)
}

func asWords(value any) ([]string, error) {
	switch x := value.(type) {
	case []string:
		return x, nil
	case []any:
		var words []string
		for _, w := range x {
			s, ok := w.(string)
			if !ok {
				return nil, fmt.Errorf("%v", w)
			}
			words = append(words, s)
		}
		return words, nil
	}
	return nil, fmt.Errorf("%v", value)
}
