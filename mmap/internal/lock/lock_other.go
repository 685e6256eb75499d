//go:build !linux && !darwin && !freebsd

package lock

import "os"

func take(*os.File) error { return ErrUnsupported }

func share(*os.File) error { return ErrUnsupported }

func release(*os.File) error { return ErrUnsupported }

func query(int) (bool, error) { return false, ErrUnsupported }
