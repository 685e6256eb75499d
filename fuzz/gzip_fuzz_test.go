package fuzz

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"github.com/pawl-metrics/pawl/encode/linegzip"
)

// FuzzGzip packs any bytes, twice with one encoder and behind what was there, and has
// the standard library unpack them.
func FuzzGzip(f *testing.F) {
	for _, s := range []string{"", "a", "a_total{x=\"1\"} 7\na_total{x=\"2\"} 8\n", "no newline", "\n\n\n", string(make([]byte, 70_000))} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, body []byte, times uint8) {
		body = bytes.Repeat(body, 1+int(times)%64)
		var e linegzip.Encoder
		e.AppendGzip(nil, []byte("another body\nbefore\n"))
		packed, ok := bytes.CutPrefix(e.AppendGzip([]byte("kept"), body), []byte("kept"))
		if !ok {
			t.Fatal("what was there is gone")
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, body) {
			t.Fatalf("%d bytes come back as %d: %v", len(body), len(got), err)
		}
		if len(packed) > len(body)+len(body)/1000+64 {
			t.Errorf("%d bytes become %d", len(body), len(packed))
		}
	})
}
