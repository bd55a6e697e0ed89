// Command generate trains the demo's failure model and writes its two files:
//
//	go run ./internal/demo/train/generate -data FOLDER/ai4i2020.csv -out internal/demo/model
//
// The file is the public AI4I 2020 data set (UCI 601); it is read, never
// copied.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"augenmass/internal/demo/model"
	"augenmass/internal/demo/train"
)

func main() {
	data := flag.String("data", "", "ai4i2020.csv")
	out := flag.String("out", "internal/demo/model", "folder for the two files")
	seed := flag.Uint64("seed", train.Seed, "seed of the split")
	flag.Parse()
	if err := run(*data, *out, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(data, out string, seed uint64) error {
	file, err := os.ReadFile(data)
	if err != nil {
		return err
	}
	r, err := train.Build(file, seed)
	if err != nil {
		return err
	}
	for name, raw := range map[string][]byte{"model": r.ModelRaw, "card": r.CardRaw} {
		path := filepath.Join(out, model.Name+"."+name+".json")
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s  %d bytes\n", path, len(raw))
	}
	metrics, err := json.MarshalIndent(r.Card.Metrics, "", "  ")
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", metrics)
	return nil
}
