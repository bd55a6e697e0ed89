package report

import (
	"bufio"
	"io"
	"strings"
)

// Markdown writes the document as GitHub-flavoured Markdown.
func (d Document) Markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	line := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p) // the error stays until Flush
		}
		b.WriteByte('\n')
	}
	line("# ", escapeMarkdown(d.Title))
	for _, block := range d.Blocks {
		line()
		switch {
		case block.Heading != "":
			line("## ", escapeMarkdown(block.Heading))
		case block.Table != nil:
			d.markdownTable(block.Table, line)
		default:
			line(escapeMarkdown(block.Paragraph))
		}
	}
	return b.Flush()
}

func (d Document) markdownTable(t *Table, line func(...string)) {
	head, rule := "|", "|"
	for _, c := range t.Columns {
		head += " " + escapeMarkdown(c.Title) + " |"
		rule += " --- |"
	}
	line(head)
	line(rule)
	for _, row := range t.Rows {
		out := "|"
		for _, c := range row {
			out += " " + strings.ReplaceAll(escapeMarkdown(d.printed(c)), "\n", "<br>") + " |"
		}
		line(out)
	}
}

var markdownMarks = strings.NewReplacer("\\", "\\\\", "|", "\\|", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]",
	"<", "&lt;", ">", "&gt;", "#", "\\#", "\r\n", "\n", "\r", "\n")

// escapeMarkdown keeps the text of people from becoming markup.
func escapeMarkdown(s string) string { return markdownMarks.Replace(s) }
