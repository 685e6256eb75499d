// Package textfile writes a registry to a file for the textfile collector of
// node_exporter, which exposes it together with the machine's own metrics. It is how a
// cron job without a server has its metrics scraped.
//
//	err := textfile.Write(ctx, "/var/lib/prometheus/node-exporter/backup.prom", reg, textfile.Options{})
//
// # Whole or not at all
//
// The collector may read at any moment, and the machine may stop at any moment. So the
// exposition goes to a file beside the target, which then takes its name:
//
//  1. create .backup.prom.<random> in the same directory, so that step 4 stays in one file system
//  2. write, and set the mode
//  3. fsync the file: else a crash may leave the new name with no bytes behind it
//  4. rename it over the target: readers see the old file or the new one
//  5. fsync the directory: now the rename itself survives a crash
//
// An error before step 4 leaves the old file as it was and removes the new one. If step
// 5 fails the new file is there, but might not be after a crash; that is an error too.
// A target that is a symbolic link is replaced by a file.
//
// # What the collector takes
//
// Files whose names end in .prom, in text format 0.0.4. It skips a whole file for one
// sample with a timestamp, and for a name that is not legacy-valid. Write refuses both
// before it touches anything: names are escaped with underscores, whatever the registry
// allows, and a timestamp is [ErrTimestamp]. It cannot know what only the collector sees:
// two files with the same series, which fails the scrape, or with different help texts
// for one family.
//
// The collector says when a file was written in node_textfile_mtime_seconds: alert on
// that, because a job that runs no longer leaves its last metrics behind.
package textfile
