package report

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// Facts are names and values, in order.
type Facts [][2]string

func (f *Facts) add(name, format string, args ...any) {
	*f = append(*f, [2]string{name, fmt.Sprintf(format, args...)})
}

// Machine says what a run ran on.
func Machine() Facts {
	var f Facts
	cpu := cpuid.CPU
	f.add("CPU", "%s (%s, family %d, model %d)", strings.TrimSpace(cpu.BrandName), cpu.VendorString, cpu.Family, cpu.Model)
	f.add("CPUs", "%d, GOMAXPROCS %d", runtime.NumCPU(), runtime.GOMAXPROCS(0))
	if cpu.VM() {
		f.add("virtual machine", "yes (%s): its CPUs may be shared with others", strings.TrimSpace(cpu.HypervisorVendorString))
	}
	f.add("cache", "line %d bytes, L1 %s, L2 %s, L3 %s", cpu.CacheLine, size(cpu.Cache.L1D), size(cpu.Cache.L2), size(cpu.Cache.L3))
	f.add("features", "%s", strings.Join(cpu.FeatureSet(), " "))
	if pages := hugePages(); pages != "" {
		f.add("transparent huge pages", "%s", pages)
	}
	f.add("system", "%s/%s", runtime.GOOS, runtime.GOARCH)
	f.add("Go", "%s", runtime.Version())
	return f
}

// size prints a cache's size.
func size(bytes int) string {
	if bytes <= 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

// hugePages returns the setting in force on Linux.
func hugePages() string {
	setting, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	_, rest, _ := strings.Cut(string(setting), "[")
	choice, _, _ := strings.Cut(rest, "]")
	return choice
}

// measured are the modules whose versions matter.
var measured = []string{
	"github.com/prometheus/client_golang",
	"github.com/prometheus/common",
	"github.com/VictoriaMetrics/metrics",
	"github.com/puzpuzpuz/xsync/v4",
	"go.opentelemetry.io/otel/sdk/metric",
	"go.opentelemetry.io/otel/exporters/prometheus",
}

// Versions says which versions of the peers were linked in.
func Versions() Facts {
	linked := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			linked[m.Path] = m.Version
		}
	}
	var f Facts
	for _, path := range measured {
		if linked[path] != "" {
			f.add(path, "%s", linked[path])
		}
	}
	return f
}
