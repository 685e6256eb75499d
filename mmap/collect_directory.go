package mmap

import (
	"context"
	"errors"
	"sync"

	"github.com/pawl-metrics/pawl/engine"
)

// CollectorOptions configures [NewCollector]. The zero value is ready for use.
type CollectorOptions struct {
	Limits Limits

	// FoldAfter is how many files of dead processes may lie in the directory before a
	// scrape folds them (see [Compact]); 16 if 0. Negative: never.
	FoldAfter int

	// Fold is how.
	Fold CompactOptions

	// OnError is called for each file that could not be read whole, in every scrape
	// that meets it, perhaps by several at once. Nil: nothing is called; the
	// metric pawl_file_errors counts them by kind all the same.
	OnError func(*FileError)
}

const defaultFoldAfter = 16

// Collector merges the files of a directory at each scrape of the registry that it is
// registered with: those of living processes, of dead ones, and client_python's.
//
//	c, err := mmap.NewCollector("/dev/shm/shop", mmap.CollectorOptions{})
//	...
//	reg := engine.NewRegistry()
//	reg.MustRegister(c)
//
// Between scrapes it keeps the files of living processes mapped and remembers their
// records, so a scrape of an unchanged directory reads names and values, and parses
// nothing.
//
// It also makes families about itself:
//
//	pawl_files{state}              files by the state of their process: alive, dead, foreign
//	pawl_file_errors{kind}         files that could not be read, or disagree, in this scrape
//	pawl_inexact_snapshots_total   groups of words that a writer changed each time they were read
//	pawl_folds_total               folds by this collector
//	pawl_folded_files_total        files that they folded
//
// Register it with a registry other than the one that records into the directory:
// else everything of this process is exposed twice.
//
// All methods may be called concurrently. Scrapes take turns in reading.
type Collector struct {
	options CollectorOptions

	mu     sync.Mutex
	closed bool
	scan   *scanner
	spare  []*result
	folds  uint64
	folded uint64
}

// ErrCollectorClosed is the error of scrapes after [Collector.Close].
var ErrCollectorClosed = errors.New("mmap: the collector is closed")

var _ engine.Collector = (*Collector)(nil)

// NewCollector returns a collector of a directory. It need not have a file yet, but it
// must be there.
func NewCollector(dir string, o CollectorOptions) (*Collector, error) {
	if o.FoldAfter == 0 {
		o.FoldAfter = defaultFoldAfter
	}
	c := &Collector{options: o, scan: newScanner(dir, o.Limits)}
	if _, err := namesIn(dir); err != nil {
		return nil, err
	}
	return c, nil
}

// String names the collector in errors and metrics.
func (c *Collector) String() string { return "mmap " + c.scan.path }

// Close gives back files and mappings. What has been collected stays good.
func (c *Collector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.scan.close()
	return nil
}

// Collect implements [engine.Collector]. The error is that of the directory; what is
// wrong with single files is in the families.
func (c *Collector) Collect(_ context.Context, s *engine.Sink) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrCollectorClosed
	}
	r := c.take()
	if err := c.scan.scan(r); err != nil {
		c.spare = append(c.spare, r)
		return err
	}
	c.fold()
	for i := range r.families {
		s.Family(&r.families[i])
	}
	c.report(s, r)
	c.lend(s, r)
	return nil
}

// take returns a result that no scrape reads. The mutex is held.
func (c *Collector) take() *result {
	r := new(result)
	if n := len(c.spare); n > 0 {
		r, c.spare = c.spare[n-1], c.spare[:n-1]
	}
	r.reset(true)
	return r
}

// lend takes the result back when the scrape is over.
func (c *Collector) lend(s *engine.Sink, r *result) {
	s.Defer(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.spare = append(c.spare, r)
	})
}

// fold folds when there is enough to fold. Somebody else may be at it, or the directory
// may not be ours to write: then the files stay, and are merged as they are.
func (c *Collector) fold() {
	if c.options.FoldAfter < 0 || c.scan.count(Dead) <= c.options.FoldAfter {
		return
	}
	report, err := Compact(c.scan.path, c.options.Fold)
	c.folded += uint64(report.Folded)
	if err == nil && report.Folded > 0 {
		c.folds++
	}
}

// report makes the families about the collector itself.
func (c *Collector) report(s *engine.Sink, r *result) {
	files := s.Gauge("pawl_files", "Files in the directory of mapped metrics, by the state of their process.", "state")
	for _, state := range []Liveness{Alive, Dead, Foreign} {
		files.Add(float64(c.scan.count(state)), state.String())
	}
	count := make(map[ErrorKind]int, len(errorKinds))
	for _, e := range r.problems {
		count[e.Kind]++
		if c.options.OnError != nil {
			c.options.OnError(e)
		}
	}
	problems := s.Gauge("pawl_file_errors", "Files that this scrape could not read, or left a part of out, by what is wrong with them.", "kind")
	for _, kind := range errorKinds {
		problems.Add(float64(count[kind]), string(kind))
	}
	s.Counter("pawl_inexact_snapshots_total", "Groups of words that were taken as they stood because their writer changed them each time they were read.").Add(float64(c.scan.inexact))
	s.Counter("pawl_folds_total", "Folds of dead processes' files by this collector.").Add(float64(c.folds))
	s.Counter("pawl_folded_files_total", "Files of dead processes that this collector has folded.").Add(float64(c.folded))
}
