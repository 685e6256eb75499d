package promhttp

import (
	"maps"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/encode"
)

// formats agrees with clients on formats, and remembers what it has agreed on:
// scrapers send the same few headers for ever.
//
// Model. accepted does not change. known is never written to once it is here. All may be
// called concurrently.
type formats struct {
	accepted []expfmt.Format
	known    atomic.Pointer[map[asked]agreed]
}

// asked is what an agreement depends on. The scheme is a variable of package model.
type asked struct {
	accept string
	scheme model.EscapingScheme
}

// agreed is a format in expfmt's words and, if the engine has it, in the engine's.
type agreed struct {
	format expfmt.Format
	engine encode.Format
	short  bool // whether the engine has it
}

const (
	rememberHeaders = 64
	rememberBytes   = 1024 // longest header
)

func (f *formats) agree(h http.Header) agreed {
	q := asked{h.Get("Accept"), model.NameEscapingScheme}
	if known := f.known.Load(); known != nil {
		if a, ok := (*known)[q]; ok {
			return a
		}
	}
	a := agreed{format: expfmt.NegotiateAccept(h, f.accepted...)}
	a.engine, a.short = engineFormat(a.format)
	if len(q.accept) <= rememberBytes {
		q.accept = strings.Clone(q.accept)
		f.remember(q, a)
	}
	return a
}

// remember adds an agreement while there is room. It never makes room: headers come from
// anyone, and what is not remembered is only slower.
func (f *formats) remember(q asked, a agreed) {
	for {
		old, next := f.known.Load(), map[asked]agreed{}
		if old != nil {
			next = maps.Clone(*old)
		}
		if len(next) >= rememberHeaders {
			return
		}
		next[q] = a
		if f.known.CompareAndSwap(old, &next) {
			return
		}
	}
}

var engineSchemes = map[model.EscapingScheme]encode.Scheme{
	model.NoEscaping:            encode.AllowUTF8,
	model.UnderscoreEscaping:    encode.Underscores,
	model.DotsEscaping:          encode.Dots,
	model.ValueEncodingEscaping: encode.Values,
}

// engineFormat returns the engine's format that has the bytes of expfmt's. OpenMetrics 2.0
// is still a draft, of which the two may not always read the same version.
func engineFormat(f expfmt.Format) (encode.Format, bool) {
	scheme, ok := engineSchemes[f.ToEscapingScheme()]
	if !ok {
		return encode.Format{}, false
	}
	switch f.FormatType() {
	case expfmt.TypeTextPlain:
		return encode.Format{Syntax: encode.Text004, Scheme: scheme}, true
	case expfmt.TypeProtoDelim:
		return encode.Format{Syntax: encode.ProtobufDelimited, Scheme: scheme}, true
	case expfmt.TypeOpenMetrics:
		return encode.Format{Syntax: encode.OpenMetrics100, Scheme: scheme}, f.Version() != expfmt.OpenMetricsVersion_2_0_0
	}
	return encode.Format{}, false
}
