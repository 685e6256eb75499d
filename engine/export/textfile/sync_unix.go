//go:build unix

package textfile

import "os"

// syncDir makes what was done to a directory's names survive a crash.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
