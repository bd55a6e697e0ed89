// Package knowledge carries the content packs that ship with the program:
// standards, law, questionnaires, rules and policies as data, in German and
// English, each with its source and dates of validity. It holds no logic;
// record/packs loads and checks what lies here.
package knowledge

import "embed"

// Packs is the tree of content packs.
//
//go:embed all:packs
var Packs embed.FS
