package chart

import "math"

// Bars is a chart of ratios: a bar goes from 1 to the ratio, to the right for those
// that take longer than the reference and to the left for those that take less.
type Bars struct {
	Title    string
	Subtitle string
	Groups   []Group
}

// Group is the bars of one op.
type Group struct {
	Name string // left of the bars
	Note string // beneath it
	Bars []Bar
}

// Bar is one implementation.
type Bar struct {
	Name   string
	Value  float64
	Lo, Hi float64 // where the value lies, drawn as a whisker
	Label  string  // beside the bar
	None   bool    // there is no value: only the label is drawn
}

const (
	barsWidth  = 860
	barsLeft   = 200
	barsRight  = 150 // for labels beyond the longest bar
	barHeight  = 13
	barStep    = 17
	groupGap   = 16
	barsTop    = 92
	barsBottom = 26
)

// SVG draws the chart.
func (b *Bars) SVG() string {
	c := &canvas{width: barsWidth, height: b.height()}
	s := b.scale()
	b.heading(c)
	b.axis(c, s)
	y := float64(barsTop)
	for _, g := range b.Groups {
		g.draw(c, s, y)
		y += g.height() + groupGap
	}
	c.line(s.at(1), barsTop-8, s.at(1), c.height-barsBottom, ink, 1)
	return c.svg()
}

func (g *Group) height() float64 { return math.Max(float64(len(g.Bars)*barStep), 30) }

func (b *Bars) height() float64 {
	h := float64(barsTop + barsBottom)
	for _, g := range b.Groups {
		h += g.height() + groupGap
	}
	return h
}

func (b *Bars) scale() scale {
	lo, hi := 0.9, 2.0
	for _, g := range b.Groups {
		for _, bar := range g.Bars {
			if !bar.None {
				lo, hi = min(lo, bar.Value), max(hi, bar.Value)
			}
		}
	}
	lo, hi = around(lo, hi)
	return scale{lo, hi, barsLeft, barsWidth - barsRight}
}

// heading has the title, and a legend of who is in the chart.
func (b *Bars) heading(c *canvas) {
	c.text(16, 24, start, ink, large, b.Title)
	c.text(16, 42, start, faint, plain, b.Subtitle)
	x := 16.0
	for _, name := range b.names() {
		c.rect(x, 54, 10, 10, colour(name))
		c.text(x+15, 63, start, ink, plain, name)
		x += 15 + wide(name) + 18
	}
}

// names lists the implementations in the order in which they first appear.
func (b *Bars) names() (list []string) {
	seen := map[string]bool{}
	for _, g := range b.Groups {
		for _, bar := range g.Bars {
			if !seen[bar.Name] {
				seen[bar.Name] = true
				list = append(list, bar.Name)
			}
		}
	}
	return list
}

func (b *Bars) axis(c *canvas, s scale) {
	last := math.Inf(-1)
	for _, v := range s.ticks() {
		x := s.at(v)
		c.line(x, barsTop-8, x, c.height-barsBottom, rule, 1)
		if x-last > 34 {
			c.text(x, c.height-barsBottom+16, middle, faint, plain, short(v)+"x")
			last = x
		}
	}
}

func (g *Group) draw(c *canvas, s scale, y float64) {
	c.text(16, y+11, start, ink, bold, g.Name)
	c.text(16, y+26, start, faint, plain, g.Note)
	for i, bar := range g.Bars {
		bar.draw(c, s, y+float64(i*barStep))
	}
}

func (b *Bar) draw(c *canvas, s scale, y float64) {
	base := y + barHeight - 2.5
	if b.None {
		c.text(s.at(1)+7, base, start, faint, plain, b.Label)
		return
	}
	from, to := s.at(min(b.Value, 1)), s.at(max(b.Value, 1))
	c.rect(from, y, math.Max(to-from, 1), barHeight, colour(b.Name))
	mid := y + barHeight/2.0
	if b.Hi > b.Lo {
		c.line(s.at(b.Lo), mid, s.at(b.Hi), mid, ink, 1.5)
	}
	c.text(math.Max(to, s.at(b.Hi))+7, base, start, ink, plain, b.Label)
}
