package prometheus

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// Desc describes metrics: their name, help and unit, the labels whose values are fixed
// and the names of those whose values vary. Instruments make their own; collectors of
// one's own make theirs with [NewDesc], once.
//
// Two descriptors are equal if they have the same name and the same values of const
// labels: a registry takes one of them. Those of one name must also have the same help,
// unit and label names.
//
// Model. Immutable once it has been made. What is wrong with it is kept in it, and said
// when it is registered or used.
type Desc struct {
	fqName, help, unit string

	constLabels    []*dto.LabelPair // sorted by name; shared with output
	variableLabels *variableLabels  // never nil

	// id is equal for equal descriptors, dims for those that agree on help, unit and
	// label names. Both are the facts themselves and no hash of them, so what differs
	// is never taken for the same.
	id, dims string

	err error
}

// DescOpt says something about a descriptor that few have: see [WithUnit].
type DescOpt func(*Desc)

// WithUnit gives a descriptor a unit, as OpenMetrics has it: seconds, bytes.
func WithUnit(unit string) DescOpt { return func(d *Desc) { d.unit = unit } }

// NewDesc makes a descriptor. fqName must not be empty; either kind of labels may be
// nil. It never fails: see [Desc.Err].
func NewDesc(fqName, help string, variableLabels []string, constLabels Labels) *Desc {
	return newDesc(fqName, help, "", UnconstrainedLabels(variableLabels).compile(), constLabels)
}

// NewInvalidDesc makes a descriptor that is refused with err: for a collector that
// cannot describe itself.
func NewInvalidDesc(err error) *Desc {
	return &Desc{variableLabels: &variableLabels{}, err: err}
}

func newDesc(fqName, help, unit string, l *variableLabels, constLabels Labels) *Desc {
	d := &Desc{fqName: fqName, help: help, unit: unit, variableLabels: l}
	names := slices.Sorted(maps.Keys(constLabels))
	if d.err = d.check(names, constLabels); d.err != nil {
		return d
	}
	d.constLabels = constPairs(names, constLabels)
	d.id, d.dims = d.identity(), d.dimensions(names)
	return d
}

// check says what is wrong with the name and the labels.
func (d *Desc) check(constNames []string, constLabels Labels) error {
	if !validName(d.fqName) {
		return fmt.Errorf("%q is not a valid metric name", d.fqName)
	}
	for _, name := range constNames {
		if !checkLabelName(name) {
			return d.invalidLabel(name)
		}
	}
	for _, name := range constNames {
		if err := checkLabelValues([]string{constLabels[name]}, 1); err != nil {
			return err
		}
	}
	seen := make(map[string]bool, len(d.variableLabels.names))
	for _, name := range d.variableLabels.names {
		if !checkLabelName(name) {
			return d.invalidLabel(name)
		}
		if _, isConst := constLabels[name]; isConst || seen[name] {
			d.err = d.duplicateLabels() // but an invalid name comes first
		}
		seen[name] = true
	}
	return d.err
}

func (d *Desc) invalidLabel(name string) error {
	return fmt.Errorf("%q is not a valid label name for metric %q", name, d.fqName)
}

func (d *Desc) duplicateLabels() error {
	return fmt.Errorf("duplicate label names in constant and variable labels for metric %q", d.fqName)
}

// These bytes occur in no UTF-8. They keep names and values apart.
const (
	endOfString = "\xff"
	isVariable  = "\xfe"
)

// identity returns what equal descriptors have in common.
func (d *Desc) identity() string {
	var b strings.Builder
	b.WriteString(d.fqName)
	for _, p := range d.constLabels {
		b.WriteString(endOfString)
		b.WriteString(p.GetValue())
	}
	return b.String()
}

// dimensions returns what descriptors of one name have in common. Help may be any bytes,
// and so may the unit: the length of one tells them apart.
func (d *Desc) dimensions(constNames []string) string {
	var b strings.Builder
	for _, name := range constNames {
		b.WriteString(name)
		b.WriteString(endOfString)
	}
	b.WriteString(isVariable)
	for _, name := range slices.Sorted(slices.Values(d.variableLabels.names)) {
		b.WriteString(name)
		b.WriteString(endOfString)
	}
	b.WriteString(isVariable)
	b.WriteString(strconv.Itoa(len(d.help)))
	b.WriteString(endOfString)
	b.WriteString(d.help)
	b.WriteString(d.unit)
	return b.String()
}

// Err says what is wrong with the descriptor, if anything. Registering it says so too.
func (d *Desc) Err() error { return d.err }

// String returns the descriptor for people to read. Labels with a constraint are in c().
func (d *Desc) String() string {
	consts := make([]string, len(d.constLabels))
	for i, p := range d.constLabels {
		consts[i] = fmt.Sprintf("%s=%q", p.GetName(), p.GetValue())
	}
	return fmt.Sprintf("Desc{fqName: %q, help: %q, unit: %q, constLabels: {%s}, variableLabels: {%s}}",
		d.fqName, d.help, d.unit, strings.Join(consts, ","), d.variableLabels)
}
