// Package report writes what a run of the suite found: tables for the terminal, and
// a folder with a page of Markdown, charts and raw data.
package report

import (
	"strings"
	"unicode/utf8"
)

// table is rows of cells under a header. Cells of columns whose name begins with a
// letter of left are flush left.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// text lays the table out for a terminal. An empty row is an empty line.
func (t *table) text() string {
	width := t.widths()
	var b strings.Builder
	for _, row := range append([][]string{t.head}, t.rows...) {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  ")
			line.WriteString(t.pad(i, cell, width[i]))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

func (t *table) widths() []int {
	width := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	return width
}

func (t *table) pad(column int, cell string, width int) string {
	space := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
	if t.left(column) {
		return cell + space
	}
	return space + cell
}

// left says whether a column holds words.
func (t *table) left(column int) bool {
	switch t.head[column] {
	case "impl", "target", "verdict", "operation", "":
		return true
	}
	return false
}

// markdown lays the table out for a page. Empty rows are dropped.
func (t *table) markdown() string {
	var b strings.Builder
	b.WriteString("| " + strings.Join(t.head, " | ") + " |\n|")
	for i := range t.head {
		if t.left(i) {
			b.WriteString(" --- |")
		} else {
			b.WriteString(" ---: |")
		}
	}
	b.WriteByte('\n')
	for _, row := range t.rows {
		if len(row) > 0 {
			b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		}
	}
	return b.String()
}
