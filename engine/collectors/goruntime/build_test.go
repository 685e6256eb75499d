package goruntime

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
)

func TestBuild(t *testing.T) {
	reg := engine.NewRegistry()
	reg.MustRegister(NewBuild())
	if text := string(reg.AppendText(nil)); !strings.Contains(text, "\ngo_build_info{checksum=\"") || !strings.Contains(text, "\"} 1\n") {
		t.Error(text)
	}
	info := &debug.BuildInfo{Main: debug.Module{Path: "example.org/shop", Version: "v1.2.3", Sum: "h1:x"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}}}
	var got []string
	for _, l := range buildLabels(info) {
		got = append(got, l.Name+"="+l.Value)
	}
	const want = "checksum=h1:x path=example.org/shop revision=abc time=2026-01-02T03:04:05Z version=v1.2.3"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("%s, want %s", s, want)
	}
}

// target_info, by which OpenMetrics tells what a target is, is an info named target.
func TestTargetInfo(t *testing.T) {
	reg := engine.NewRegistry()
	if _, err := engine.NewInfo(reg, engine.Opts{Name: "target", Help: "Target metadata."},
		map[string]string{"service_name": "shop", "service_version": "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	if text := string(reg.AppendText(nil)); !strings.Contains(text, "\ntarget_info{service_name=\"shop\",service_version=\"1.2.3\"} 1\n") {
		t.Error(text)
	}
}
