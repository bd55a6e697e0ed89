package exchange

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	read "augenmass/internal/prove/exchange"
	"augenmass/internal/prove/exchange/intake"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// maxForm is how much of a posted form is kept in memory, as the frame of the
// pages allows.
const maxForm = 8 << 20

// file is one file on its way through preview and adoption.
type file struct {
	name string
	data []byte
}

// importPreview reads the file and shows what would come of it.
func importPreview(r *page.Request) error {
	if err := must(r, store.Create); err != nil {
		return err
	}
	f, err := posted(r)
	if err != nil {
		return refuse(r, err)
	}
	version := "1"
	t, err := take(r, f, read.Adoption{Version: version})
	if err != nil {
		return refuse(r, err)
	}
	if t.Result.Kind == read.Table && !t.Result.OK() && len(t.Result.Requirements) > 0 {
		// The catalogue may be here already; then this is its next version.
		old, err := r.Org.Catalogue.Of(r.Context(), r.Org.DB, read.PackID(t.Result.Title))
		if err == nil {
			version = next(old.Doc.Version)
			t, err = take(r, f, read.Adoption{Version: version})
		}
		if err != nil && !problem.Is(err, problem.NotFound) {
			return refuse(r, err)
		}
	}
	return preview(r, f, t, url.Values{"title": {t.Result.Title}, "version": {version}}, nil)
}

// next is a version after this one: its last number one higher, or one more
// number where it ends with none.
func next(version string) string {
	at := strings.LastIndexByte(version, '.') + 1
	n, err := strconv.Atoi(version[at:])
	if err != nil {
		return version + ".1"
	}
	return version[:at] + strconv.Itoa(n+1)
}

// refuse asks for a file again when the last one cannot be read.
func refuse(r *page.Request, err error) error {
	p := problem.From(err)
	if p.Kind != problem.BadInput && p.Kind != problem.TooLarge {
		return err
	}
	return ask(r, ui.Status(p), p)
}

// take has a file read beside everything that the organisation has.
func take(r *page.Request, f file, a read.Adoption) (intake.Taken, error) {
	return intake.Take(r.Context(), intake.Given{Name: f.name, Data: f.data, Library: r.Org.Library(), Beside: r.Org.Catalogue, Today: r.C.Now, Choices: a})
}

// posted reads the file of the form.
func posted(r *page.Request) (file, error) {
	if err := parse(r); err != nil {
		return file{}, err
	}
	from, head, err := r.R.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return file{}, problem.New(problem.BadInput, "Es ist keine Datei gewählt.", "No file is chosen.").
			WithField("file", "Bitte eine Datei wählen.", "Please choose a file.")
	}
	if err != nil {
		return file{}, lost(err)
	}
	data, err := io.ReadAll(from)
	if err = errors.Join(err, from.Close()); err != nil {
		return file{}, lost(err)
	}
	if len(data) > read.MaxBytes {
		return file{}, problem.Newf(problem.TooLarge, "Die Datei ist größer als %d MB.", "The file is larger than %d MB.", read.MaxBytes>>20).
			WithHint("Bitte Bilder entfernen oder die Datei teilen; auf der Befehlszeile dürfen Bibliotheken größer sein.",
				"Please remove pictures or split the file; on the command line libraries may be larger.")
	}
	return file{name: baseName(head.Filename), data: data}, nil
}

// parse reads a form with a file.
func parse(r *page.Request) error {
	err := r.R.ParseMultipartForm(maxForm)
	if errors.Is(err, http.ErrNotMultipart) {
		return problem.New(problem.BadInput, "Das Formular kam ohne Datei an.", "The form came without a file.").
			WithField("file", "Bitte eine Datei wählen.", "Please choose a file.")
	}
	if err != nil {
		return problem.Newf(problem.TooLarge, "Die Datei ist größer als %d MB, oder das Formular ist beschädigt.",
			"The file is larger than %d MB, or the form is broken.", read.MaxBytes>>20).
			WithHint("Bitte Bilder entfernen oder die Datei teilen.", "Please remove pictures or split the file.").Wrap(err)
	}
	return nil
}

func lost(err error) error {
	return problem.New(problem.BadInput, "Die Datei ist nicht angekommen.", "The file did not arrive.").
		WithHint("Bitte noch einmal wählen und senden.", "Please choose and send it again.").Wrap(err)
}

// baseName is the last part of the name that the browser sent.
func baseName(name string) string {
	name = strings.TrimSpace(name[strings.LastIndexAny(name, `/\`)+1:])
	if name == "" || name == "." || name == ".." {
		return "upload"
	}
	return name
}

// carried reads the file that a preview carries with it.
func carried(vals url.Values) (file, error) {
	data, err := base64.StdEncoding.DecodeString(vals.Get("data"))
	if err != nil || len(data) == 0 {
		return file{}, problem.New(problem.BadInput, "Die Vorschau ist beschädigt.", "The preview is broken.").
			WithHint("Bitte die Datei noch einmal hochladen.", "Please upload the file again.").Wrap(err)
	}
	return file{name: baseName(vals.Get("name")), data: data}, nil
}

// choices are what a person decided about the citations.
func choices(vals url.Values) read.Adoption {
	a := read.Adoption{Title: strings.TrimSpace(vals.Get("title")), Version: strings.TrimSpace(vals.Get("version")), All: read.Corrected, Each: map[int]read.Take{}}
	if vals.Get("all") == string(read.Written) {
		a.All = read.Written
		return a // the button for all goes before the single choices
	}
	for name := range vals {
		n, ok := strings.CutPrefix(name, "take-")
		if i, err := strconv.Atoi(n); ok && err == nil && vals.Get(name) == string(read.Written) {
			a.Each[i] = read.Written
		}
	}
	return a
}

// preview shows what would come of a file. vals are title, version and choices
// as they were typed; p is why it could not be adopted.
func preview(r *page.Request, f file, t intake.Taken, vals url.Values, p *problem.Problem) error {
	c := r.C
	v := previewOf(c, t, vals)
	status := http.StatusOK
	switch {
	case p != nil:
		status = ui.Status(p)
	case !v.OK:
		status = http.StatusUnprocessableEntity
	}
	if v.OK {
		v.Form = &ui.Form{C: c, ID: "adopt", Prefix: "exchange.form.", Action: href(c, "adopt"), Values: vals, Problem: p, Upload: true, Cancel: href(c),
			Submit: c.T("exchange.adopt"), Hidden: map[string]string{"name": f.name, "data": base64.StdEncoding.EncodeToString(f.data)}}
		if v.Open > 0 {
			v.Form.Submit = c.T("exchange.adopt.corrected")
			v.Form.More = []ui.Action{{Text: c.T("exchange.adopt.written"), Name: "all", Value: string(read.Written)}}
		}
	}
	head := ui.PageView{Title: t.Result.Title, Crumbs: crumbs(c)}
	if head.Title == "" {
		head.Title = f.name
	}
	return r.ShowAs(status, head, previewBody(c, v))
}
