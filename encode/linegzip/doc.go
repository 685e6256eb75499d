// Package linegzip compresses expositions into gzip. What it makes is like what a
// general compressor makes at its fastest level, in less time, because it knows
// where to look.
//
//	var e linegzip.Encoder
//	packed = e.AppendGzip(packed[:0], text)
//
// # Matches without a search
//
// DEFLATE (RFC 1951) writes bytes either as literals or as matches, "the next n bytes
// are those from d bytes ago". Finding matches is most of a compressor's work: it
// remembers every few bytes in a hash table and looks each position up. The lines of
// an exposition make that easy, because a line nearly is the one before it:
//
//		http_requests_total{method="GET",code="200"} 174\n
//		http_requests_total{method="GET",code="404"} 3\n
//		^                                      ^^     ^
//		1                                      2      3
//
//	 1. A line is compared with the line before, eight bytes at a time, from its
//	    newline on. What is equal is a match.
//	 2. Where it departs inside a label value, or a word of help, a small table is asked
//	    whether an earlier line departed into the same six bytes, and the comparison
//	    goes on there. It holds such places only, so that it is short and seldom asked.
//	    Failing that, the value is literals, and both lines go on at their next quote.
//	 3. Where it departs in a digit, that is the sample's value, which resembles nothing:
//	    literals up to the newline, from where on this line is the model of the next.
//
// Any other bytes are compressed correctly too, only with less success; those that do
// not become shorter are stored.
//
// # Codes from a sample
//
// Matches and literals are Huffman codes. The best ones for a block are only known
// when it has been read, but expositions hardly change their character: codes are
// made from the first 32 KiB of each 512 KiB block, and serve for the rest of it,
// which is not counted. Bytes that the sample did not have get long codes.
//
// # What it is worth
//
// BenchmarkCompress has the candidates. The package keeps no pointer to what it is
// given, and knows nothing of the previous exposition: fragments of unchanged lines
// kept compressed would be faster still, and were not tried.
package linegzip
