package ui

import "augenmass/internal/problem"

func problemClass(p *problem.Problem) string {
	switch p.Kind {
	case problem.BadInput, problem.Conflict, problem.NotFound, problem.Unsigned, problem.TooLarge:
		return "warn"
	}
	return "stop"
}

func problemTitle(p *problem.Problem) string {
	switch p.Kind {
	case problem.NotFound, problem.Conflict, problem.BadInput, problem.Denied, problem.Unsigned,
		problem.TooLarge, problem.Unavailable, problem.Corrupt:
		return "problem." + string(p.Kind)
	}
	return "problem.internal"
}

// keptKey says what became of the reader's input: kept in the form, untouched,
// or not taken over.
func keptKey(p *problem.Problem) string {
	switch p.Kind {
	case problem.BadInput, problem.Conflict:
		return "problem.kept.form"
	case problem.NotFound, problem.Unsigned:
		return "problem.kept.nothing"
	}
	return "problem.kept.unchanged"
}

// Status is the HTTP status of a problem's answer.
func Status(p *problem.Problem) int {
	switch p.Kind {
	case problem.NotFound:
		return 404
	case problem.Conflict:
		return 409
	case problem.BadInput:
		return 422
	case problem.Denied:
		return 403
	case problem.Unsigned:
		return 401
	case problem.TooLarge:
		return 413
	case problem.Unavailable:
		return 503
	}
	return 500
}
