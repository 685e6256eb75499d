//go:build !windows && !darwin

package process

import (
	"os"
	"path/filepath"
	"strconv"
)

var quantities = []Quantity{CPU, OpenFiles, MaxFiles, VirtualMemory, MaxMemory, ResidentMemory, StartTime, Received, Transmitted}

// supported says whether proc is mounted, and is that of Linux.
func supported(root string) bool {
	_, err := os.Stat(filepath.Join(root, "stat"))
	return err == nil
}

// read reads the files of one process, each for itself.
func (r reader) read(root string, pid int) {
	p := proc{root: root, dir: filepath.Join(root, strconv.Itoa(pid))}
	if _, err := os.Stat(p.dir); err != nil {
		r.number(Whole, 0, err)
		return
	}
	r.status(p)
	n, err := p.files()
	r.number(OpenFiles, n, err)
	files, memory, err := p.limits()
	r.numbers(MaxFiles, files, MaxMemory, memory, err)
	in, out, err := p.network()
	r.numbers(Received, in, Transmitted, out, err)
}

func (r reader) status(p proc) {
	st, err := p.stat()
	r.number(CPU, st.cpu, err)
	if err != nil {
		return
	}
	r.number(VirtualMemory, st.virtual, nil)
	r.number(ResidentMemory, st.resident, nil)
	boot, err := p.boot()
	r.number(StartTime, boot+st.start, err)
}
