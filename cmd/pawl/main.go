// Pawl looks after a directory into which many processes record their metrics
// (package mmap): it serves them merged, prints them, looks into single files, and
// folds what the dead have left.
//
//	pawl serve   --dir DIR [--listen ADDR]        exporter for Prometheus
//	pawl merge   --dir DIR [--format FORMAT]      print everything once
//	pawl inspect FILE...                          what is in a file, and what is wrong with it
//	pawl compact --dir DIR                        fold the files of dead processes
//
// It exits with status 0 when all went well, 1 when something was wrong with a file or
// could not be done, and 2 when it was called wrongly. What was wrong goes to the standard
// error, one line for each file; what could be read is printed all the same.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// The statuses that pawl exits with.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// command is one of pawl's commands.
type command struct {
	name, args, about string
	run               func(c *command, args []string, out, log io.Writer) error
}

var commands []command

func init() { // not in the declaration: help refers to the list
	commands = []command{
		{"serve", "--dir DIR [--listen ADDR] [--fold N]", "serve the metrics of a directory to Prometheus", serve},
		{"merge", "--dir DIR | FILE... [--format text|openmetrics|json]", "print the merged metrics once", merge},
		{"inspect", "FILE...", "show the header, series and damage of files", inspect},
		{"compact", "--dir DIR [--foreign]", "fold the files of dead processes into the archive", compact},
		{"help", "[COMMAND]", "explain a command", help},
	}
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run executes a command line and returns the status to exit with.
func run(args []string, out, log io.Writer) int {
	if len(args) == 0 {
		usage(log)
		return exitUsage
	}
	name := args[0]
	if name == "-h" || name == "-help" || name == "--help" {
		name = "help"
	}
	c := find(name)
	if c == nil {
		fmt.Fprintf(log, "pawl: there is no command %q\n", name)
		usage(log)
		return exitUsage
	}
	return status(c, c.run(c, args[1:], out, log), log)
}

// errUsage says that the command line was wrong and that this has been said.
var errUsage = errors.New("usage")

func status(c *command, err error, log io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errUsage):
		return exitUsage
	}
	printErrors(log, c.name, err)
	return exitError
}

// printErrors prints an error, or each of those that were joined in it, on a line.
func printErrors(log io.Writer, command string, err error) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			printErrors(log, command, e)
		}
		return
	}
	fmt.Fprintf(log, "pawl %s: %v\n", command, err)
}

func find(name string) *command {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i]
		}
	}
	return nil
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Pawl looks after a directory into which many processes record their metrics.\n\nUsage:\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  pawl %-8s %s\n", c.name, c.about)
	}
	fmt.Fprint(w, "\nMore about a command: pawl help COMMAND\n")
}

// help explains a command, or lists them.
func help(_ *command, args []string, out, log io.Writer) error {
	if len(args) == 0 {
		usage(out)
		return nil
	}
	c := find(args[0])
	if c == nil {
		fmt.Fprintf(log, "pawl help: there is no command %q\n", args[0])
		return errUsage
	}
	if c.name == "help" {
		usage(out)
		return nil
	}
	return c.run(c, []string{"-help"}, out, out)
}

// flags returns the command's set of flags, which explains itself on log.
func (c *command) flags(log io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("pawl "+c.name, flag.ContinueOnError)
	f.SetOutput(log)
	f.Usage = func() {
		fmt.Fprintf(log, "pawl %s: %s\n\nUsage: pawl %s %s\n", c.name, c.about, c.name, c.args)
		any := false
		f.VisitAll(func(*flag.Flag) { any = true })
		if any {
			fmt.Fprint(log, "\nFlags:\n")
			f.PrintDefaults()
		}
	}
	return f
}

// parse reads the command line. Arguments may stand before flags, as people write
// them.
func parse(f *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, errUsage // Parse has said what is wrong
		}
		if f.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
}

// wrong says what is wrong with a command line.
func (c *command) wrong(log io.Writer, format string, args ...any) error {
	fmt.Fprintf(log, "pawl %s: %s\nUsage: pawl %s %s\n", c.name, fmt.Sprintf(format, args...), c.name, c.args)
	return errUsage
}

// directory checks that a directory was given, and nothing else.
func (c *command) directory(log io.Writer, dir string, rest []string) error {
	switch {
	case len(rest) > 0:
		return c.wrong(log, "unexpected argument %q", rest[0])
	case dir == "":
		return c.wrong(log, "which directory? Give --dir")
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", dir)
	}
	return err
}
