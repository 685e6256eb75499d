package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/mmap"
)

// health answers how the directory is: with status 503 when it cannot be read, and else
// with a line for each state of files, and one for each file with which something is
// wrong. One bad file is no reason to restart the exporter: the others are served.
//
// Model. problems belongs to mu; it has what the latest look has met, and the scrapes
// beside it.
type health struct {
	dir string
	reg *engine.Registry

	looking  sync.Mutex // one look at a time
	mu       sync.Mutex
	problems map[string]string // by path
}

// note is told of each file with which something is wrong, at each scrape.
func (h *health) note(e *mmap.FileError) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.problems[e.Path] = e.Error()
}

// ServeHTTP looks at the directory, as a scrape does, and tells.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := os.ReadDir(h.dir); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "not healthy: %v\n", err)
		return
	}
	h.looking.Lock()
	defer h.looking.Unlock()
	h.mu.Lock()
	clear(h.problems)
	h.mu.Unlock()
	var b strings.Builder
	b.WriteString("healthy\n")
	err := h.reg.Only("pawl_files").Gather(r.Context(), func(f *engine.Family) error {
		for i := range f.Samples {
			for _, l := range f.Samples[i].Labels { // a file may hold a family of that name, with other labels
				if l.Name == "state" {
					fmt.Fprintf(&b, "%v files of processes that are %s\n", f.Samples[i].Value, l.Value)
				}
			}
		}
		return nil
	})
	if err != nil {
		fmt.Fprintf(&b, "the scrape failed: %v\n", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, path := range slices.Sorted(maps.Keys(h.problems)) {
		fmt.Fprintln(&b, h.problems[path])
	}
	io.WriteString(w, b.String())
}
