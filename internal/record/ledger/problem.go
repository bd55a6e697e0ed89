package ledger

import "augenmass/internal/problem"

func unavailable(de, en string, err error) *problem.Problem {
	return problem.New(problem.Unavailable, de, en).Wrap(err)
}
