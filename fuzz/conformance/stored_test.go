package conformance

import (
	"maps"
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// point is a sample in the database.
type point struct {
	at     int64 // milliseconds
	value  float64
	native *histogram.FloatHistogram // or nil
}

// stored is all that the database has: the samples of each series, oldest first. Labels
// that the server adds are left out.
func (s *server) stored(matchers ...*labels.Matcher) map[string][]point {
	s.t.Helper()
	q, err := s.db.Querier(0, math.MaxInt64)
	if err != nil {
		s.t.Fatal(err)
	}
	defer q.Close()
	all := make(map[string][]point)
	set := q.Select(background(), false, nil, matchers...)
	for set.Next() {
		all[seriesKey(set.At().Labels())] = s.points(set.At().Iterator(nil))
	}
	if err := set.Err(); err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *server) points(it chunkenc.Iterator) (list []point) {
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		var p point
		if kind == chunkenc.ValFloat {
			p.at, p.value = it.At()
		} else {
			p.at, p.native = it.AtFloatHistogram(nil)
		}
		list = append(list, p)
	}
	if err := it.Err(); err != nil {
		s.t.Fatal(err)
	}
	return list
}

func seriesKey(set labels.Labels) string { return mapKey(set.Map()) }

func mapKey(set map[string]string) string {
	rest := maps.Clone(set)
	name := rest["__name__"]
	for _, l := range []string{"__name__", "job", "instance"} {
		delete(rest, l)
	}
	return key(name, rest)
}

// history is the samples of the one series of this name.
func (s *server) history(name string) []point {
	for _, list := range s.stored(named(name)) {
		return list
	}
	return nil
}

func named(name string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, "__name__", name)
}

// exposed is all that came from the service, without the server's notes about it.
func (s *server) exposed() map[string][]point {
	return s.stored(labels.MustNewMatcher(labels.MatchNotRegexp, "__name__", "up|scrape_.+"))
}

// latest is the last value of each series that the service exposed, floats and native
// histograms apart.
func (s *server) latest() (floats values, natives map[string]*histogram.FloatHistogram) {
	floats, natives = make(values), make(map[string]*histogram.FloatHistogram)
	for k, list := range s.exposed() {
		if last := list[len(list)-1]; last.native != nil {
			natives[k] = last.native
		} else {
			floats[k] = last.value
		}
	}
	return floats, natives
}
