package version_test

import (
	"fmt"
	"strings"
	"testing"

	common "github.com/prometheus/common/version"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/collectors/version"
	"github.com/pawl-metrics/pawl/compat/prometheus/testutil"
)

func TestCollector(t *testing.T) {
	common.Version, common.Branch = "1.2.3", "main"
	defer func() { common.Version, common.Branch = "", "" }()
	const help = "# HELP shop_build_info A metric with a constant '1' value labeled by version, revision, branch, goversion from which shop was built, and the goos and goarch for the build.\n" +
		"# TYPE shop_build_info gauge\n"
	rest := fmt.Sprintf(`,goarch=%q,goos=%q,goversion=%q,revision=%q,tags=%q,version=`, common.GoArch, common.GoOS, common.GoVersion, common.GetRevision(), common.GetTags())
	for _, c := range []struct {
		c    prometheus.Collector
		want string
	}{
		{version.NewCollector("shop"), `{branch="main"` + rest + `"1.2.3"} 1`},
		{version.NewCollector("shop", version.WithExtraConstLabels(prometheus.Labels{"a": "b", "version": "other"})), `{a="b",branch="main"` + rest + `"other"} 1`},
	} {
		if err := testutil.CollectAndCompare(c.c, strings.NewReader(help+"shop_build_info"+c.want+"\n")); err != nil {
			t.Error(err)
		}
	}
}
