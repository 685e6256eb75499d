// Command gate reads benchstat's CSV of two commits and fails when the second is
// slower than a bound allows, or allocates more. ci/benchgate calls it.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	bound := flag.Float64("bound", 1.10, "largest `ratio` of new time to old time that passes")
	flag.Parse()
	if err := gate(os.Stdin, os.Stdout, *bound); err != nil {
		fmt.Fprintln(os.Stderr, "benchgate:", err)
		os.Exit(1)
	}
}

// row is one benchmark in both commits.
type row struct {
	name     string
	unit     string
	old, new float64
	sure     bool // benchstat takes the difference for more than noise
}

// gate says what is worse, and returns an error when something is, or when there
// is nothing to compare: a gate without rows would pass for ever.
func gate(in io.Reader, out io.Writer, bound float64) error {
	rows, err := read(in)
	if err != nil {
		return err
	}
	compared, worse := 0, 0
	for _, r := range rows {
		if r.unit == "sec/op" {
			compared++
		}
		if text := r.judge(bound); text != "" {
			worse++
			fmt.Fprintln(out, text)
		}
	}
	switch {
	case compared == 0:
		return errors.New("the commits have no benchmark in common")
	case worse > 0:
		return fmt.Errorf("%d of %d rows are worse than the bound of %gx allows", worse, compared, bound)
	}
	fmt.Fprintf(out, "%d rows, none slower than %gx\n", compared, bound)
	return nil
}

// judge says what is wrong with a row, if something is.
func (r row) judge(bound float64) string {
	switch {
	case !r.sure:
	case r.unit == "sec/op" && r.new > r.old*bound:
		return fmt.Sprintf("SLOWER: %s: %.2fx", r.name, r.new/r.old)
	case r.unit == "allocs/op" && r.new >= r.old+0.5: // less is a garbage collection's share
		return fmt.Sprintf("ALLOCATES: %s: %g, was %g", r.name, r.new, r.old)
	}
	return ""
}

// read parses the CSV: tables, each with a header line that names its unit, and
// lines of name, old, ±, new, ±, difference, p.
func read(in io.Reader) (rows []row, err error) {
	unit := ""
	for lines := bufio.NewScanner(in); lines.Scan(); {
		cells := strings.Split(lines.Text(), ",")
		switch {
		case len(cells) < 7:
			continue
		case cells[0] == "" && strings.Contains(cells[1], "/op"):
			unit = cells[1]
		case cells[0] != "" && cells[0] != "geomean" && cells[1] != "" && cells[3] != "":
			r, err := parse(cells)
			if err != nil {
				return nil, err
			}
			r.unit = unit
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func parse(cells []string) (r row, err error) {
	r.name, r.sure = cells[0], cells[5] != "~"
	if r.old, err = strconv.ParseFloat(cells[1], 64); err == nil {
		r.new, err = strconv.ParseFloat(cells[3], 64)
	}
	if err != nil {
		return r, fmt.Errorf("%s: %w", cells[0], err)
	}
	return r, nil
}
