package chart

import "math"

// Lines is a chart of growth: what an op costs, by something that grows.
type Lines struct {
	Title    string
	Subtitle string
	X        string // what grows
	Y        string
	Lines    []Line
}

// Line is one implementation.
type Line struct {
	Name   string
	Points []Point
}

// Point is one measurement.
type Point struct{ X, Y float64 }

const (
	linesWidth  = 860
	linesHeight = 420
	linesLeft   = 70
	linesRight  = 140 // for names at the ends of lines
	linesTop    = 82
	linesBottom = 56
)

// SVG draws the chart.
func (l *Lines) SVG() string {
	c := &canvas{width: linesWidth, height: linesHeight}
	x, y := l.scales()
	c.text(16, 24, start, ink, large, l.Title)
	c.text(16, 42, start, faint, plain, l.Subtitle)
	l.axes(c, x, y)
	for _, line := range l.Lines {
		line.draw(c, x, y)
	}
	l.names(c, x, y)
	return c.svg()
}

func (l *Lines) scales() (x, y scale) {
	xlo, xhi, ylo, yhi := math.Inf(1), 0.0, math.Inf(1), 0.0
	for _, line := range l.Lines {
		for _, p := range line.Points {
			xlo, xhi = min(xlo, p.X), max(xhi, p.X)
			ylo, yhi = min(ylo, p.Y), max(yhi, p.Y)
		}
	}
	if yhi == 0 { // nothing to draw
		xlo, ylo = 1, 1
	}
	ylo, yhi = around(ylo, yhi)
	return scale{xlo, max(xhi, 2*xlo), linesLeft, linesWidth - linesRight},
		scale{ylo, yhi, linesHeight - linesBottom, linesTop}
}

// axes has a vertical for each x that was measured, and horizontals for round
// values.
func (l *Lines) axes(c *canvas, x, y scale) {
	for _, v := range y.ticks() {
		c.line(linesLeft, y.at(v), linesWidth-linesRight, y.at(v), rule, 1)
		c.text(linesLeft-8, y.at(v)+4, end, faint, plain, short(v))
	}
	for _, v := range l.xs() {
		c.line(x.at(v), linesTop, x.at(v), linesHeight-linesBottom, rule, 1)
		c.text(x.at(v), linesHeight-linesBottom+18, middle, faint, plain, short(v))
	}
	c.text((linesLeft+linesWidth-linesRight)/2, linesHeight-14, middle, ink, plain, l.X)
	c.text(16, linesTop-14, start, ink, plain, l.Y)
}

func (l *Lines) xs() (list []float64) {
	seen := map[float64]bool{}
	for _, line := range l.Lines {
		for _, p := range line.Points {
			if !seen[p.X] {
				seen[p.X] = true
				list = append(list, p.X)
			}
		}
	}
	return list
}

func (l *Line) draw(c *canvas, x, y scale) {
	for i, p := range l.Points {
		if i > 0 {
			q := l.Points[i-1]
			c.line(x.at(q.X), y.at(q.Y), x.at(p.X), y.at(p.Y), colour(l.Name), 2)
		}
		c.printf(`<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>`, x.at(p.X), y.at(p.Y), colour(l.Name))
	}
}
