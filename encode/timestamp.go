package encode

import (
	"cmp"
	"math"
	"time"
)

// Timestamp is a moment, to the nanosecond. The zero value is no timestamp, which
// is not the same as the Unix epoch.
//
// Formats differ in what they can say of a moment. Text has whole milliseconds,
// not negative; protobuf milliseconds of which 0 is none; OpenMetrics seconds as a
// decimal, which is written here from the integers: a float64 of this century's
// seconds has no room for nanoseconds.
type Timestamp struct {
	sec  int64
	nsec int32 // in [0, 1e9)
	set  bool
}

const nanos = 1_000_000_000

// UnixTimestamp returns the moment sec seconds and nsec nanoseconds after the
// epoch. nsec may lie outside of [0, 1e9).
func UnixTimestamp(sec, nsec int64) Timestamp {
	sec, nsec = sec+nsec/nanos, nsec%nanos
	if nsec < 0 {
		sec, nsec = sec-1, nsec+nanos
	}
	return Timestamp{sec, int32(nsec), true}
}

// TimestampOf returns the timestamp of t; none for the zero time.
func TimestampOf(t time.Time) Timestamp {
	if t.IsZero() {
		return Timestamp{}
	}
	return Timestamp{t.Unix(), int32(t.Nanosecond()), true}
}

// IsSet says whether there is a timestamp.
func (t Timestamp) IsSet() bool { return t.set }

// Unix returns the seconds since the epoch, rounded down, and the nanoseconds in
// [0, 1e9) after them.
func (t Timestamp) Unix() (sec int64, nsec int32) { return t.sec, t.nsec }

// Compare orders timestamps; none is before all others.
func (t Timestamp) Compare(u Timestamp) int {
	if t.set != u.set {
		if u.set {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(t.sec, u.sec), cmp.Compare(t.nsec, u.nsec))
}

// millis returns the milliseconds since the epoch, rounded down; ok is false when
// there is no timestamp, or none that fits.
func (t Timestamp) millis() (ms int64, ok bool) {
	const most = math.MaxInt64/1000 - 1
	if !t.set || t.sec > most || t.sec < -most {
		return 0, false
	}
	return t.sec*1000 + int64(t.nsec/1_000_000), true
}

// AppendSeconds appends t in seconds as OpenMetrics writes them: a decimal
// without an exponent and exact to the nanosecond, such as 1520879607.789 or -0.5.
// It appends nothing when there is no timestamp.
func AppendSeconds(dst []byte, t Timestamp) []byte {
	if !t.set {
		return dst
	}
	sec, nsec := t.sec, t.nsec
	if sec < 0 {
		dst = append(dst, '-')
		if nsec > 0 { // -1 s and 0.25e9 ns are -0.75
			sec, nsec = sec+1, nanos-nsec
		}
		return appendFraction(AppendUint(dst, -uint64(sec)), nsec)
	}
	return appendFraction(AppendUint(dst, uint64(sec)), nsec)
}

// appendFraction appends a decimal point and nsec without its trailing zeros.
func appendFraction(dst []byte, nsec int32) []byte {
	if nsec == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := int32(nanos / 10); nsec > 0; unit /= 10 {
		dst = append(dst, byte('0'+nsec/unit))
		nsec %= unit
	}
	return dst
}

// AppendMillis appends a space and t in milliseconds, as sample lines of text
// format 0.0.4 end. It appends nothing when there is no timestamp, and for
// moments before 1970 either: documented though they are, Prometheus' lexer knows
// digits only, and the minus sign would cost the whole scrape.
func AppendMillis(dst []byte, t Timestamp) []byte {
	ms, ok := t.millis()
	if !ok || ms < 0 {
		return dst
	}
	return AppendUint(append(dst, ' '), uint64(ms))
}
