package prometheus

import (
	"bufio"
	"io"
	"os"
	"path/filepath"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// WriteToTextfile gathers and writes the result to a file, in the text format, for the
// node exporter's textfile collector. Who reads the file sees the old one or the new one, whole:
// it is written under another name in the same directory, made readable for everybody,
// and renamed. An error leaves the old one there.
func WriteToTextfile(filename string, g Gatherer) error {
	tmp, err := os.CreateTemp(filepath.Dir(filename), filepath.Base(filename))
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // when it has been renamed, there is none
	families, err := g.Gather()
	if err == nil {
		err = writeText(tmp, families)
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(tmp.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filename)
}

func writeText(w io.Writer, families []*dto.MetricFamily) error {
	b := bufio.NewWriter(w)
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(b, f); err != nil {
			return err
		}
	}
	return b.Flush()
}
