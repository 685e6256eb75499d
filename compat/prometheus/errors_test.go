package prometheus_test

import (
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func TestMultiError(t *testing.T) {
	var errs prometheus.MultiError
	errs.Append(nil)
	if errs.MaybeUnwrap() != nil || errs.Error() != "" {
		t.Errorf("none: %q", errs.Error())
	}
	errs.Append(io.EOF)
	if errs.MaybeUnwrap() != io.EOF {
		t.Errorf("one: %v", errs.MaybeUnwrap())
	}
	errs.Append(errTest)
	wantError(t, errs.MaybeUnwrap(), "2 error(s) occurred:\n* EOF\n* broken")
	var several prometheus.MultiError
	if !errors.As(errs.MaybeUnwrap(), &several) || len(several) != 2 {
		t.Error(several)
	}
	wantError(t, prometheus.MultiError{io.EOF}, "1 error(s) occurred:\n* EOF")
}

func TestSafeMultiError(t *testing.T) {
	var errs prometheus.SafeMultiError
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { errs.Append(io.EOF) })
	}
	wg.Wait()
}
