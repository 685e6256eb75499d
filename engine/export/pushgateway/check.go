package pushgateway

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/internal/line"
)

// LabelError is a series that carries a label of the grouping key with another value.
type LabelError struct {
	Family, Label string
	Value, Want   string // the series' value, and the grouping key's
}

func (e *LabelError) Error() string {
	return fmt.Sprintf("family %q: a series has the label %s=%q, and the grouping key %s=%q",
		e.Family, e.Label, e.Value, e.Label, e.Want)
}

// checker looks for labels of the grouping key in a body.
type checker map[string]string

func newChecker(job string, grouping map[string]string) checker {
	c := checker{"job": job}
	for name, value := range grouping {
		c[name] = value
	}
	return c
}

// check finds a series whose label contradicts the grouping key.
func (c checker) check(body []byte, f encode.Format) error {
	if f.Syntax == encode.ProtobufDelimited {
		return c.messages(body)
	}
	for s := range line.Samples(body) {
		for name, value := range s.Pairs() {
			if err := c.label(s.Name, name, value, true); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c checker) label(family, name, value []byte, escaped bool) error {
	want, grouped := c[string(name)]
	if !grouped {
		return nil
	}
	if escaped {
		value = line.Unescape(value)
	}
	if string(value) == want {
		return nil
	}
	return &LabelError{string(family), string(name), string(value), want}
}

// messages reads delimited protobuf, as much of it as leads to labels:
//
//	MetricFamily 1 name, 4 metric -> Metric 1 label -> LabelPair 1 name, 2 value
func (c checker) messages(body []byte) error {
	for len(body) > 0 {
		family, rest, ok := cutBytes(body)
		if !ok {
			return errTorn
		}
		if err := c.family(family); err != nil {
			return err
		}
		body = rest
	}
	return nil
}

func (c checker) family(family []byte) error {
	var name []byte
	return fields(family, func(field uint64, value []byte) error {
		switch field {
		case 1:
			name = value
		case 4:
			return c.metric(name, value)
		}
		return nil
	})
}

func (c checker) metric(family, metric []byte) error {
	return fields(metric, func(field uint64, pair []byte) error {
		if field != 1 {
			return nil
		}
		var name, value []byte
		if err := fields(pair, func(field uint64, text []byte) error {
			if field == 1 {
				name = text
			} else {
				value = text
			}
			return nil
		}); err != nil {
			return err
		}
		return c.label(family, name, value, false)
	})
}

var errTorn = errors.New("the body is not delimited protobuf")

// fields calls f with each field of a message that has a length: strings and messages.
func fields(message []byte, f func(field uint64, value []byte) error) error {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return errTorn
		}
		value, rest, ok := cutField(message[n:], tag&7)
		if !ok {
			return errTorn
		}
		if tag&7 == 2 {
			if err := f(tag>>3, value); err != nil {
				return err
			}
		}
		message = rest
	}
	return nil
}

// cutField cuts a field of the given wire type off.
func cutField(s []byte, wire uint64) (value, rest []byte, ok bool) {
	switch wire {
	case 0:
		_, n := binary.Uvarint(s)
		return nil, s[max(n, 0):], n > 0
	case 1:
		return nil, s[min(8, len(s)):], len(s) >= 8
	case 2:
		return cutBytes(s)
	}
	return nil, nil, false
}

// cutBytes cuts off a length and as many bytes.
func cutBytes(s []byte) (value, rest []byte, ok bool) {
	length, n := binary.Uvarint(s)
	if n <= 0 || length > uint64(len(s)-n) {
		return nil, nil, false
	}
	return s[n : n+int(length)], s[n+int(length):], true
}
