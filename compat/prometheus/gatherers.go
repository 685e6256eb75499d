package prometheus

import (
	"errors"
	"fmt"

	dto "github.com/prometheus/client_model/go"
)

// Gatherers are several gatherers as one. Families of one name are joined, if help and type
// are the same; what does not go together is an error, and of a series that comes twice
// the first stays. The order is thus an order of precedence. (client_golang's lose the
// unit of families; these do not.)
type Gatherers []Gatherer

// Gather implements Gatherer.
func (gs Gatherers) Gather() ([]*dto.MetricFamily, error) {
	g := newGathering(0)
	for i, from := range gs {
		families, err := from.Gather()
		for _, err := range single(err) {
			g.fail(fmt.Errorf("[from Gatherer #%d] %w", i+1, err))
		}
		for _, f := range families {
			if err := g.join(f); err != nil {
				g.fail(err)
			}
		}
	}
	families, err := g.finish()
	return sortFamilies(families), err
}

// single returns the errors that an error consists of.
func single(err error) []error {
	var several MultiError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &several):
		return several
	}
	return []error{err}
}

// join adds a family of one of the gatherers, or what is possible of it.
func (g *gathering) join(f *dto.MetricFamily) error {
	into := g.families[f.GetName()]
	switch {
	case into == nil:
		var err error
		into, err = g.enter(&dto.MetricFamily{Name: f.Name, Help: f.Help, Type: f.Type, Unit: f.Unit}, nil)
		if err != nil {
			return err
		}
	case into.message.GetHelp() != f.GetHelp():
		return fmt.Errorf("gathered metric family %s has help %q but should have %q", f.GetName(), f.GetHelp(), into.message.GetHelp())
	case into.message.GetType() != f.GetType():
		return fmt.Errorf("gathered metric family %s has type %s but should have %s", f.GetName(), f.GetType(), into.message.GetType())
	}
	for _, m := range f.Metric {
		g.arrivals++
		if err := into.check(m); err != nil {
			g.errs = append(g.errs, arrival[error]{err, g.arrivals})
			continue
		}
		into.list = append(into.list, arrival[*dto.Metric]{m, g.arrivals})
	}
	return nil
}

// check checks a metric that another gatherer has put into a family.
func (f *gathered) check(m *dto.Metric) error {
	if !isOf(m, f.message.GetType()) {
		return fmt.Errorf("collected metric %q { %s} is not a %s", f.message.GetName(), m, f.message.GetType())
	}
	return checkMessage(f.message.GetName(), m)
}
