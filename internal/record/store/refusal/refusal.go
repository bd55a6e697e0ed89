// Package refusal is what record/store says when it refuses: one place for the
// sentences, in both languages. It knows names only, no kinds and no database.
package refusal

import (
	"fmt"
	"strings"

	"augenmass/internal/problem"
)

// Newer: the database was written by a newer version of the program.
func Newer(name string) error {
	return problem.New(problem.Unavailable, "Die Datenbank stammt von einer neueren Fassung des Programms („"+name+"“).", "The database comes from a newer version of the program ("+name+").").
		WithHint("Bitte die neuere Fassung starten.", "Please start the newer version.")
}

// Incompatible: the declaration of a kind or table no longer fits what is stored.
func Incompatible(name string, breaks []string) error {
	list := strings.Join(breaks, "; ")
	return problem.New(problem.Unavailable, "Die Daten von „"+name+"“ passen nicht mehr zum Programm: "+list+".", "The data of "+name+" no longer fit the program: "+list+".").
		WithHint("Die neue Fassung der Art braucht eine höhere Nummer und eine Umwandlung (store.Upgrade).", "The kind's new shape needs a higher number and an upgrade (store.Upgrade).")
}

// Declared: a kind is declared wrongly.
func Declared(name string, err error) error {
	return problem.Newf(problem.Internal, "Die Art „%s“ ist falsch deklariert.", "Kind %q is declared wrongly.", name).Wrap(err)
}

// UnknownKind: nobody declared a kind of this name.
func UnknownKind(name string) error {
	return problem.New(problem.NotFound, "Die Art „"+name+"“ gibt es nicht.", "There is no kind "+name+".")
}

// Missing: there is no object of the kind with this id.
func Missing(kind, id string) error {
	return problem.New(problem.NotFound, "Das gibt es hier nicht: "+kind+" "+id+".", "There is no such "+kind+" here: "+id+".")
}

// Denied: the actor may not do the action (read, create, update, delete) on an
// object of the kind. err is why, or nil.
func Denied(action, kind string, err error) error {
	de, en := map[string]string{"read": "lesen", "create": "anlegen", "update": "ändern", "delete": "löschen"}, "You may not %s this object (%s)."
	p := problem.New(problem.Denied, "Sie dürfen dieses Objekt nicht "+de[action]+" ("+kind+").", fmt.Sprintf(en, action, kind))
	if err != nil {
		p.Err = err
	}
	return p.WithReason("access."+action, "Ihre Rollen erlauben es nicht.", "Your roles do not allow it.")
}

// Nobody: the context names no actor.
func Nobody() error {
	return problem.New(problem.Denied, "Dafür muss jemand angemeldet sein.", "Somebody has to be signed in for this.").
		WithReason("actor.missing", "Niemand ist angemeldet.", "Nobody is signed in.")
}
