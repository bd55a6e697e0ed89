package backup

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"augenmass/internal/problem"
)

// format is the number of the backup's form. A program refuses any other.
const format = 1

// Names of the first and the last member.
const (
	headName     = "backup.json"
	manifestName = "MANIFEST"
)

// Head is the first member: what the backup is.
type Head struct {
	Format  int       `json:"format"` // 1
	Program string    `json:"program"`
	Slug    string    `json:"org"`
	TakenAt time.Time `json:"taken_at"`
	Journal Journal   `json:"journal"`
	Keys    []Key     `json:"keys"` // files of keys/ at that time
}

// Key is one file of keys/.
type Key struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // of the file; a key has 256 random bits, so its hash gives nothing away
	Inside bool   `json:"inside"` // it is in the backup
}

// Apart are the keys that a restore needs from elsewhere.
func (h Head) Apart() (names []string) {
	for _, k := range h.Keys {
		if !k.Inside {
			names = append(names, k.Name)
		}
	}
	return names
}

// Journal is the journal's last checkpoint at the time of the backup. The
// write-ahead log may hold entries beyond it.
type Journal struct {
	Origin     string `json:"origin"`
	Size       uint64 `json:"size"`
	Root       string `json:"root"`       // Base64
	Checkpoint string `json:"checkpoint"` // signed note
}

// maxHead is the longest first member in bytes.
const maxHead = 1 << 20

func parseHead(raw []byte) (Head, error) {
	var h Head
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, notABackup(err)
	}
	if h.Format != format {
		return h, problem.Newf(problem.Unavailable, "Die Sicherung hat die Form %d; dieses Programm liest Form %d.",
			"The backup has form %d; this program reads form %d.", h.Format, format).
			WithHint("Bitte die Fassung des Programms nehmen, die sie geschrieben hat.", "Please use the version of the program that wrote it.")
	}
	return h, nil
}

func notABackup(err error) *problem.Problem {
	return problem.New(problem.BadInput, "Die Datei ist keine Sicherung von Augenmass oder an ihrem Anfang beschädigt.",
		"The file is no backup of Augenmass, or is damaged at its beginning.").
		WithHint("Bitte eine andere Datei nehmen.", "Please take another file.").Wrap(err)
}

// line is one member in the manifest: "<sha256> <size> <name>\n".
type line struct {
	sum  string
	size int64
	name string
}

func (l line) String() string { return fmt.Sprintf("%s %d %s\n", l.sum, l.size, l.name) }

// parseLine reads exactly what String writes.
func parseLine(s string) (line, bool) {
	sum, rest, ok := strings.Cut(strings.TrimSuffix(s, "\n"), " ")
	size, name, ok2 := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(size, 10, 64)
	l := line{sum: sum, size: n, name: name}
	good := ok && ok2 && err == nil && n >= 0 && isHash(sum) && checkName(name) == nil
	return l, good && l.String() == s
}

// ending is the manifest's last line: "end <members> <sha256 of all lines
// before>\n".
type ending struct {
	members int64
	sum     string
}

func (e ending) String() string { return fmt.Sprintf("end %d %s\n", e.members, e.sum) }

func parseEnding(s string) (ending, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(s, "\n"), "end ")
	members, sum, ok2 := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(members, 10, 64)
	e := ending{members: n, sum: sum}
	return e, ok && ok2 && err == nil && n >= 0 && isHash(sum) && e.String() == s
}

func isHash(s string) bool {
	return len(s) == 64 && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
}

// maxName is the longest name of a member in bytes.
const maxName = 1000

// checkName refuses every name that could lead out of the folder, on any system,
// or that two systems read differently.
func checkName(name string) error {
	clean := name != "" && len(name) <= maxName && filepath.ToSlash(filepath.Clean(filepath.FromSlash(name))) == name &&
		filepath.IsLocal(filepath.FromSlash(name)) && name != "." && name != manifestName
	for _, part := range strings.Split(name, "/") {
		clean = clean && part != ".." && !strings.HasSuffix(part, ".") && !strings.HasSuffix(part, " ")
	}
	if !clean || strings.ContainsAny(name, `\:*?"<>|`) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return problem.Newf(problem.Corrupt, "Die Sicherung enthält den Namen %q, der in keinem Ordner einer Organisation vorkommt.",
			"The backup holds the name %q, which no organisation's folder has.", name).
			WithHint("Die Datei ist beschädigt oder nicht von diesem Programm. Es wurde nichts ausgepackt.",
				"The file is damaged or not from this program. Nothing was unpacked.")
	}
	return nil
}
