package main

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/pawl-metrics/pawl/engine"
)

// databaseCollector reports on a database. When the database cannot be asked, the
// collector returns the error: its families are missing from that scrape, and
// pawl_collector_errors_total{collector="database"} says why to look here.
type databaseCollector struct{ db *bolt.DB }

func (c *databaseCollector) Collect(_ context.Context, s *engine.Sink) error {
	rows := s.Gauge("database_table_rows", "Rows by table.", "table")
	size := s.Gauge("database_size_bytes", "Size of the database file.")
	open := s.Gauge("database_transactions_open", "Read transactions that are under way.")
	begun := s.Counter("database_transactions_total", "Read transactions that were begun.")
	err := c.db.View(func(tx *bolt.Tx) error {
		size.Add(float64(tx.Size()))
		return tx.ForEach(func(name []byte, table *bolt.Bucket) error {
			rows.Add(float64(table.Stats().KeyN), string(name))
			return nil
		})
	})
	if err != nil {
		return err
	}
	stats := c.db.Stats()
	open.Add(float64(stats.OpenTxN))
	begun.Add(float64(stats.TxN))
	return nil
}

// Describe claims the names: a second database would have to be registered with a
// label, reg.With("", map[string]string{"db": "orders"}).
func (c *databaseCollector) Describe() []engine.Desc {
	return []engine.Desc{
		{Name: "database_table_rows", Type: engine.GaugeType, Help: "Rows by table."},
		{Name: "database_size_bytes", Type: engine.GaugeType, Help: "Size of the database file."},
		{Name: "database_transactions_open", Type: engine.GaugeType, Help: "Read transactions that are under way."},
		{Name: "database_transactions_total", Type: engine.CounterType, Help: "Read transactions that were begun."},
	}
}

// String names the collector where its errors are counted.
func (c *databaseCollector) String() string { return "database" }

// openShop makes a database with some tables.
func openShop(path string) (*bolt.DB, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	return db, db.Update(func(tx *bolt.Tx) error {
		for name, rows := range map[string]int{"users": 1000, "orders": 500, "products": 200} {
			table, err := tx.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			for i := range rows {
				if err := table.Put(fmt.Appendf(nil, "%08d", i), []byte("row")); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
