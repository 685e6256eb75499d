package prometheus

import (
	"cmp"
	"fmt"
	"slices"

	dto "github.com/prometheus/client_model/go"
)

// gathering makes families of metrics, and errors of those that do not go together with
// what came before.
//
// That a series comes twice is found out at the end, among neighbours in the order in
// which they go out anyway. So there is no table of all series, and no hash of their
// labels.
//
// Model. Belongs to one goroutine.
type gathering struct {
	families   map[string]*gathered
	last       *gathered       // metrics mostly come family by family
	registered map[string]bool // ids of descriptors; nil: they are not checked

	arrivals int
	errs     []arrival[error]
	room     []dto.Metric // for those to come
}

// gathered is a family in the making.
type gathered struct {
	message *dto.MetricFamily
	desc    *Desc // the latest that was found to go together with the family; nil in Gatherers
	list    []arrival[*dto.Metric]
}

// arrival is something with its place among all that came.
type arrival[T any] struct {
	value T
	nth   int
}

func newGathering(families int) *gathering {
	return &gathering{families: make(map[string]*gathered, families)}
}

// fail adds an error.
func (g *gathering) fail(err error) {
	g.arrivals++
	g.errs = append(g.errs, arrival[error]{err, g.arrivals})
}

// add adds a metric, or an error.
func (g *gathering) add(m Metric) {
	g.arrivals++
	if err := g.take(m); err != nil {
		g.errs = append(g.errs, arrival[error]{err, g.arrivals})
	}
}

func (g *gathering) take(m Metric) (err error) {
	var desc *Desc
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("error collecting metric %v: %w", desc, catch(v).in("metric", m))
		}
	}()
	if desc = m.Desc(); desc.err != nil {
		return desc.err
	}
	message := g.message()
	if err := m.Write(message); err != nil {
		return fmt.Errorf("error collecting metric %v: %w", desc, err)
	}
	f, err := g.family(desc, message)
	if err != nil {
		return err
	}
	if err := checkMessage(desc.fqName, message); err != nil {
		return err
	}
	if g.registered != nil {
		if err := g.checkDesc(desc, message); err != nil {
			return err
		}
	}
	f.list = append(f.list, arrival[*dto.Metric]{message, g.arrivals})
	return nil
}

// message returns an empty message. They are allocated some at a time.
func (g *gathering) message() *dto.Metric {
	if len(g.room) == 0 {
		g.room = make([]dto.Metric, min(1+g.arrivals/4, 64))
	}
	m := &g.room[0]
	g.room = g.room[1:]
	return m
}

// family returns the family for a metric: one that is there, if it agrees, or a new one.
func (g *gathering) family(desc *Desc, m *dto.Metric) (*gathered, error) {
	f := g.last
	if f == nil || f.desc != desc {
		if f = g.families[desc.fqName]; f == nil {
			return g.newFamily(desc, m)
		}
		if f.message.GetHelp() != desc.help {
			return nil, fmt.Errorf("collected metric %s %s has help %q but should have %q", desc.fqName, m, desc.help, f.message.GetHelp())
		}
	}
	if typ := f.message.GetType(); !isOf(m, typ) {
		return nil, fmt.Errorf("collected metric %s %s should be %s", desc.fqName, m, shouldBe[typ])
	}
	f.desc, g.last = desc, f
	return f, nil
}

func (g *gathering) newFamily(desc *Desc, m *dto.Metric) (*gathered, error) {
	typ, ok := typeOf(m)
	if !ok {
		return nil, fmt.Errorf("empty metric collected: %s", m)
	}
	f := &dto.MetricFamily{Name: new(desc.fqName), Help: new(desc.help), Type: typ.Enum()}
	if desc.unit != "" {
		f.Unit = new(desc.unit)
	}
	return g.enter(f, desc)
}

// enter adds a family, unless its samples would be confused with those of another.
func (g *gathering) enter(f *dto.MetricFamily, desc *Desc) (*gathered, error) {
	if err := g.checkSuffixes(f.GetName(), f.GetType()); err != nil {
		return nil, err
	}
	added := &gathered{message: f, desc: desc}
	g.families[f.GetName()], g.last = added, added
	return added, nil
}

// finish returns the families that have metrics, and the errors in the order in which they
// happened.
func (g *gathering) finish() (map[string]*dto.MetricFamily, error) {
	families := make(map[string]*dto.MetricFamily, len(g.families))
	for name, f := range g.families {
		if len(f.list) > 0 {
			g.order(f)
			families[name] = f.message
		}
	}
	slices.SortFunc(g.errs, arrival[error].compare)
	var errs MultiError
	for _, e := range g.errs {
		errs = append(errs, e.value)
	}
	return families, errs.MaybeUnwrap()
}

func (a arrival[T]) compare(b arrival[T]) int { return cmp.Compare(a.nth, b.nth) }

// order sorts a family's metrics. Of a series that came twice the first stays.
func (g *gathering) order(f *gathered) {
	slices.SortFunc(f.list, func(a, b arrival[*dto.Metric]) int {
		if c := compareMetrics(a.value, b.value); c != 0 {
			return c
		}
		return a.compare(b)
	})
	f.message.Metric = make([]*dto.Metric, 0, len(f.list))
	for _, m := range f.list {
		if n := len(f.message.Metric); n > 0 && compareMetrics(f.message.Metric[n-1], m.value) == 0 {
			err := fmt.Errorf("collected metric %q { %s} was collected before with the same name and label values", f.message.GetName(), m.value)
			g.errs = append(g.errs, arrival[error]{err, m.nth})
			continue
		}
		f.message.Metric = append(f.message.Metric, m.value)
	}
}
