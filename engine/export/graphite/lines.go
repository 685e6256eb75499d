package graphite

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// lines are those of one push.
type lines struct {
	o   *Options
	now int64 // seconds
	dst []byte
	n   int // how many

	labels []encode.Label // of one line, in the order of their names
}

func (l *lines) family(f *encode.Family) {
	for p := range f.Points(encode.AllowUTF8, encode.AppendBound) {
		if l.o.Style.hasNumber(p.Value) {
			l.point(&p)
		}
	}
}

// point appends one line: path, number, time.
func (l *lines) point(p *encode.Point) {
	l.sort(p)
	l.path(p)
	l.dst = append(l.o.Style.appendNumber(append(l.dst, ' '), p.Value), ' ')
	l.dst = append(strconv.AppendInt(l.dst, l.time(p), 10), '\n')
	l.n++
}

// sort puts the point's labels into l.labels.
func (l *lines) sort(p *encode.Point) {
	l.labels = append(l.labels[:0], p.Sample.Labels...)
	if p.Own.Name != "" {
		l.labels = append(l.labels, p.Own)
	}
	if l.o.Style != Python {
		l.labels = slices.DeleteFunc(l.labels, func(label encode.Label) bool { return label.Value == "" })
	}
	slices.SortFunc(l.labels, func(a, b encode.Label) int { return strings.Compare(a.Name, b.Name) })
}

func (l *lines) path(p *encode.Point) {
	style, dst := l.o.Style, l.dst
	if l.o.Prefix != "" {
		dst = append(append(dst, l.o.Prefix...), '.')
	}
	dst = append(style.appendPart(dst, p.Name), p.Suffix...)
	for _, label := range l.labels {
		if l.o.Tags {
			dst = style.appendPart(append(dst, ';'), label.Name)
			dst = style.appendTag(append(dst, '='), label.Value)
		} else {
			dst = style.appendPart(append(dst, '.'), label.Name)
			dst = style.appendPart(append(dst, '.'), label.Value)
		}
	}
	l.dst = dst
}

func (l *lines) time(p *encode.Point) int64 {
	if sec, _ := p.Sample.Timestamp.Unix(); p.Sample.Timestamp.IsSet() && l.o.Style != Python {
		return sec
	}
	return l.now
}
