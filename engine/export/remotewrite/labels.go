package remotewrite

import (
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

const nameLabel = "__name__"

// labels makes the label sets of a family's series.
type labels struct {
	scheme encode.Scheme
	name   string            // spelled, without suffix
	names  map[string]string // of its series, by suffix
	set    []encode.Label
}

// begin turns to another family.
func (l *labels) begin(family string, scheme encode.Scheme) {
	l.scheme, l.name = scheme, encode.EscapeName(family, scheme)
	if l.names == nil {
		l.names = make(map[string]string)
	}
	clear(l.names)
}

// suffixed returns the name of a series.
func (l *labels) suffixed(suffix string) string {
	if suffix == "" {
		return l.name
	}
	name, ok := l.names[suffix]
	if !ok {
		name = l.name + suffix
		l.names[suffix] = name
	}
	return name
}

// of returns a series' labels, sorted, with the name among them, and the external ones
// that it does not have itself. ok is false when a name is none, or there twice. The
// slice is used again.
func (l *labels) of(suffix string, list []encode.Label, own *encode.Label, external []encode.Label) (set []encode.Label, ok bool) {
	l.set = append(l.set[:0], encode.Label{Name: nameLabel, Value: l.suffixed(suffix)})
	for i := range list {
		if !encode.ValidUTF8Name(list[i].Name) {
			return nil, false
		}
		l.append(&list[i])
	}
	if own.Name != "" {
		l.append(own)
	}
	slices.SortFunc(l.set, byName)
	for i := range l.set {
		if i > 0 && l.set[i].Name == l.set[i-1].Name {
			return nil, false
		}
	}
	l.merge(external)
	// An empty value is a label that is not there.
	l.set = slices.DeleteFunc(l.set, func(label encode.Label) bool { return label.Value == "" })
	return l.set, true
}

// merge adds those external labels that the set does not have.
func (l *labels) merge(external []encode.Label) {
	n := len(l.set)
	for _, e := range external {
		if _, found := slices.BinarySearchFunc(l.set[:n], e, byName); !found {
			l.set = append(l.set, e)
		}
	}
	if len(l.set) > n {
		slices.SortFunc(l.set, byName)
	}
}

func byName(a, b encode.Label) int { return strings.Compare(a.Name, b.Name) }

func (l *labels) append(label *encode.Label) {
	name := label.Name
	if l.scheme != encode.AllowUTF8 && !encode.ValidLabelName(name) {
		name = string(encode.AppendLabelName(nil, name, l.scheme))
	}
	l.set = append(l.set, encode.Label{Name: name, Value: strings.ToValidUTF8(label.Value, "\uFFFD")})
}
