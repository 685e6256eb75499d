package collectors_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"expvar"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/collectors"
	"github.com/pawl-metrics/pawl/compat/prometheus/testutil"
)

func TestBuildInfo(t *testing.T) {
	got := gathered(t, collectors.NewBuildInfoCollector())
	m := got["go_build_info"].GetMetric()[0]
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("a test has no build info")
	}
	want := map[string]string{"checksum": info.Main.Sum, "path": info.Main.Path, "version": info.Main.Version}
	for _, l := range m.GetLabel() {
		if want[l.GetName()] != l.GetValue() {
			t.Errorf("%v, want %v", l, want)
		}
	}
	if len(m.GetLabel()) != 3 || m.GetGauge().GetValue() != 1 || got["go_build_info"].GetHelp() != "Build information about the main Go module." {
		t.Errorf("%v", got)
	}
}

// jsonVar is a variable whose text is what it is.
type jsonVar string

func (v jsonVar) String() string { return string(v) }

func init() { // names of variables are the process's
	expvar.Publish("test.number", jsonVar("1.5"))
	expvar.Publish("test.true", jsonVar("true"))
	expvar.Publish("test.false", jsonVar("false"))
	expvar.Publish("test.text", jsonVar(`"x"`))
	expvar.Publish("test.null", jsonVar(`null`))
	expvar.Publish("test.broken", jsonVar(`{`))
	expvar.Publish("test.map", jsonVar(`{"a":1,"b":true,"c":"x","d":{"e":1}}`))
	expvar.Publish("test.nested", jsonVar(`{"a":{"x":1,"y":2},"b":{"x":3},"c":4}`))
}

func TestExpvar(t *testing.T) {
	for _, c := range []struct{ variable, labels, want string }{
		{"number", "", "m 1.5\n"},
		{"true", "", "m 1\n"},
		{"false", "", "m 0\n"},
		{"text", "", ""},
		{"null", "", ""},
		{"none", "", ""},
		{"map", "", ""},
		{"number", "l", ""},
		{"map", "l", "m{l=\"a\"} 1\nm{l=\"b\"} 1\n"},
		{"nested", "l k", "m{k=\"x\",l=\"a\"} 1\nm{k=\"x\",l=\"b\"} 3\nm{k=\"y\",l=\"a\"} 2\n"},
	} {
		desc := prometheus.NewDesc("m", "A number.", strings.Fields(c.labels), nil)
		got := collectors.NewExpvarCollector(map[string]*prometheus.Desc{"test." + c.variable: desc})
		text := "# HELP m A number.\n# TYPE m untyped\n" + c.want
		if c.want == "" {
			text = ""
		}
		if err := testutil.CollectAndCompare(got, strings.NewReader(text)); err != nil {
			t.Errorf("%s by %q:\n%v", c.variable, c.labels, err)
		}
	}
}

// What is not JSON is an error of its metric, and costs the others nothing.
func TestExpvarThatIsBroken(t *testing.T) {
	exports := map[string]*prometheus.Desc{
		"test.broken": prometheus.NewDesc("broken", "", nil, nil),
		"test.number": prometheus.NewDesc("number", "", nil, nil),
	}
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(collectors.NewExpvarCollector(exports))
	clear(exports) // the collector has its own
	got, err := reg.Gather()
	if len(got) != 1 || got[0].GetName() != "number" || err == nil || !strings.Contains(err.Error(), "unexpected end of JSON input") {
		t.Errorf("%v, %v", got, err)
	}
}

// connector makes connections that do nothing.
type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) { return connector{}, nil }
func (connector) Driver() driver.Driver                        { return nil }
func (connector) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("no statements") }
func (connector) Close() error                                 { return nil }
func (connector) Begin() (driver.Tx, error)                    { return nil, errors.New("no transactions") }

func TestDBStats(t *testing.T) {
	db := sql.OpenDB(connector{})
	defer db.Close()
	db.SetMaxOpenConns(5)
	db.SetMaxIdleConns(1)
	var held []*sql.Conn
	for range 4 {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	for _, c := range held[:3] { // one stays idle, two are closed
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	const want = `
		# HELP go_sql_idle_connections The number of idle connections.
		# TYPE go_sql_idle_connections gauge
		go_sql_idle_connections{db_name="shop"} 1
		# HELP go_sql_in_use_connections The number of connections currently in use.
		# TYPE go_sql_in_use_connections gauge
		go_sql_in_use_connections{db_name="shop"} 1
		# HELP go_sql_max_idle_closed_total The total number of connections closed due to SetMaxIdleConns.
		# TYPE go_sql_max_idle_closed_total counter
		go_sql_max_idle_closed_total{db_name="shop"} 2
		# HELP go_sql_max_idle_time_closed_total The total number of connections closed due to SetConnMaxIdleTime.
		# TYPE go_sql_max_idle_time_closed_total counter
		go_sql_max_idle_time_closed_total{db_name="shop"} 0
		# HELP go_sql_max_lifetime_closed_total The total number of connections closed due to SetConnMaxLifetime.
		# TYPE go_sql_max_lifetime_closed_total counter
		go_sql_max_lifetime_closed_total{db_name="shop"} 0
		# HELP go_sql_max_open_connections Maximum number of open connections to the database.
		# TYPE go_sql_max_open_connections gauge
		go_sql_max_open_connections{db_name="shop"} 5
		# HELP go_sql_open_connections The number of established connections both in use and idle.
		# TYPE go_sql_open_connections gauge
		go_sql_open_connections{db_name="shop"} 2
		# HELP go_sql_wait_count_total The total number of connections waited for.
		# TYPE go_sql_wait_count_total counter
		go_sql_wait_count_total{db_name="shop"} 0
		# HELP go_sql_wait_duration_seconds_total The total time blocked waiting for a new connection.
		# TYPE go_sql_wait_duration_seconds_total counter
		go_sql_wait_duration_seconds_total{db_name="shop"} 0
	`
	c := collectors.NewDBStatsCollector(db, "shop")
	if err := testutil.CollectAndCompare(c, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(c, collectors.NewDBStatsCollector(db, "other"))
	if n, err := testutil.GatherAndCount(reg, "go_sql_open_connections"); n != 2 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
}
