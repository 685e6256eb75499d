package prometheus

// v2 is the type of V2.
type v2 struct{}

// V2 has constructors that take labels with constraints. They are named as those of this
// package, with whose descriptors and vecs theirs go together.
var V2 = v2{}

// NewDesc is the function NewDesc for labels that may have constraints. It never
// fails: what is wrong with a descriptor is said when it is registered.
func (v2) NewDesc(fqName, help string, variableLabels ConstrainableLabels, constLabels Labels, opts ...DescOpt) *Desc {
	var said Desc
	for _, opt := range opts {
		opt(&said)
	}
	return newDesc(fqName, help, said.unit, compiled(variableLabels), constLabels)
}
