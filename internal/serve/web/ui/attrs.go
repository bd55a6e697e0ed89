package ui

import "github.com/a-h/templ"

// some is an attribute that is left out when its value is empty.
func some(name, value string) templ.OrderedAttributes {
	return when(value != "", name, value)
}

// when is an attribute that is left out unless ok holds.
func when(ok bool, name, value string) templ.OrderedAttributes {
	if !ok {
		return nil
	}
	return templ.OrderedAttributes{{Key: name, Value: value}}
}

// poll asks for the progress anew while the work runs.
func (v ProgressView) poll() templ.OrderedAttributes {
	if v.URL == "" || v.Finished {
		return nil
	}
	return templ.OrderedAttributes{{Key: "hx-get", Value: v.URL}, {Key: "hx-trigger", Value: "every 1s"}, {Key: "hx-swap", Value: "outerHTML"}}
}
