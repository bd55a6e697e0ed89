package casefile

import "io/fs"

// memory shows files that are still being collected as a file system that can
// only be read by path.
type memory map[string][]byte

// ReadFile implements fs.ReadFileFS.
func (m memory) ReadFile(path string) ([]byte, error) {
	if data, ok := m[path]; ok {
		return data, nil
	}
	return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrNotExist}
}

// Open implements fs.FS; nothing here is opened.
func (m memory) Open(path string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrInvalid}
}

// readme explains the case to who opens it.
const readme = `Prüfakte / case file (augenmass.case.v1)

Deutsch
-------
manifest.json   Verzeichnis aller Dateien mit SHA-256; manifest.sig unterschreibt es
journal/        das Journal: unterschriebener Prüfpunkt und Baum (C2SP tlog-tiles);
                die Einträge liegen in journal/tile/entries als CloudEvents in kanonischem JSON
proofs/         Einschlussnachweise einzelner Einträge (C2SP tlog-proof)
permits/        Betriebserlaubnisse, unterschrieben
objects/        Objekte, deren Prüfsumme im Journal steht; objects/approval.jsonl sind die Freigaben
                mit ihren Unterschriften
passkeys.json   öffentliche Schlüssel der Passkeys, mit denen Personen unterschrieben haben
checks.json     gemessene Anforderungen; das Prüfprogramm rechnet sie aus dem Journal nach

Prüfen:  augenmass verify case.zip
Ohne unser Programm: Jedes Werkzeug für C2SP tlog-tiles prüft den Ordner journal mit dem
Schlüssel journal_key aus manifest.json; sha256sum prüft die Dateien gegen das Verzeichnis.
Was nicht bewiesen ist: dass es kein zweites Journal gibt. Vergleichen Sie die Schlüssel mit
denen, die Ihnen die Organisation auf anderem Weg genannt hat.

English
-------
manifest.json   all files with SHA-256; manifest.sig signs it
journal/        the journal: signed checkpoint and tree (C2SP tlog-tiles);
                its entries lie in journal/tile/entries as CloudEvents in canonical JSON
proofs/         inclusion proofs of single entries (C2SP tlog-proof)
permits/        operating permits, signed
objects/        objects whose hash stands in the journal; objects/approval.jsonl are the approvals
                with their signatures
passkeys.json   public keys of the passkeys with which people signed
checks.json     measured requirements; the verifier computes them again from the journal

Verify:  augenmass verify case.zip
Without our program: any tool for C2SP tlog-tiles verifies the folder journal with the key
journal_key of manifest.json; sha256sum checks the files against the manifest.
What is not proven: that there is no second journal. Compare the keys with those that the
organisation gave you by another way.
`
