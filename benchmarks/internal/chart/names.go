package chart

import (
	"cmp"
	"slices"
)

// tag is the name of a line, at its end.
type tag struct {
	name string
	x, y float64
}

const tagStep = 15 // names stand at least so far apart

// names writes each line's name at its last point. At the right edge, where most
// lines end, names are moved where they would stand on one another.
func (l *Lines) names(c *canvas, x, y scale) {
	var edge []tag
	for _, line := range l.Lines {
		if n := len(line.Points); n > 0 {
			last := line.Points[n-1]
			t := tag{line.Name, x.at(last.X), y.at(last.Y)}
			if t.x < x.to {
				t.write(c)
			} else {
				edge = append(edge, t)
			}
		}
	}
	for _, t := range apart(edge, linesTop, linesHeight-linesBottom) {
		t.write(c)
	}
}

func (t tag) write(c *canvas) { c.text(t.x+10, t.y+4, start, colour(t.name), bold, t.name) }

// apart moves tags down where they are too close, and all up again as far as they
// went past the bottom.
func apart(tags []tag, top, bottom float64) []tag {
	slices.SortFunc(tags, func(a, b tag) int { return cmp.Compare(a.y, b.y) })
	for i := range tags {
		if i > 0 {
			tags[i].y = max(tags[i].y, tags[i-1].y+tagStep)
		}
	}
	limit := bottom
	for i := len(tags) - 1; i >= 0; i-- {
		tags[i].y = max(min(tags[i].y, limit), top)
		limit = tags[i].y - tagStep
	}
	return tags
}
