// Package push delivers metrics to a Pushgateway: for jobs that end before a scrape
// would find them.
//
//	err := push.New("http://gateway:9091", "backup").
//		Gatherer(reg).
//		Grouping("host", "db1").
//		Push()
//
// A gateway keeps groups of metrics, and job and grouping labels say which is meant. Push
// replaces a group. Add replaces metrics in it by those of the same names and keeps the
// rest. Delete removes it: a gateway forgets nothing by itself.
package push
