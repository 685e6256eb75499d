// Package compat runs programs on client_golang and on pawl's compat, and compares
// what they saw.
//
//	compat/upstream  programs that import client_golang
//	compat/ours      the same files after the substitution that users are told
//	                 to make; a test fails when they are not
//	compat/record    the log that a program writes: what it gathered, scraped, was
//	                 told as an error, or caught as a panic, with what differs between
//	                 two runs of one library left out
//
// One source for both sides means that whatever compiles, and whatever is
// logged, is also the proof that the import rewrite works. Programs come in three
// kinds. Those in Programs have to leave equal logs. Those in Differences show
// compat's deliberate differences, and the test says what each side has to log.
// Random runs on bytes: see FuzzCompat.
package compat
