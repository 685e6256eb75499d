package textfile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/textfile"
)

// A cron job leaves its metrics where node_exporter finds them.
func Example() {
	dir, err := os.MkdirTemp("", "node-exporter")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	reg := engine.NewRegistry()
	engine.MustGauge(reg, engine.Opts{Name: "backup_size_bytes", Help: "Size of the last backup."}).Set(1 << 30)

	path := filepath.Join(dir, "backup.prom")
	if err := textfile.Write(context.Background(), path, reg, textfile.Options{Mode: 0o644}); err != nil {
		fmt.Println(err)
		return
	}
	text, _ := os.ReadFile(path)
	fmt.Print(string(text[:strings.Index(string(text), "# HELP pawl_")]))
	// Output:
	// # HELP backup_size_bytes Size of the last backup.
	// # TYPE backup_size_bytes gauge
	// backup_size_bytes 1073741824
}
