package mmap

import (
	"context"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// The families of a store that is registered as a collector. They are about this
// process' file, and so belong into this process' own scrape; who reads the directory
// has families of its own about all files.
const (
	storeBytes   = "pawl_store_bytes"
	storeSlabs   = "pawl_store_slabs"
	storeExtents = "pawl_store_extents"
	storeRefused = "pawl_store_stripes_refused_total"
	storeRisk    = "pawl_store_writeback"
)

var storeFamilies = []engine.Desc{
	{Name: storeBytes, Type: encode.Gauge, Help: "Disk space that the file of this process holds."},
	{Name: storeSlabs, Type: encode.Gauge, Help: "Slabs in use; a series has one or several."},
	{Name: storeExtents, Type: encode.Gauge, Help: "Extents of the file, of at most 1920."},
	{Name: storeRefused, Type: encode.Counter, Help: "How often a P got no stripe of its own, for want of space."},
	{Name: storeRisk, Type: encode.Gauge, Help: "1 if the file is on a disk, whose writeback makes recordings fault; 0 in memory."},
}

// Describe returns the families that Collect makes.
func (s *Store) Describe() []engine.Desc { return storeFamilies }

// Collect reports on the store in a registry that it is registered with:
//
//	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: store})
//	reg.MustRegister(store)
//
// Its families have a label slot, which is empty for a store without one.
func (s *Store) Collect(_ context.Context, sink *engine.Sink) error {
	st := s.Stats()
	gauge := func(i int, v float64) {
		sink.Gauge(storeFamilies[i].Name, storeFamilies[i].Help, "slot").Add(v, st.Slot)
	}
	gauge(0, float64(st.Bytes))
	gauge(1, float64(st.Slabs))
	gauge(2, float64(st.Extents))
	sink.Counter(storeRefused, storeFamilies[3].Help, "slot").Add(float64(st.RefusedStripes), st.Slot)
	risk := 1.0
	if st.Memory {
		risk = 0
	}
	gauge(4, risk)
	return nil
}

// String names the store in pawl_collector_errors_total.
func (s *Store) String() string { return "mmap.Store" }
