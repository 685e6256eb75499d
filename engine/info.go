package engine

import (
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// Info says something in words, which stand in labels beside a value of 1: a version,
// a commit, the name of a cluster. Queries join it to other series.
//
//	engine.MustInfo(reg, engine.Opts{Name: "build"}, map[string]string{"version": version})
//
// is exposed as build_info{version="1.2.3"} 1.
//
// Model. An immutable list of labels behind a pointer, which Set replaces: a scrape
// sees one list or the other.
type Info struct {
	said  atomic.Pointer[said] // set under fam.mu
	start int64
	fam   *family
	text  seriesText
}

// said is what an info says. Immutable.
type said struct {
	labels []Label    // in name order
	slab   shard.Slab // of a store that persists, which holds a 1
}

var infoLayout = shard.Layout{Words: 1, Shared: true}

// NewInfo registers an info that says this; nil says nothing yet. The family is called
// as given, its samples end in _info.
func NewInfo(reg *Registry, opts Opts, info map[string]string) (*Info, error) {
	m, err := register(reg, opts, nil, infoOps)
	if err != nil {
		return nil, err
	}
	i, err := m.addOnly(new(Info))
	if err != nil {
		return nil, err
	}
	if err := i.Set(info); err != nil {
		m.remove(i)
		m.fam.reg.withdraw(m.fam, m.consts)
		return nil, err
	}
	return i, nil
}

// MustInfo is NewInfo that panics on an error.
func MustInfo(reg *Registry, opts Opts, info map[string]string) *Info {
	return must(NewInfo(reg, opts, info))
}

// NewInfoVec registers a family of infos labelled by L. They say nothing until Set.
func NewInfoVec[L comparable](reg *Registry, opts Opts) (*InfoVec[L], error) {
	return newVec[L](reg, opts, infoOps)
}

// MustInfoVec is NewInfoVec that panics on an error.
func MustInfoVec[L comparable](reg *Registry, opts Opts) *InfoVec[L] {
	return must(NewInfoVec[L](reg, opts))
}

// NewStringInfoVec registers a family of infos with these labels.
func NewStringInfoVec(reg *Registry, opts Opts, labels ...string) (*StringVec[Info], error) {
	return newStringVec(reg, opts, labels, infoOps)
}

// MustStringInfoVec is NewStringInfoVec that panics on an error.
func MustStringInfoVec(reg *Registry, opts Opts, labels ...string) *StringVec[Info] {
	return must(NewStringInfoVec(reg, opts, labels...))
}

// Set replaces what the info says. Names that are no label names, or those of the
// family's own labels, are an error, and change nothing. Values are any strings:
// invalid UTF-8 becomes U+FFFD. Set takes a lock and allocates; it is not for hot
// code.
func (i *Info) Set(info map[string]string) error {
	if i.fam.refuses(&i.text) {
		return nil
	}
	labels, err := i.fam.infoLabels(&i.text, info)
	if err != nil {
		return err
	}
	i.fam.mu.Lock()
	defer i.fam.mu.Unlock()
	return i.say(labels)
}

// Labels returns what the info says, in name order. The caller must not change it.
func (i *Info) Labels() []Label {
	if s := i.said.Load(); s != nil {
		return s.labels
	}
	return nil
}

// say replaces what is said, in a store that persists too, unless the series has been
// dropped. The caller holds fam.mu.
func (i *Info) say(labels []Label) error {
	next, last := &said{labels, shard.NoSlab()}, i.said.Load()
	if lasting := i.fam.lasting; lasting != nil && !i.text.is(freeing) {
		var old []shard.Slab
		if last != nil && last.slab.Valid() {
			old = append(old, last.slab)
		}
		holds := &descriptor.Descriptor{Kind: descriptor.Info, Labels: labels}
		slab, err := lasting.Replace(i.fam.describe(i.text.String(), i.start, holds), infoLayout, holdOne, old)
		if err != nil {
			return refuse(i.fam.opts.Name, ErrStore, "%v", err)
		}
		for _, s := range old { // nobody records in it
			lasting.Free(s, infoLayout)
		}
		next.slab = slab
	}
	i.said.Store(next)
	return nil
}

func holdOne(s shard.Slab) { atomic.StoreUint64(s.Shared(0), 1) }

// infoLabels checks and sorts what an info is to say.
func (f *family) infoLabels(text *seriesText, info map[string]string) ([]Label, error) {
	var names []string
	for name := range info {
		names = append(names, name)
	}
	slices.Sort(names)
	if err := checkNames(f.opts.Name, names, labelsOf(text.String()), "", f.reg.names); err != nil {
		return nil, err
	}
	labels := make([]Label, len(names))
	for i, name := range names {
		labels[i] = Label{Name: name, Value: cleanValue(info[name])}
	}
	return cloneLabels(labels), nil
}

var infoOps = &ops[Info]{
	typ:  encode.Info,
	text: func(i *Info) *seriesText { return &i.text },
	init: func(i *Info, f *family, start int64) error {
		i.fam, i.start = f, start
		return i.say(nil)
	},
	drop: func(i *Info) {
		i.fam.mu.Lock()
		defer i.fam.mu.Unlock()
		i.text.flags.Or(freeing)
		giveUp(i, i.fam, i.said.Load().slab, infoLayout)
	},
	void: func(i *Info, f *family) { i.fam = f },
	read: func(g *gatherer, s *Sample, p placed[Info]) bool {
		s.Labels = g.joinLabels(s.Labels, p.s.Labels())
		runtime.KeepAlive(p.s)
		return true
	},
}

// joinLabels merges two label sets in name order.
func (p *plain) joinLabels(a, b []Label) []Label {
	if len(b) == 0 {
		return a
	}
	all := p.labels.take(len(a) + len(b))
	copy(all[copy(all, a):], b)
	sortLabels(all)
	return all
}

// joined is joinLabels in memory of its own, or in a's.
func joined(a, b []Label) []Label {
	all := append(a, b...)
	sortLabels(all)
	return all
}

func sortLabels(labels []Label) {
	slices.SortFunc(labels, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
}
