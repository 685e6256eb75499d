//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package clientpython

import (
	"errors"
	"time"
)

const (
	shared = iota
	exclusive
)

// lock fails: there is no lock here that the kernel frees when its holder dies.
func lock(string, int, time.Duration) (func(), error) { return nil, errors.ErrUnsupported }

func exists(int) bool { return true }

const noFollow = 0

func openDead(path string) (file, error) { return openFile(path) }
