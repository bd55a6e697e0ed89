package model

import (
	_ "embed"

	"augenmass/internal/problem"
)

// Name and Version of the embedded model, as clients call it.
const (
	Name    = "fraese-ausfall"
	Version = "1.0.0"
)

//go:embed fraese-ausfall.model.json
var embeddedModel []byte

//go:embed fraese-ausfall.card.json
var embeddedCard []byte

// Embedded returns the model of the demo and its card, after checking that the
// card describes exactly this model file.
func Embedded() (*Ensemble, Card, error) { return Load(embeddedModel, embeddedCard) }

// Load reads a model file and its card, and checks that the card names the
// SHA-256 of the model file. Errors are problems of kind Corrupt.
func Load(modelFile, cardFile []byte) (*Ensemble, Card, error) {
	card, err := ParseCard(cardFile)
	if err != nil {
		return nil, Card{}, err
	}
	e, err := Parse(modelFile)
	if err != nil {
		return nil, Card{}, err
	}
	if card.Model.SHA256 != e.Hash() || card.Name != e.Name || card.Version != e.Version {
		return nil, Card{}, problem.New(problem.Corrupt,
			"Modelldatei und Modellkarte gehören nicht zusammen; das Modell wird nicht geladen.",
			"The model file and the model card do not belong together; the model is not loaded.").
			WithHint("Beide Dateien stammen aus einem Lauf von internal/demo/train/generate.",
				"Both files come from one run of internal/demo/train/generate.")
	}
	return e, card, nil
}
