package fuzz

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
)

// client_python's parser is the strict one: it refuses all of the 167 bad cases of
// the OpenMetrics suite, where Prometheus' own refuses 89.
const strictOpenMetrics = `
import io, json, struct, sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families as parse
while True:
    size = sys.stdin.buffer.read(4)
    if len(size) < 4:
        break
    doc = sys.stdin.buffer.read(struct.unpack("<I", size)[0]).decode("utf-8")
    try:
        samples = [{"Name": s.name, "Labels": s.labels, "Text": repr(float(s.value))}
                   for f in parse(io.StringIO(doc, newline="\n")) for s in f.samples]
        print(json.dumps({"Samples": samples}))
    except Exception as e:
        print(json.dumps({"Error": repr(e)}))
`

// StrictResult is what the strict parser made of a document.
type StrictResult struct {
	Error   string // or nothing
	Samples []StrictSample
}

// String is "bad" and the error, or "ok" and the number of samples.
func (r StrictResult) String() string {
	if r.Error != "" {
		return fmt.Sprintf("bad %q", r.Error)
	}
	return fmt.Sprint("ok ", len(r.Samples))
}

// StrictSample is one sample that the strict parser read.
type StrictSample struct {
	Name   string
	Labels map[string]string
	Text   string // the value; JSON has neither NaN nor infinities
}

// Value is the sample's value.
func (s StrictSample) Value() float64 {
	v, err := strconv.ParseFloat(s.Text, 64)
	if err != nil {
		panic(err) // Python wrote it
	}
	return v
}

// Python returns an interpreter that has client_python, or nothing.
func Python() string {
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(p, "-c", "import prometheus_client.openmetrics.parser").Run() == nil {
			return p
		}
	}
	return ""
}

// Strict has client_python's parser read documents of OpenMetrics 1.0, all in one
// process.
func Strict(python string, docs []string) (results []StrictResult, err error) {
	var in bytes.Buffer
	for _, d := range docs {
		in.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(d))))
		in.WriteString(d)
	}
	cmd := exec.Command(python, "-c", strictOpenMetrics)
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(out) {
		var r StrictResult
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	if len(results) != len(docs) {
		return nil, fmt.Errorf("%d results for %d documents", len(results), len(docs))
	}
	return results, nil
}
