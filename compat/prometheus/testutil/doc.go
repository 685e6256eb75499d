// Package testutil helps to test code that has metrics.
//
// What most often wants a test is not that a counter counts but that the code counts the
// right thing, and when. A collector that a program writes itself, or a whole exporter,
// is best compared with the text that it is to expose:
//
//	const want = `
//		# HELP jobs_total Jobs done.
//		# TYPE jobs_total counter
//		jobs_total{result="ok"} 3
//	`
//	if err := testutil.CollectAndCompare(jobs, strings.NewReader(want), "jobs_total"); err != nil {
//		t.Error(err) // the two, line by line, those that differ with - and +
//	}
//
// ToFloat64 reads a single number. CollectAndCount and GatherAndCount count metrics,
// CollectAndFormat and GatherAndFormat return an exposition, and CollectAndLint and
// GatherAndLint say what is unusual about names and types.
//
// What begins with Collect registers the collector with a pedantic registry of its own,
// so that an inconsistent one fails. Names of metrics, where given, choose families; in a
// comparison they choose from both sides, so that one which neither side has is not
// missed.
//
// All of this is slow and is meant for tests alone.
package testutil
