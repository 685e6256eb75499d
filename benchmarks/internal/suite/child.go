package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

// task is what one process measures: an op at one size.
type task struct {
	Config Config
	Op     string
	N      int
}

// taskEnv holds the task of a process, as JSON.
const taskEnv = "PAWL_BENCHMARKS_TASK"

// start runs the task in a process: this same program, told by its environment what
// to do. The results come as JSON on its standard output.
func (t task) start() (*Results, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), taskEnv+"="+string(text))
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		os.Stderr.Write(complaint.Bytes())
		return nil, fmt.Errorf("%w: %s", err, firstLine(complaint.Bytes()))
	}
	r := new(Results)
	if err := json.Unmarshal(out.Bytes(), r); err != nil {
		return nil, fmt.Errorf("its results cannot be read: %w", err)
	}
	return r, nil
}

// firstLine is where a panic says what it is about.
func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return line
}

// Child does the work of a process that Run has started and reports whether this is
// one. Programs that call Run call it before anything else.
func Child() bool {
	text := os.Getenv(taskEnv)
	if text == "" {
		return false
	}
	defer ops.RemoveTemporary()
	var t task
	check(json.Unmarshal([]byte(text), &t))
	check(json.NewEncoder(os.Stdout).Encode(t.run()))
	return true
}

// run measures the group in this process.
func (t task) run() *Results {
	r := new(Results)
	for i := range ops.Table {
		if op := &ops.Table[i]; op.Name == t.Op {
			g := t.Config.group(op, t.N)
			g.run(&t.Config, r)
		}
	}
	return r
}

// check fails: what goes wrong here is a mistake in the suite, and ends one
// process only.
func check(err error) {
	if err != nil {
		panic(fmt.Sprintf("benchmarks: %v", err))
	}
}
