//go:build !unix

package textfile

// syncDir has nothing to do where directories cannot be synced; on Windows the file
// system's journal keeps renames.
func syncDir(string) error { return nil }
