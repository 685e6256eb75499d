// Package file is mmap/FORMAT.md in code: where things stand in a file, how they
// are written as bytes, and how they are read again when nobody can be trusted.
// It has no policy: it opens nothing, maps nothing and locks nothing.
//
// Two kinds of users read a file. Its writer knows what it wrote. Everybody else
// is given bytes by a stranger, who may be a process in the middle of a change, a
// broken disk or an enemy, and who may change them at any moment. So [View], [Index]
// and [Record] check every number that they take out of a file before they use it,
// copy what they check, and never need more memory than a small multiple of what
// is there.
//
//	View     bytes, with access to words at checked offsets
//	Header   whose file it is
//	Index    the extents: where the directory's and the chunks' parts are
//	Record   one slab: descriptor, place of its cells, what it replaces
//	Builder  a whole new file, made without anybody looking
//
// # Order
//
// Words that are changed while others look at them are loaded and stored with
// sync/atomic, a record's words included: under Go's memory model, and on every
// machine that it runs on, such stores are seen in the order in which they were
// made. That is what makes "the state goes last" true on Arm as well as on x86.
package file
