package main

import (
	"encoding/json"
	"fmt"

	"augenmass/internal/prove/casefile/verify"
)

type verifyCmd struct {
	File string `arg:"" help:"${file_help}"`
	JSON bool   `help:"${json_help}"`
	Key  string `help:"${key_help}"`
}

// Run checks a case file: exit 0 and what was checked, exit 1 and the first
// break, exit 2 when the file cannot be read at all.
func (c verifyCmd) Run(w *outside) error {
	rep, err := verify.File(w.ctx, c.File, verify.Options{Key: c.Key})
	if err != nil {
		return coded{exitUsage, err}
	}
	if c.JSON {
		enc := json.NewEncoder(w.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(rep); err != nil {
			return err
		}
	} else if _, err := fmt.Fprint(w.out, rep.Text(w.lang)); err != nil {
		return err
	}
	if rep.Break != nil {
		return coded{code: exitNo}
	}
	return nil
}
