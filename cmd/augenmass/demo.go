package main

import (
	"log/slog"
	"os"
	"path/filepath"

	"augenmass/internal/demo"
	"augenmass/internal/problem"
)

type demoCmd struct {
	Listen    string `help:"${listen_help}" default:"127.0.0.1:8420"`
	Once      bool   `help:"${once_help}"`
	Decisions int    `help:"${decisions_help}" default:"1000"`
	Seed      uint64 `help:"${seed_help}" default:"1"`
	Out       string `help:"${out_help}" default:"." type:"path"`
	Rows      string `help:"${rows_help}" type:"path"`
	Data      string `help:"${keep_help}" type:"path"`
	Database  string `help:"${demo_db_help}"`
	Acks      string `hidden:"" type:"path"`
}

// Run starts the model company: for a visitor, or unattended with --once.
func (c demoCmd) Run(w *outside) (err error) {
	log := slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg := demo.Config{Listen: c.Listen, Dir: c.Data, Database: c.Database, Seed: c.Seed, Lang: w.lang, Out: w.out, Log: log}
	if !c.Once {
		return demo.Run(w.ctx, cfg)
	}
	cfg.Listen = "127.0.0.1:0"
	once := demo.OnceConfig{Config: cfg, Decisions: c.Decisions, OutDir: c.Out, Rows: c.Rows}
	if c.Acks != "" {
		f, err := os.OpenFile(filepath.Clean(c.Acks), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return problem.New(problem.BadInput, "Die Datei für die Quittungen lässt sich nicht öffnen.", "The file for acknowledgements cannot be opened.").Wrap(err)
		}
		defer f.Close() //nolint:errcheck // every line is written at once; the process may be killed any time
		once.Acks = f
	}
	return demo.Once(w.ctx, once)
}
