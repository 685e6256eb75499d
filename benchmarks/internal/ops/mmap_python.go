package ops

import (
	"bufio"
	_ "embed"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

// pythonProgram makes the files of a fleet with prometheus_client's own code, and merges
// them with its MultiProcessCollector each time that it is told to.
//
//go:embed mmap_python.py
var pythonProgram string

// pythonFleet is a Subject that times client_python, by its own clock, in a process that
// waits in between.
type pythonFleet struct {
	entries int
	ask     io.Writer
	answers *bufio.Reader
}

// OneShot: one merging is one measurement.
func (*pythonFleet) OneShot() {}

func newPythonFleet(n int) measure.Subject {
	cmd := exec.Command(python, "-c", pythonProgram, tempDir(), strconv.Itoa(n/entriesPerFile), strconv.Itoa(entriesPerFile))
	cmd.Stderr = os.Stderr
	f := &pythonFleet{entries: n, ask: must(cmd.StdinPipe()), answers: bufio.NewReader(must(cmd.StdoutPipe()))}
	check(cmd.Start()) // it ends with its standard input
	f.answer()
	return f
}

// Run merges once.
func (f *pythonFleet) Run(int, int) []measure.Reading {
	must(io.WriteString(f.ask, "merge\n"))
	return []measure.Reading{{Unit: "ns", Value: must(strconv.ParseFloat(f.answer(), 64)) / float64(f.entries)}}
}

func (f *pythonFleet) answer() string { return strings.TrimSpace(must(f.answers.ReadString('\n'))) }

// python is Debian's, which package python3-prometheus-client is for.
const python = "/usr/bin/python3"

// withPython returns the peers, without client_python where there is none.
func withPython(peers []Peer) []Peer {
	if _, err := os.Stat("/usr/lib/python3/dist-packages/prometheus_client/multiprocess.py"); err != nil {
		return peers[:len(peers)-1]
	}
	return peers
}
