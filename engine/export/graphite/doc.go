// Package graphite sends a registry to Graphite's carbon, or whatever else understands
// its plaintext protocol, one line for each sample:
//
//	http_requests_total.code.200.method.GET 17 1434898897
//	http_requests_total;code=200;method=GET 17 1434898897       Options.Tags
//
//	b, err := graphite.New(reg, graphite.Options{Addr: "carbon:2003", Prefix: "shop", Tags: true})
//	...
//	err = b.Run(ctx) // every minute until ctx ends, and then once more
//
// The samples are those of text format 0.0.4: a histogram is its buckets, sum and count.
// Counters stay counters; Graphite's perSecond and nonNegativeDerivative make rates.
//
// # Names
//
// A path is made of parts between dots, a tag of what stands between semicolons, and a
// space ends both. So characters are replaced, and what was different may become the
// same; carbon then keeps the line that comes last. How is a [Style]:
//
//	                Carbon                   Python                 ClientGolang
//	name            [a-zA-Z0-9_-], else _    the same               and :, several _ become one
//	value in path   the same                 the same               the same as the name
//	value of tag    all but ; " space and    [a-zA-Z0-9_-], else _  as with Carbon (client_golang
//	                control characters                              has it unchanged, spaces too)
//	empty value     without its label        g.a.     g;a=          without its label
//	a number        1  1e+06  0.5            1.0  1000000.0  0.5    1  1e+06  0.5
//	NaN, infinity   no line                  nan  inf               NaN  +Inf
//	time            of the sample, if it     of the push            of the sample, if it
//	                has one                                         has one
//
// Carbon, the default, is what carbon can keep. It drops NaN, takes no empty tag, and
// stores an infinity that no graph can show. Python and ClientGolang keep the names of
// series when a service moves here from client_python or client_golang.
//
// Each part of a path is a file name to carbon: with a value of more than some 250 bytes
// the file cannot be made.
//
// # Delivery
//
// The protocol has no answer. What was written to a connection that carbon closes, as it
// does on a restart, is lost, and nobody is told. So a push has a connection of its own:
// it is written, our side is closed, and then we wait for carbon to close the other,
// which it does when it has read everything. Until then a push counts as not delivered,
// and is sent again. One who closes first, or resets the connection, has not confirmed
// (who was first only Linux tells). That does no harm: a line that comes twice is stored once.
//
// While carbon is away pushes wait, each with its own time, and tries become rarer: from
// one second to half a minute, with jitter. No more than Options.MaxBuffer bytes wait,
// and the newest push in any case. Beyond that the oldest is dropped; [Bridge.Stats]
// counts what was.
package graphite
