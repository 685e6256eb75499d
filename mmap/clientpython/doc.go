// Package clientpython reads, merges and folds the files in which Python's
// prometheus_client keeps its metrics when PROMETHEUS_MULTIPROC_DIR is set.
//
// # What is in the folder
//
// Every Python process maps one file for each kind of metric and keeps its values
// there, so that whoever is asked for a scrape can add up what all of them recorded:
//
//	counter_PID.db   summary_PID.db   histogram_PID.db   gauge_MODE_PID.db
//
// A file is a count of the bytes in use, then entries, one for each sample. All
// numbers have the byte order and the alignment of the machine.
//
//	0  int32    used      bytes in use, these 8 included; 0 in a file just made
//	4           4 bytes of nothing
//	8  entries, back to back, up to used:
//	   int32    klen      bytes of the key
//	            key       JSON: [family, sample, {label: value}, help]
//	            1 to 8 spaces, so that what follows is aligned
//	   float64  value
//	   float64  timestamp seconds since 1970, 0 for none; not before release 0.18
//
// The file grows at its end only: an entry is written whole, then used is moved past
// it. Nothing in it says whether entries have one number or two, so [Decode] walks the
// file both ways; one of the walks ends on used, and the other does not.
//
// # Merging
//
// The naive way reads every file and parses every key, each time: this is how a scrape
// of 6000 files came to take 40 seconds. But the processes of a service record the same
// samples, mostly in the same order, so nearly every key has been seen before and
// nearly every one follows the key that it followed last time. A [Merger] remembers
// both: for a known key it compares some bytes and adds a number.
//
// Files are read, not mapped: one that is truncated meanwhile ends early, which is an
// error, where a mapping would end the process. A damaged file is one error that
// says which and where; the others are merged without it.
//
// The arithmetic is that of client_python's MultiProcessCollector, for each of the ten
// gauge modes. What differs does so on purpose:
//
//   - A file that cannot be read costs itself, not the scrape. Of a file of which
//     single keys make no sense, the others count. A file of no bytes, as a
//     worker leaves it that is killed between making and sizing it, is empty.
//   - Sums do not depend on the order of the files: they carry the rounding errors
//     along. Added up plainly, 0.1 s here and 0.2 s there can come to less than before
//     once a third file stands between them, which Prometheus takes for a restart.
//   - A family has the type and the mode of its first file. Entries that disagree are
//     left out and reported, where the last mode used to rule over all of them.
//   - A minimum or maximum of numbers and NaN is that of the numbers, wherever the NaN
//     stands.
//   - A mostrecent gauge that nobody has set has its value, 0, where it used to vanish;
//     one whose timestamps lie before 1970 no longer does either.
//   - A process identifier may have underscores: worker_1 is not cut to wor.
//   - Buckets that some processes have and others do not are still merged,
//     as the union, but reported: no quantile of it can be trusted.
//   - Samples that do not fit their family's type are refused, as are bucket counts
//     that are not counts.
//   - Order is fixed: families by name, series by labels.
//   - Keys of three elements, as releases before 0.16 wrote them, are read.
//
// # Folding
//
// client_python never removes the file of a counter, because the total would fall. So
// a folder grows with each process it has seen, and each scrape takes longer.
// [Fold] moves what dead processes recorded into one archive for each kind of file, and
// removes their files. The archive is itself such a file, named
// counter_pawl-archive.db and so on, which client_python merges like any other, with
// the same result. Behind its entries, where client_python does not look, it says which
// files are inside it.
//
// A fold can be killed at any point, and the folder can be read at any point by a
// [Merger], with no increment lost and none counted twice:
//
//	1  lock pawl-fold.lock           others do not fold, and scans wait
//	2  remove what archives list     a fold before this one was killed at step 7
//	3  for each file of a dead       so that no new process with this PID takes it up
//	   process: read it, rename it   again; it still counts, for everybody: the name is
//	                                 counter_PID.db_pawl-dead-RANDOM.db
//	4  write a new archive beside    with a list of the files in it; fsync it
//	   the old one
//	5  rename it over the old one    the one step that matters: at once the files count
//	                                 by way of the archive, and not themselves
//	6  fsync the folder
//	7  remove the files
//
// Names made in step 3 never come twice, so a list of names is enough. client_python's
// own collector knows neither the lock nor the list: between steps 5 and 7 it sees
// the increments twice, and a file that is renamed under its eyes fails its scrape. So
// do not let it scrape a folder that is being folded; before and after, it may. If a
// fold was killed, the next one puts things right for it too.
//
// Whether a process is dead is asked of the kernel, which knows who has a file open or
// mapped for writing, in whatever container: it grants a read lease on the file only if
// nobody has. (Linux, on local file systems, to the file's owner or root.) A process that
// opens the file for writing while a fold reads it waits for some microseconds. A process
// identifier proves nothing: it may have gone to another process, or belong to another
// container. See [FoldOptions.TrustPIDs] where there are no leases.
//
// Gauges of mode all are the one kind that cannot be folded for client_python, because
// it has the pid label from the name of the file: they stay as they are, unless
// [FoldOptions.AllGauges] gives them up for client_python. Gauges of the live modes are
// removed, as client_python's mark_process_dead does when it is called.
package clientpython
