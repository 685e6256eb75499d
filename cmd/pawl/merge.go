package main

import (
	"fmt"
	"io"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/mmap"
)

// merge prints everything once.
func merge(c *command, args []string, out, log io.Writer) error {
	f := c.flags(log)
	dir := f.String("dir", "", "directory that the processes record in")
	format := f.String("format", "text", "text, openmetrics or json")
	files, err := parse(f, args)
	if err != nil {
		return err
	}
	write, ok := writers[*format]
	switch {
	case !ok:
		return c.wrong(log, "format %q: there are text, openmetrics and json", *format)
	case *dir != "" && len(files) > 0:
		return c.wrong(log, "either --dir or files, not both: %q", files[0])
	case len(files) > 0:
		return mergeWith(out, write, func() ([]encode.Family, error) { return mmap.Merge(files, true) })
	}
	if err := c.directory(log, *dir, nil); err != nil {
		return err
	}
	return mergeWith(out, write, func() ([]encode.Family, error) { return mmap.MergeDir(*dir, true) })
}

// mergeWith prints what could be merged, and returns what could not.
func mergeWith(out io.Writer, write func(io.Writer, []encode.Family) error, merge func() ([]encode.Family, error)) error {
	families, problems := merge()
	if err := write(out, families); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return problems
}

// writers are the formats.
var writers = map[string]func(io.Writer, []encode.Family) error{
	"json":        writeJSON,
	"text":        expositionIn(encode.Format{Syntax: encode.Text004, Scheme: encode.Underscores}),
	"openmetrics": expositionIn(encode.Format{Syntax: encode.OpenMetrics100, Scheme: encode.AllowUTF8}),
}

// expositionIn writes families as a scraper would get them.
func expositionIn(format encode.Format) func(io.Writer, []encode.Family) error {
	return func(w io.Writer, families []encode.Family) error {
		var text []byte
		for i := range families {
			text = encode.AppendFamily(text[:0], format, encode.Options{}, &families[i])
			if _, err := w.Write(text); err != nil {
				return err
			}
		}
		_, err := w.Write(encode.AppendEOF(nil, format))
		return err
	}
}
