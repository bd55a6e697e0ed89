package inventory

import (
	"encoding/base32"
	"fmt"
	"io"
)

// cardAlphabet has no signs that are easily mixed up on paper.
var cardAlphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// CardCode makes the code of a system's public card: 80 random bits, so that it
// cannot be guessed.
func CardCode(random io.Reader) (string, error) {
	raw := make([]byte, 10)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("code of the public card: %w", err)
	}
	return cardAlphabet.EncodeToString(raw), nil
}
