// Package chart draws two kinds of chart as SVG: bars of ratios, and lines of growth.
// Both have logarithmic scales, on which twice as much is the same distance
// everywhere.
package chart

import (
	"fmt"
	"html"
	"strings"
)

// colours tell the series of a chart apart, also for those who do not see all
// colours (after Okabe and Ito).
var colours = map[string]string{
	"pawl":            "#0072b2",
	"pawl-strings":    "#56b4e9",
	"client_golang":   "#d55e00",
	"victoriametrics": "#009e73",
	"xsync":           "#cc79a7",
	"otel":            "#e69f00",
	"pawl-heap":       "#56b4e9",
	"pawl-compat":     "#004c7a",
	"client_python":   "#b8a900",
	"floor":           "#8a8a8a",
}

func colour(name string) string {
	if c, ok := colours[name]; ok {
		return c
	}
	return "#333333"
}

const (
	ink   = "#222222"
	faint = "#767676"
	rule  = "#e3e3e3"
)

// canvas collects the elements of one SVG.
type canvas struct {
	body          strings.Builder
	width, height float64
}

func (c *canvas) printf(format string, args ...any) { fmt.Fprintf(&c.body, format+"\n", args...) }

func (c *canvas) line(x1, y1, x2, y2 float64, stroke string, width float64) {
	c.printf(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%.1f"/>`, x1, y1, x2, y2, stroke, width)
}

func (c *canvas) rect(x, y, w, h float64, fill string) {
	c.printf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, x, y, w, h, fill)
}

// Anchors of text: where x is.
const (
	start  = "start"
	middle = "middle"
	end    = "end"
)

func (c *canvas) text(x, y float64, anchor, fill, style, s string) {
	c.printf(`<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s"%s>%s</text>`, x, y, anchor, fill, style, html.EscapeString(s))
}

const (
	plain = ""
	bold  = ` font-weight="bold"`
	large = ` font-size="15" font-weight="bold"`
)

// svg returns the whole document.
func (c *canvas) svg() string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" `+
		`font-family="Helvetica, Arial, sans-serif" font-size="12">`+"\n"+`<rect width="100%%" height="100%%" fill="white"/>`+"\n%s</svg>\n",
		c.width, c.height, c.width, c.height, c.body.String())
}

// wide estimates the width of text at the normal size.
func wide(s string) float64 { return 6.7 * float64(len([]rune(s))) }
