// Package remotewrite pushes a registry to Prometheus, Mimir, VictoriaMetrics or
// whatever else receives Prometheus remote write, for services that cannot be scraped.
//
//	w, err := remotewrite.New(reg, remotewrite.Options{
//		URL:     "http://prometheus:9090/api/v1/write",
//		Labels:  map[string]string{"job": "shop", "instance": hostname},
//		Version: remotewrite.Version2,
//	})
//	...
//	err = w.Run(ctx) // every 15 s until ctx ends, and then once more
//
// A scrape tells Prometheus who a sample is from; a push must say so itself. Without
// labels such as job and instance two processes write into the same series.
//
// # Versions
//
//	                     1.0                         2.0
//	receivers            all                         Prometheus from 2.54 on, Mimir
//	names                ASCII                       UTF-8, if Options.Names has it
//	native histograms    their classic buckets       whole; classic buckets with Options.Classic
//	start timestamps     no                          yes: rates know where a counter began
//	metadata             once for a family           with each series
//	exemplars            no                          yes, if they have a timestamp; once
//	strings              in each series              once in a request
//	what was written     nobody says                 is counted by the receiver, and checked
//
// A request is a protobuf message, compressed as a snappy block. The messages are written
// by hand here, after prometheus/prompb: remote.proto and io/prometheus/write/v2/types.proto.
//
// # Samples
//
// All samples of a push have one timestamp, that of its beginning, except those that
// have their own. Classic histograms are series _bucket, _sum and _count, as they are when
// they are scraped, with bounds as Prometheus 3 stores them: le="1.0". Labels are sorted, those with an empty value left out. A sample with a label
// twice, which may come of escaping, is left out and counted; so is a NaN's payload,
// which receivers take for the mark of a series that has ended.
//
// With Options.StaleAtEnd that mark is set when Run ends, a millisecond after the last
// sample: graphs end there and not five minutes later.
//
// # Delivery
//
//	network error, no answer in time         again
//	5xx, 429                                 again, no sooner than Retry-After says
//	other 4xx                                never again: dropped and counted
//	2xx                                      taken
//	2xx to 2.0 that counts fewer samples     the rest is dropped and counted
//	2xx to 2.0 that counts nothing           a receiver of 1.0 that did not look: as 415
//
// Tries become rarer, from 30 ms to 5 s, with jitter, as in Prometheus. Requests are sent
// one after the other, oldest first, because receivers want a series in order. While none
// gets through pushes go on being made, and wait: compressed, within Options.MaxBuffer bytes and
// the newest request in any case. Beyond that the oldest is dropped. [Writer.Stats] has
// what became of every sample. A receiver that had taken a request and whose answer was
// lost gets it again, and recognises it by its timestamps.
package remotewrite
