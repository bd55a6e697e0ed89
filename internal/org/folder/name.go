// Package folder reads and writes the small files of an organisation's folder:
// its name, the key with which it seals permits, approvals and case files, and
// any other secret, durably and readable by its owner only.
//
// What the keys are for, and how the same lies in a database, is org's.
package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"augenmass/internal/problem"
)

// NameFile is the file that holds an organisation's name.
const NameFile = "org.json"

// named is what stands in it. Sum tells a name that was changed by accident;
// who writes the file by hand leaves it out.
type named struct {
	Name string `json:"name"`
	Sum  string `json:"sum,omitempty"`
}

func sumOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8])
}

// EncodeName is the content of the file.
func EncodeName(name string) (string, error) {
	raw, err := json.Marshal(named{Name: name, Sum: sumOf(name)})
	return string(raw) + "\n", err
}

func decodeName(raw []byte) (string, error) {
	var n named
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	err := in.Decode(&n)
	if err == nil && in.More() {
		err = errors.New("more than one value")
	}
	if err != nil || n.Name == "" {
		return "", problem.New(problem.Corrupt, "Die Datei org.json ist nicht lesbar.", "The file org.json cannot be read.").
			WithHint("Sie enthält nur den Namen: {\"name\": \"…\"}.", "It holds only the name: {\"name\": \"…\"}.").Wrap(err)
	}
	if n.Sum != "" && n.Sum != sumOf(n.Name) {
		return "", problem.Newf(problem.Corrupt, "Der Name „%s“ in der Datei org.json passt nicht zu seiner Prüfsumme.",
			"The name '%s' in the file org.json does not fit its checksum.", n.Name).
			WithHint("Wer den Namen ändern will, nimmt das Feld „sum“ heraus.", "To change the name, take the field \"sum\" out.")
	}
	return n.Name, nil
}

// Name reads the name from the folder, or writes it there.
func Name(dir, name string) (string, error) {
	file := filepath.Join(dir, NameFile)
	raw, err := os.ReadFile(file)
	switch {
	case err == nil:
		return decodeName(raw)
	case !errors.Is(err, os.ErrNotExist):
		return "", Unusable(err)
	}
	if name == "" {
		name = filepath.Base(dir)
	}
	content, err := EncodeName(name)
	if err != nil {
		return "", err
	}
	if err := WriteSecret(file, content); err != nil {
		return "", Unusable(err)
	}
	return name, nil
}

// Unusable says that the folder cannot be used: full, read only, not ours, or
// no folder.
func Unusable(err error) error {
	return problem.New(problem.Unavailable, "Der Ordner der Organisation ist nicht lesbar oder nicht beschreibbar.",
		"The organisation's folder cannot be read or written.").
		WithHint("Bitte Rechte und freien Speicherplatz des Ordners prüfen.", "Please check the folder's permissions and free space.").Wrap(err)
}
