package report

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// Write writes the report to a folder, which it makes when there is none.
func (run *Run) Write(folder string) error {
	bars, lines := run.figures()
	files := map[string][]byte{"README.md": []byte(run.markdown(bars, lines))}
	for _, f := range append(bars, lines...) {
		files[f.file] = []byte(f.svg)
	}
	var err error
	if files["run.json"], err = json.Marshal(run); err != nil {
		return err
	}
	if files["rows.json"], err = suite.MarshalRows(suite.RowsOf(run.Results)); err != nil {
		return err
	}
	return writeAll(folder, files)
}

func writeAll(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// figures draws every chart that has something in it.
func (run *Run) figures() (bars, lines []figure) {
	for _, c := range ratioCharts {
		if f, ok := c.draw(run.Results, run.Procs); ok {
			bars = append(bars, f)
		}
	}
	for _, c := range growthCharts {
		if f, ok := c.draw(run.Results); ok {
			lines = append(lines, f)
		}
	}
	return bars, lines
}
