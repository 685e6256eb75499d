// Package pushgateway sends a registry to a Prometheus Pushgateway, where the metrics of
// a job that does not live long enough to be scraped wait for Prometheus.
//
//	p, err := pushgateway.New(reg, pushgateway.Options{
//		URL: "http://pushgateway:9091", Job: "backup",
//		Grouping: map[string]string{"instance": "db-1"},
//	})
//	...
//	err = p.Add(ctx)
//
// # Groups
//
// A gateway keeps one group of families for each grouping key, which is the job with the
// other labels of Options.Grouping, and adds those labels to every series in it. It
// forgets nothing by itself.
//
//	Push     PUT     the group becomes what the registry has, all else in it is gone
//	Add      POST    families of the same names are replaced, others stay
//	Delete   DELETE  the group is gone
//
// A job that pushes at its end calls Add, so that the time of its last success outlives
// a run that failed and did not push it. The gateway answers when it has checked a push;
// it does Delete a moment later, in order with what was pushed.
//
// # Grouping keys
//
// The key is the path of the URL, two segments for each label:
//
//	/metrics/job/backup/instance/db-1
//	/metrics/job/backup/path@base64/L3Zhci9saWI=      /var/lib
//	/metrics/job/backup/zone@base64/=                 an empty value
//
// A value with a slash or a space is base64, one without is percent-encoded, as in
// client_python. Beyond that the values "." and ".." are base64 here: on their way a
// proxy or the server itself takes them for directions. client_golang 1.25 uses a query
// escape, and so every space is a plus sign for good.
//
// # What is refused
//
// The gateway would overwrite a series' own label with the grouping key's, so that two
// series may become one. A series that has such a label with another value is an error
// here ([LabelError]), before anything is sent. What the gateway itself refuses, such as
// timestamps or a family of another type than in its other groups, is a [StatusError]
// with the beginning of its answer.
//
// Nothing is sent a second time: whoever wants that calls again. All three methods can be
// repeated safely.
package pushgateway
