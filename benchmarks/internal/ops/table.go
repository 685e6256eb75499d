package ops

import "slices"

// Table is every op, in the order of the report.
var Table = slices.Concat(
	[]Op{counterInc, counterAddFloat, gaugeSet, gaugeAdd, upDownAdd, observeClassic, observeNative3, observeNative8, observeExemplar, summaryObserve, summaryQuantiles},
	[]Op{lookup1, lookup3},
	[]Op{seriesCreate, seriesChurn},
	[]Op{scrapeText, scrapeUnchanged, scrapeGzip, scrapeHistograms, scrapeHistogramsUnchanged},
	[]Op{scrapeOpenMetrics, scrapeProtobuf, scrapeProtobufUnchanged, scrapeNative},
	[]Op{incDuringScrape, observeDuringScrape},
	mmapOps(),
	residentOps(),
	[]Op{growthLabels, growthLookup, growthBuckets},
)
