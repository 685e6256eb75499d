// Package zstd lets the handlers of package promhttp offer zstd:
//
//	import _ "github.com/pawl-metrics/pawl/compat/prometheus/promhttp/zstd"
//
// It is a package of its own because a compressor adds to each program that has it. Handlers
// that are made with default options then offer zstd behind gzip, so that
// clients who accept both equally get gzip. The level is the fastest.
package zstd

import (
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp/internal"
)

func init() {
	internal.Zstd = func(dst, body []byte) []byte { return encoder().EncodeAll(body, dst) }
}

// encoder returns the one encoder, which has some megabytes, made when it is needed. It
// compresses two bodies at a time; others wait.
var encoder = sync.OnceValue(func() *zstd.Encoder {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2),
		zstd.WithZeroFrames(true)) // an empty exposition is a frame too
	if err != nil {
		panic(err) // the options are constants that the package knows
	}
	return z
})
