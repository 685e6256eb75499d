package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap"
	"github.com/pawl-metrics/pawl/mmap/clientpython"
)

// inspect shows what is in files.
func inspect(c *command, args []string, out, log io.Writer) error {
	f := c.flags(log)
	files, err := parse(f, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return c.wrong(log, "which files?")
	}
	var errs []error
	for i, path := range files {
		if i > 0 {
			fmt.Fprintln(out)
		}
		errs = append(errs, inspectFile(out, path))
	}
	return errors.Join(errs...)
}

func inspectFile(out io.Writer, path string) error {
	if strings.HasSuffix(path, ".db") {
		return inspectPython(out, path)
	}
	in, err := mmap.Inspect(path)
	if err != nil {
		return err
	}
	inspectHeader(out, in)
	for i := range in.Records {
		inspectRecord(out, &in.Records[i])
	}
	for _, id := range in.Folded {
		fmt.Fprintf(out, "contains  %s\n", id)
	}
	var errs []error
	for _, e := range in.Damage {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

func inspectHeader(out io.Writer, in *mmap.Inspection) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%-9s "+format+"\n", append([]any{name}, args...)...)
	}
	kind := "process"
	if in.Archive {
		kind = "archive"
	}
	row("file", "%s", in.Path)
	row("kind", "%s", kind)
	row("id", "%s", in.ID)
	row("made", "%s", in.Made.Format(time.RFC3339Nano))
	if !in.Archive {
		row("process", "%d on %s, %v", in.PID, in.Host, in.State)
	}
	if in.Slot != "" {
		row("slot", "%s", in.Slot)
	}
	if in.Closed {
		row("closed", "by its process")
	}
	row("size", "%d bytes, of which the directory has %d, in %d extents", in.Size, in.DirectoryBytes, len(in.Extents))
	row("records", "%d", len(in.Records))
}

func inspectRecord(out io.Writer, r *mmap.InspectedRecord) {
	if r.Descriptor == nil {
		fmt.Fprintf(out, "%#08x  %-9s cannot be read\n", r.Offset, r.Status)
		return
	}
	d := r.Descriptor
	name := encode.AppendSeries(nil, encode.Format{Scheme: encode.AllowUTF8}, d.Family, "", d.Labels)
	fmt.Fprintf(out, "%#08x  %-9s %-12v %s= %s\n", r.Offset, r.Status, d.Kind, name, cells(d, r.Cells))
}

// cells says in short what a record's cells hold.
func cells(d *descriptor.Descriptor, stripes [][]uint64) string {
	var sum uint64
	var float float64
	for _, words := range stripes {
		if len(words) > 0 {
			sum += words[0]
			float += math.Float64frombits(words[0])
		}
	}
	switch d.Kind {
	case descriptor.Counter:
		return fmt.Sprint(sum)
	case descriptor.Fraction:
		return fmt.Sprint(float)
	case descriptor.Gauge:
		if len(stripes) > 0 && len(stripes[0]) > 0 {
			return fmt.Sprint(math.Float64frombits(stripes[0][0]))
		}
	case descriptor.UpDown:
		return fmt.Sprint(upDown(stripes))
	case descriptor.Histogram:
		return histogram(stripes)
	}
	words := 0
	for _, w := range stripes {
		words += len(w)
	}
	return fmt.Sprintf("%d words in %d stripes", words, len(stripes))
}

func upDown(stripes [][]uint64) (net int64) {
	for _, words := range stripes {
		if len(words) > 1 {
			net += int64(words[0] - words[1])
		}
	}
	return net
}

// histogram adds up sections: begin, end, sum, buckets.
func histogram(stripes [][]uint64) string {
	count, sum, torn := uint64(0), 0.0, 0
	for _, words := range stripes {
		if len(words) < 3 {
			continue
		}
		if words[0] != words[1] {
			torn++
		}
		sum += math.Float64frombits(words[2])
		for _, n := range words[3:] {
			count += n
		}
	}
	text := fmt.Sprintf("%d observations, sum %v", count, sum)
	if torn > 0 {
		text += fmt.Sprintf(", %d updates under way or cut short", torn)
	}
	return text
}

// inspectPython shows a file of client_python.
func inspectPython(out io.Writer, path string) error {
	entries, err := clientpython.Read(path)
	fmt.Fprintf(out, "%-9s %s\n%-9s %s\n%-9s %d\n", "file", path, "kind", "client_python", "entries", len(entries))
	for _, e := range entries {
		fmt.Fprintf(out, "%s = %v\n", e.Key, e.Value)
	}
	return err
}
