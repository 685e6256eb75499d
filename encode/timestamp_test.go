package encode

import (
	"math"
	"testing"
	"time"
)

func TestTimestampsInSecondsAreExactAndWithoutExponent(t *testing.T) {
	for _, c := range []struct {
		sec, nsec int64
		seconds   string
		millis    string
	}{
		{0, 0, "0", " 0"},
		{1520879607, 789_000_000, "1520879607.789", " 1520879607789"},
		{1520879607, 123_456_789, "1520879607.123456789", " 1520879607123"},
		{1520879607, 1, "1520879607.000000001", " 1520879607000"},
		{1, 1_000_000, "1.001", " 1001"},
		{0, -1, "-0.000000001", ""}, // text: never a minus, it fails the scrape
		{-1, 500_000_000, "-0.5", ""},
		{-1, 0, "-1", ""},
		{-2, 750_000_000, "-1.25", ""},
		{1, 2_500_000_000, "3.5", " 3500"},
		{math.MaxInt64, 0, "9223372036854775807", ""},
		{math.MinInt64, 0, "-9223372036854775808", ""},
	} {
		ts := UnixTimestamp(c.sec, c.nsec)
		if got := string(AppendSeconds(nil, ts)); got != c.seconds {
			t.Errorf("%d s %d ns is %q in seconds, want %q", c.sec, c.nsec, got, c.seconds)
		}
		if got := string(AppendMillis(nil, ts)); got != c.millis {
			t.Errorf("%d s %d ns is %q in milliseconds, want %q", c.sec, c.nsec, got, c.millis)
		}
	}
	if b := AppendStart(AppendMillis(AppendSeconds(nil, Timestamp{}), Timestamp{}), Timestamp{}); len(b) > 0 {
		t.Errorf("no timestamp is written %q", b)
	}
	if TimestampOf(time.Time{}).IsSet() || !TimestampOf(time.Unix(0, 0)).IsSet() {
		t.Error("the zero time is no timestamp, the epoch is one")
	}
}

func TestTimestampsAreOrdered(t *testing.T) {
	list := []Timestamp{{}, UnixTimestamp(-1, 0), UnixTimestamp(-1, 1), UnixTimestamp(0, 0), UnixTimestamp(0, 1), UnixTimestamp(1, 0)}
	for i, a := range list {
		for j, b := range list {
			if got, want := a.Compare(b), min(1, max(-1, i-j)); got != want {
				t.Errorf("%v.Compare(%v) = %d, want %d", a, b, got, want)
			}
		}
	}
}
