package report

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"augenmass/internal/govern/control"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Package is what a certifier gets (requirement 000-46).
type Package struct {
	Gap      control.GapView // of the framework to be certified
	Plan     *control.Roadmap
	SoA      []control.Row
	Apart    control.Apart // standards and law, each for itself
	Evidence []store.Object[control.Evidence]
	Covered  control.Covered
	Packs    []packs.Info // what everything was judged by
	Files    []File       // of the evidence; those not given are listed, not enclosed
}

// File is the file of one evidence object.
type File struct {
	Evidence string // id of the object
	Name     string // as its owner called it; only its ending is kept
	SHA256   string // hex, as recorded
	Open     func() (io.ReadCloser, error)
}

// Manifest lists what the package holds.
type Manifest struct {
	Organisation string         `json:"organisation"`
	Framework    string         `json:"framework"`
	Version      string         `json:"version"` // of the framework
	At           time.Time      `json:"at"`
	Packs        []ManifestPack `json:"packs"`
	Files        []ManifestFile `json:"files"` // sorted by name; all but the manifest and SHA256SUMS
}

// ManifestPack is one content pack by which was judged.
type ManifestPack struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	AsOf    string `json:"as_of"` // day
}

// ManifestFile is one file of the package.
type ManifestFile struct {
	Name     string `json:"name"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	Evidence string `json:"evidence,omitempty"` // id of the evidence object whose file it is
}

// Names of the two files that list the others. SHA256SUMS has the form that
// "sha256sum -c" reads.
const (
	ManifestName = "manifest.json"
	SumsName     = "SHA256SUMS"
)

// Certifier writes the package as a ZIP file: the reports as PDF and XLSX, the
// files of the evidence, a manifest with the hash of every file. A file whose
// bytes have another hash than recorded is Corrupt, and nothing is to be handed
// out. Same input, same bytes.
func Certifier(w io.Writer, f Frame, p Package) error {
	docs, err := documents(f, p)
	if err != nil {
		return err
	}
	z := parcel{zip: zip.NewWriter(w), at: f.At.UTC().Truncate(time.Second)}
	if err := z.add(docs[0].Name+".md", docs[0].Markdown); err != nil {
		return err
	}
	for _, d := range docs[1:] {
		if err := z.add(d.Name+".pdf", d.PDF); err != nil {
			return err
		}
		if err := z.add(d.Name+".xlsx", d.XLSX); err != nil {
			return err
		}
	}
	for i, file := range p.Files {
		if err := z.enclose(i, file); err != nil {
			return err
		}
	}
	m := Manifest{Organisation: f.Organisation, Framework: p.Gap.Framework.ID, Version: p.Gap.Framework.Version, At: f.At.UTC(), Files: z.files}
	for _, i := range p.Packs {
		m.Packs = append(m.Packs, ManifestPack{ID: i.ID, Version: i.Version, AsOf: i.AsOf.Format(time.DateOnly)})
	}
	return z.close(m)
}

// documents are the reports of the package, the covering note first.
func documents(f Frame, p Package) ([]Document, error) {
	note, err := cover(f, p)
	if err != nil {
		return nil, err
	}
	soa, err := SoA(f, p.SoA)
	if err != nil {
		return nil, err
	}
	gap, err := Gap(f, p.Gap, p.Plan)
	if err != nil {
		return nil, err
	}
	list, err := Checklist(f, p.Gap)
	if err != nil {
		return nil, err
	}
	evidence, err := Evidence(f, p.Evidence, p.Covered)
	if err != nil {
		return nil, err
	}
	return []Document{note, soa, gap, list, evidence}, nil
}

// cover says what the package is, and how standards and law stand: two lists
// that nobody adds up.
func cover(f Frame, p Package) (Document, error) {
	d, err := newDocument(f, "README", "report.package")
	if err != nil {
		return Document{}, err
	}
	d.Title += ": " + p.Gap.Framework.Title.In(f.Lang)
	d.say(d.t("report.package.lead", "organisation", f.Organisation, "day", d.At))
	d.say(d.t("report.package.check"))
	d.say(d.t("report.apart"))
	d.standing(f.Lang, p.Apart)
	return d.finish(), nil
}

// Standing is the report of how far standards and law are met, each for itself
// (requirement 000-24).
func Standing(f Frame, a control.Apart) (Document, error) {
	d, err := newDocument(f, "standing", "report.standing")
	if err != nil {
		return Document{}, err
	}
	d.say(d.t("report.apart"))
	d.standing(f.Lang, a)
	return d.finish(), nil
}

func (d *Document) standing(l text.Lang, a control.Apart) {
	for _, part := range []struct {
		key string
		all []control.Indicator
	}{{"report.standing.standards", a.Standards}, {"report.standing.law", a.Law}} {
		if len(part.all) == 0 {
			continue
		}
		d.head(d.t(part.key))
		t := Table{Title: d.t(part.key), Columns: []Column{{d.t("report.col.framework"), 30, true}, {d.t("report.col.status"), 70, false}}}
		for _, i := range part.all {
			t.Rows = append(t.Rows, cells(i.Title.In(l), d.share(i.Tally)))
		}
		d.table(t)
	}
}

// parcel is a ZIP file in the making.
type parcel struct {
	zip   *zip.Writer
	at    time.Time
	files []ManifestFile
}

// create begins a file. Times and rights are the same for all, so that the same
// content gives the same bytes.
func (z *parcel) create(name string) (io.Writer, error) {
	return z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.at})
}

// add writes one report.
func (z *parcel) add(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err := z.copy(name, "", &b)
	return err
}

func (z *parcel) copy(name, evidence string, from io.Reader) (sum string, err error) {
	w, err := z.create(name)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), from)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	sum = hex.EncodeToString(h.Sum(nil))
	z.files = append(z.files, ManifestFile{Name: name, Bytes: n, SHA256: sum, Evidence: evidence})
	return sum, nil
}

// enclose adds the file of an evidence object under a name of our own: what
// people call their files is nothing to build paths from.
func (z *parcel) enclose(i int, file File) (err error) {
	from, err := file.Open()
	if err != nil {
		return err
	}
	defer func() {
		if e := from.Close(); err == nil {
			err = e
		}
	}()
	sum, err := z.copy(fmt.Sprintf("evidence/%04d%s", i+1, ending(file.Name)), file.Evidence, from)
	if err != nil {
		return err
	}
	if sum != strings.ToLower(file.SHA256) {
		return problem.Newf(problem.Corrupt, "Die Datei „%s“ hat einen anderen Hash als aufgezeichnet.", "The file '%s' has another hash than recorded.", file.Name).
			WithHint("Bitte die Datei prüfen und den Nachweis neu ablegen.", "Please check the file and file the evidence anew.")
	}
	return nil
}

// ending is the ending of a file name, if it is harmless.
func ending(name string) string {
	e := strings.ToLower(path.Ext(name))
	odd := func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	if len(e) < 2 || len(e) > 6 || strings.ContainsFunc(e[1:], odd) {
		return ".bin"
	}
	return e
}

// close writes the two lists and ends the file.
func (z *parcel) close(m Manifest) error {
	slices.SortFunc(m.Files, func(a, b ManifestFile) int { return cmp.Compare(a.Name, b.Name) })
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	var sums strings.Builder
	for _, f := range m.Files {
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Name)
	}
	fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(raw), ManifestName)
	for _, one := range []struct {
		name string
		data []byte
	}{{ManifestName, raw}, {SumsName, []byte(sums.String())}} {
		w, err := z.create(one.name)
		if err != nil {
			return err
		}
		if _, err := w.Write(one.data); err != nil {
			return err
		}
	}
	return z.zip.Close()
}
