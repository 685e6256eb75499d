package collectors

import (
	"database/sql"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// dbStatsCollector collects what a pool of database connections says of itself.
// Immutable.
type dbStatsCollector struct {
	db    *sql.DB
	descs []*prometheus.Desc // of dbStats
}

// dbStat is one number of a pool.
type dbStat struct {
	name, help string
	typ        prometheus.ValueType
	of         func(*sql.DBStats) float64
}

var dbStats = []dbStat{
	{"max_open_connections", "Maximum number of open connections to the database.", prometheus.GaugeValue,
		func(s *sql.DBStats) float64 { return float64(s.MaxOpenConnections) }},
	{"open_connections", "The number of established connections both in use and idle.", prometheus.GaugeValue,
		func(s *sql.DBStats) float64 { return float64(s.OpenConnections) }},
	{"in_use_connections", "The number of connections currently in use.", prometheus.GaugeValue,
		func(s *sql.DBStats) float64 { return float64(s.InUse) }},
	{"idle_connections", "The number of idle connections.", prometheus.GaugeValue,
		func(s *sql.DBStats) float64 { return float64(s.Idle) }},
	{"wait_count_total", "The total number of connections waited for.", prometheus.CounterValue,
		func(s *sql.DBStats) float64 { return float64(s.WaitCount) }},
	{"wait_duration_seconds_total", "The total time blocked waiting for a new connection.", prometheus.CounterValue,
		func(s *sql.DBStats) float64 { return s.WaitDuration.Seconds() }},
	{"max_idle_closed_total", "The total number of connections closed due to SetMaxIdleConns.", prometheus.CounterValue,
		func(s *sql.DBStats) float64 { return float64(s.MaxIdleClosed) }},
	{"max_idle_time_closed_total", "The total number of connections closed due to SetConnMaxIdleTime.", prometheus.CounterValue,
		func(s *sql.DBStats) float64 { return float64(s.MaxIdleTimeClosed) }},
	{"max_lifetime_closed_total", "The total number of connections closed due to SetConnMaxLifetime.", prometheus.CounterValue,
		func(s *sql.DBStats) float64 { return float64(s.MaxLifetimeClosed) }},
}

// NewDBStatsCollector returns a collector of db.Stats, as go_sql_* with a label db_name.
// Several databases take a collector each, and different names.
func NewDBStatsCollector(db *sql.DB, dbName string) prometheus.Collector {
	c := &dbStatsCollector{db: db}
	for _, s := range dbStats {
		c.descs = append(c.descs, prometheus.NewDesc("go_sql_"+s.name, s.help, nil, prometheus.Labels{"db_name": dbName}))
	}
	return c
}

// Describe sends the descriptors.
func (c *dbStatsCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect sends the numbers of one moment.
func (c *dbStatsCollector) Collect(ch chan<- prometheus.Metric) {
	stats := c.db.Stats()
	for i, s := range dbStats {
		ch <- prometheus.MustNewConstMetric(c.descs[i], s.typ, s.of(&stats))
	}
}
