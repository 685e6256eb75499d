package mmap

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// guard runs f, which reads mapped files. Reading a page past the end of a file that
// somebody has made shorter is a fault, which would end the process; here it is an
// error. So is a mistake of our own in what f does with a hostile file: a
// monitoring library does not end the service that it watches.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = survived(p)
		}
	}()
	return f()
}

func survived(p any) error {
	trouble, ok := p.(runtime.Error)
	if !ok {
		panic(p)
	}
	if _, fault := p.(interface{ Addr() uintptr }); fault {
		return errFault
	}
	return fmt.Errorf("mmap: while reading: %w", trouble)
}
