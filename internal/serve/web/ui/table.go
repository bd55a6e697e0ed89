package ui

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

func colClass(col Col) string {
	if col.Right {
		return "r"
	}
	return ""
}

func cellClass(v TableView, i int) string {
	if i >= len(v.Cols) {
		return ""
	}
	class := colClass(v.Cols[i])
	if v.Cols[i].Mono {
		class = strings.TrimSpace(class + " num")
	}
	return class
}

func headOf(v TableView, i int) string {
	if i >= len(v.Cols) {
		return ""
	}
	return v.Cols[i].Head
}

func keep(v StreamView) int {
	if v.Keep > 0 {
		return v.Keep
	}
	return 12
}

// WriteEvent writes a component as one unnamed server-sent event, which htmx
// swaps into the element that connected. The id, if not empty, lets a browser
// say after a break what it has seen last (Last-Event-ID).
func WriteEvent(ctx context.Context, w io.Writer, id string, part templ.Component) error {
	var b bytes.Buffer
	if err := part.Render(ctx, &b); err != nil {
		return err
	}
	var out strings.Builder
	if id != "" {
		out.WriteString("id: " + id + "\n")
	}
	for line := range strings.Lines(b.String()) {
		out.WriteString("data: " + strings.TrimRight(line, "\r\n") + "\n")
	}
	out.WriteString("\n")
	_, err := io.WriteString(w, out.String())
	return err
}
