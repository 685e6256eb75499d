// Package outbox delivers to systems that are not always there: what cannot be sent now
// waits, within a bound, while metrics go on being gathered.
//
//	   every Interval                            until it is sent, or refused, or the end
//	Gather ----------> Box, oldest first ------> Send
//	                    | too full?                | failed, may work again: wait longer each
//	                    v                          | time, with jitter, or as long as it says
//	                   the oldest is dropped       v
//	                   and counted               failed for good: dropped and counted
//
// Gathering and sending are two goroutines: a receiver that takes a minute for a batch
// costs no gathering. Batches leave in the order in which they came, one at a time: the
// receivers want a series' samples in order.
//
// # The bound
//
// The bodies in a Box are no more than its limit, except that the batch that is being
// sent and the newest one are kept however large they are. When there is no room the
// oldest goes: after an outage the newest hour is worth more than the first. Beside the
// Box there is the batch that is being made.
//
// # The end
//
// When Run's context ends it gathers once more, and goes on sending for as long as its
// grace lasts. A batch that waits for its next try because of earlier failures is tried
// at once; one whose receiver asked for a delay is not. What is left then is dropped and
// counted.
package outbox
