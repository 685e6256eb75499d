//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package shard

import "errors"

// There is no reservation on this system: chunks use heap stripes.

func reserve(int) ([]byte, error) { return nil, errors.ErrUnsupported }

func commit([]byte) error { return errors.ErrUnsupported }

func release([]byte) {}
