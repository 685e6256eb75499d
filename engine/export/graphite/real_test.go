//go:build integration

package graphite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/internal/peer"
)

const carbonConfig = `
[cache]
STORAGE_DIR = %[1]s
LOCAL_DATA_DIR = %[1]s/whisper
CONF_DIR = %[1]s
PID_DIR = %[1]s
LOG_DIR = %[1]s
USER =
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = 100000
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = %[2]s
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = %[3]s
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = %[4]s
ENABLE_UDP_LISTENER = False
ENABLE_TAGS = False
TAG_HASH_FILENAMES = True
ENABLE_LOGROTATION = False
`

// realCarbon is a carbon-cache with its files.
type realCarbon struct {
	dir, addr string
	*peer.Process
}

func startCarbon(t *testing.T, dir, addr string) *realCarbon {
	t.Helper()
	port := func(addr string) string { _, port, _ := net.SplitHostPort(addr); return port }
	config := fmt.Sprintf(carbonConfig, dir, port(addr), port(peer.Free(t)), port(peer.Free(t)))
	for name, text := range map[string]string{"carbon.conf": config, "storage-schemas.conf": "[all]\npattern = .*\nretentions = 1s:1h\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := peer.Start(t, "graphite-carbon", "carbon-cache", "--config="+filepath.Join(dir, "carbon.conf"),
		"--pidfile="+filepath.Join(dir, "carbon.pid"), "--logdir="+dir, "--nodaemon", "start")
	peer.Wait(t, "carbon at "+addr, func() bool { return peer.Listening(addr) })
	return &realCarbon{dir, addr, p}
}

// value reads one point back from a whisper file: a header of 16 bytes, 12 for each
// archive, of which there is one, and then 12 for each point: seconds and a double.
func (c *realCarbon) value(path string, at int64) (float64, bool) {
	file := filepath.Join(c.dir, "whisper", strings.ReplaceAll(path, ".", "/")+".wsp")
	if strings.Contains(path, ";") {
		hash := fmt.Sprintf("%x", sha256.Sum256([]byte(path)))
		file = filepath.Join(c.dir, "whisper", "_tagged", hash[:3], hash[3:6], hash+".wsp")
	}
	text, err := os.ReadFile(file)
	if err != nil || len(text) < 28 {
		return 0, false
	}
	for points := text[28:]; len(points) >= 12; points = points[12:] {
		if int64(binary.BigEndian.Uint32(points)) == at {
			return math.Float64frombits(binary.BigEndian.Uint64(points[4:])), true
		}
	}
	return 0, false
}

// stored waits until all lines are in carbon's files, with their values.
func (c *realCarbon) stored(t *testing.T, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var path string
		var want float64
		var at int64
		fields := strings.Fields(line)
		path = fields[0]
		fmt.Sscan(fields[1], &want)
		fmt.Sscan(fields[2], &at)
		peer.Wait(t, "point of "+line, func() bool { _, ok := c.value(path, at); return ok })
		if got, _ := c.value(path, at); got != want {
			t.Errorf("%s is stored as %v", line, got)
		}
	}
}

// realFamilies have every type, and strings that have broken lines before.
func realFamilies() families {
	list := families{
		gauge("plain", 1.5), gauge("big", 1e300), gauge("small", 5e-324), gauge("negative", -7), gauge("exact", 1<<53-1),
		{Name: "h", Type: encode.Histogram, Samples: []encode.Sample{{Labels: []encode.Label{{Name: "path", Value: "/a/b c"}},
			Histogram: &encode.HistogramValue{Count: 3, Sum: 2.5, Buckets: []encode.Bucket{{UpperBound: 0.5, Count: 1}, {UpperBound: 1e6, Count: 2}}}}}},
		{Name: "s", Type: encode.Summary, Samples: []encode.Sample{{Summary: &encode.SummaryValue{Count: 2, Sum: 3, Quantiles: []encode.Quantile{{Quantile: 0.99, Value: 1}}}}}},
		{Name: "i", Type: encode.Info, Samples: []encode.Sample{{Labels: []encode.Label{{Name: "version", Value: "1.2.3"}}}}},
		{Name: "mode", Type: encode.StateSet, Samples: []encode.Sample{{States: []encode.State{{Name: "on", On: true}, {Name: "off"}}}}},
	}
	for i, v := range []string{"a b", "a;b", "a=b", `"}`, "~x", "é", "日本語", "\n", "\x1f", "\u2003", "\u0085", "\xff", "a^b!", ".", "..", "/", "{}", "a,b", "(1)", "*", "%41", "'"} {
		list = append(list, gauge("odd", float64(i), "n", fmt.Sprint(i), "odd label", v))
	}
	return list
}

// Every line of ours is in a file of carbon's, in every form but those that client_python
// has with empty values.
func TestRealCarbon(t *testing.T) {
	c := startCarbon(t, t.TempDir(), peer.Free(t))
	for _, style := range []Style{Carbon, Python, ClientGolang} {
		for _, tags := range []bool{false, true} {
			t.Run(fmt.Sprint(style, tags), func(t *testing.T) {
				now := time.Now()
				o := Options{Addr: c.addr, Prefix: fmt.Sprintf("s%d.t%v", style, tags), Tags: tags, Style: style, Now: func() time.Time { return now }}
				b := bridge(t, realFamilies(), o)
				push, err := b.render(t.Context(), 0)
				if err == nil {
					err = b.Push(t.Context())
				}
				if err != nil {
					t.Fatal(err)
				}
				c.stored(t, string(push.Body))
			})
		}
	}
}

// A carbon that is killed and comes back gets every push, each at its own time.
func TestRealRestart(t *testing.T) {
	dir, addr := t.TempDir(), peer.Free(t)
	c := startCarbon(t, dir, addr)
	start := time.Now().Unix()
	var pushes []int64
	b := bridge(t, families{gauge("g", 42)}, Options{Addr: addr, Interval: 300 * time.Millisecond, Now: func() time.Time {
		at := start + int64(len(pushes)) // a second each: carbon has one point for each
		pushes = append(pushes, at)
		return time.Unix(at, 0)
	}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	sent := func(n uint64) func() bool { return func() bool { return b.Stats().Sent >= n } }
	peer.Wait(t, "second push", sent(2))
	peer.Wait(t, "first point", func() bool { _, ok := c.value("g", start); return ok })
	c.Kill()
	os.Remove(filepath.Join(dir, "carbon.pid"))
	peer.Wait(t, "failed push", func() bool { return b.Stats().Retries > 0 })
	before := b.Stats().Sent
	c = startCarbon(t, dir, addr)
	peer.Wait(t, "later push", sent(before+3))
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s := b.Stats(); s.Sent != uint64(len(pushes)) || s.Overflowed+s.Unsent != 0 {
		t.Errorf("%+v of %d pushes", s, len(pushes))
	}
	for _, at := range pushes[before:] { // those before were carbon's to keep
		peer.Wait(t, "point", func() bool { v, ok := c.value("g", at); return ok && v == 42 })
	}
}
