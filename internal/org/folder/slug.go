package folder

import (
	"regexp"

	"augenmass/internal/problem"
)

var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// reserved are the first path segments that are not organisations.
var reserved = map[string]bool{"assets": true, "setup": true, "v2": true, "healthz": true}

// Named reports whether s has the form of an organisation's short name.
func Named(s string) bool { return slug.MatchString(s) }

// ValidSlug reports whether s can name an organisation in addresses.
func ValidSlug(s string) bool { return Named(s) && !reserved[s] }

// BadSlug says what a short name may look like.
func BadSlug(s string) error {
	return problem.Newf(problem.BadInput, "„%s“ kann keine Organisation benennen.", "'%s' cannot name an organisation.", s).
		WithHint("Erlaubt sind Kleinbuchstaben, Ziffern und Bindestriche, höchstens 40 Zeichen.",
			"Lower-case letters, digits and dashes are allowed, at most 40 characters.")
}
