package prometheus

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// NewPidFileFn returns a ProcessCollectorOpts.PidFn that reads a file with a process's
// number, each time.
func NewPidFileFn(pidFilePath string) func() (int, error) {
	return func() (int, error) {
		content, err := os.ReadFile(pidFilePath)
		if err != nil {
			return 0, fmt.Errorf("can't read pid file %q: %w", pidFilePath, err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
		if err != nil {
			return 0, fmt.Errorf("can't parse pid file %q: %w", pidFilePath, err)
		}
		return pid, nil
	}
}
