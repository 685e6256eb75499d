package ci

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A recording path, by the function that the compiler made of it: the stores to
// memory that its pinned section must make, in order; "?" begins one that some
// branches leave out. Offsets are a stripe's first word (0x10000 past the slab)
// and on.
var recordingPaths = map[string][]string{
	"engine.(*Counter).Add":      {`^ADDQ \w+, 0x10000\(`},
	"engine.(*Counter).AddFloat": {`^MOVSD_XMM X\d+, 0x10000\(`},
	"engine.(*UpDown).Add":       {`^ADDQ \w+, 0x10000\(`},
	"engine.(*Histogram).Observe": {
		`^MOVQ \w+, 0x10000\(`,        // begin
		`^INCQ 0x18\(\w+\)\(\w+\*8\)`, // bucket i: two marks, the sum, then i more words
		`^MOVSD_XMM X\d+, 0x10010\(`,  // the sum
		`^MOVQ \w+, 0x10008\(`,        // end
	},
	"engine.(*Summary).Observe": {
		`^MOVQ \w+, 0x10000\(`,       // begin
		`^INCQ 0x10018\(`,            // the count
		`^MOVSD_XMM X\d+, 0x10010\(`, // the sum
		`^MOVQ \w+, 0x10008\(`,       // end
	},
	"nativehist.(*Recorder).Observe": {
		`^MOVQ \w+, 0x10000\(`,         // begin
		`^INCQ 0x10\(\w+\)\(\w+\*8\)`,  // bucket, or zero bucket: data word i
		`?^INCQ 0x20\(\w+\)\(\w+\*8\)`, // extra counter i, where there are any: data word 2+i
		`^MOVSD_XMM X\d+, 0x10010\(`,   // the sum
		`^MOVQ \w+, 0x10008\(`,         // end
	},
}

// slowPaths are the other functions of ours that pin. They run when a P has no
// stripe yet or a reader holds the gate, and are listed so that a new path
// cannot come in unseen.
var slowPaths = []string{
	"shard.Slab.Add", "shard.Slab.AddFloat",
	"shard.(*Group).Update", "shard.(*Group).copyGated",
	"shard.(*Balance).Move", "shard.(*Balance).netGated",
	"nativehist.(*scratch).begin", "nativehist.(*Recorder).Observations",
}

// TestDisassembly reads the machine code of every recording path. Between CALL
// procPin and CALL procUnpin, along every branch, there is no LOCK prefix, no
// XCHG with memory, no CALL, and no way to a panic; and the expected stores are
// all there, in order, and no others.
func TestDisassembly(t *testing.T) {
	funcs := disassemble(t, "./paths")
	for name, stores := range recordingPaths {
		f, ok := funcs[name]
		if !ok {
			t.Errorf("%s is not in the program", name)
			continue
		}
		for _, problem := range checkPath(f, stores) {
			t.Errorf("%s: %s", name, problem)
		}
	}
	for name, f := range funcs {
		ours := strings.HasPrefix(name, "engine.") || strings.HasPrefix(name, "shard.") ||
			strings.HasPrefix(name, "nativehist.") || strings.HasPrefix(name, "main.")
		if ours && f.pins() && recordingPaths[name] == nil && !slices.Contains(slowPaths, name) {
			t.Errorf("%s pins and is in neither list", name)
		}
	}
	if stores := funcs["engine.(*Gauge).Set"].stores(); len(stores) != 1 || !gaugeStore.MatchString(stores[0]) {
		t.Errorf("Gauge.Set stores %q, want one plain store", stores)
	}
}

// gaugeStore is the store of a gauge's word, wherever that is.
var gaugeStore = regexp.MustCompile(`^(MOVQ \w+|MOVSD_XMM X\d+), 0\(`)

// stores returns what the function stores to memory, its stack left out.
func (f function) stores() (list []string) {
	for _, in := range f.code {
		if strings.HasPrefix(in.text, "XCHG") && strings.Contains(in.text, "(") || toMemory.MatchString(in.text) && !toStack.MatchString(in.text) {
			list = append(list, in.text)
		}
	}
	return list
}

// TestDisassemblyNoticesDefects gives the checker code with each defect.
func TestDisassemblyNoticesDefects(t *testing.T) {
	good := []string{"CALL runtime.procPin(SB)", "CMPQ AX, CX", "JAE 0x9", "MOVQ BX, 0x10000(AX)", "INCQ 0x18(DX)(SI*8)",
		"MOVSD_XMM X0, 0x10010(AX)", "MOVQ BX, 0x10008(AX)", "CALL runtime.procUnpin(SB)", "RET", "CALL runtime.procUnpin(SB)",
		"CALL engine.slow(SB)", "RET", "CALL runtime.panicIndex(SB)"}
	stores := recordingPaths["engine.(*Histogram).Observe"]
	if problems := checkPath(listing(good), stores); len(problems) > 0 {
		t.Fatalf("good code: %v", problems)
	}
	for name, change := range map[string]func(code []string) []string{
		"LOCK":          func(c []string) []string { c[4] = "LOCK XADDQ BX, 0(AX)"; return c },
		"XCHG":          func(c []string) []string { c[3] = "XCHGQ BX, 0x10000(AX)"; return c },
		"CALL":          func(c []string) []string { return slices.Insert(c, 3, "CALL runtime.mallocgc(SB)") },
		"panic branch":  func(c []string) []string { c[2] = "JAE 0xc"; return c },
		"store missing": func(c []string) []string { return slices.Delete(c, 4, 5) },
		"stores swapped": func(c []string) []string {
			c[3], c[6] = c[6], c[3]
			return c
		},
		"store added": func(c []string) []string { return slices.Insert(c, 4, "MOVQ CX, 0x20(DX)") },
		"never unpins": func(c []string) []string {
			c[9] = "NOPL"
			return c
		},
		"no pin": func(c []string) []string { return c[1:] },
	} {
		if len(checkPath(listing(change(slices.Clone(good))), stores)) == 0 {
			t.Errorf("%s: not noticed", name)
		}
	}
}

// instruction is one line of a listing.
type instruction struct {
	addr, text string
}

type function struct{ code []instruction }

func (f function) pins() bool { return f.find("CALL runtime.procPin(SB)") >= 0 }

func (f function) find(text string) int {
	return slices.IndexFunc(f.code, func(in instruction) bool { return in.text == text })
}

func (f function) at(addr string) int {
	return slices.IndexFunc(f.code, func(in instruction) bool { return in.addr == addr })
}

// listing makes a function of instructions at addresses 0x0, 0x1, and so on.
func listing(code []string) (f function) {
	for i, text := range code {
		f.code = append(f.code, instruction{fmt.Sprintf("%#x", i), text})
	}
	return f
}

var (
	branch   = regexp.MustCompile(`^J[A-Z]+ (0x[0-9a-f]+)$`)
	toMemory = regexp.MustCompile(`^(MOV|ADD|SUB|INC|DEC|XOR|OR|AND|XADD|CMPXCHG)\S* (\S+, )?\S*\((R|A|B|C|D|S|X)\S*\)$`)
	toStack  = regexp.MustCompile(`\(SP\)$`)
)

// checkPath walks the pinned section of f along every branch.
func checkPath(f function, want []string) (problems []string) {
	start := f.find("CALL runtime.procPin(SB)")
	if start < 0 {
		return []string{"does not pin"}
	}
	w := walk{f: f, seen: map[int]bool{}}
	w.from(start + 1)
	if !slices.ContainsFunc(w.paths, func(stores []string) bool { return len(stores) > 0 }) {
		w.problems = append(w.problems, "no path stores anything")
	}
	for _, stores := range w.paths {
		if len(stores) > 0 && !match(stores, want) {
			w.problems = append(w.problems, fmt.Sprintf("stores %q, want %q", stores, want))
		}
	}
	return w.problems
}

func match(stores, want []string) bool {
	if len(want) == 0 {
		return len(stores) == 0
	}
	pattern, optional := strings.CutPrefix(want[0], "?")
	if len(stores) > 0 && regexp.MustCompile(pattern).MatchString(stores[0]) && match(stores[1:], want[1:]) {
		return true
	}
	return optional && match(stores, want[1:])
}

// walk explores a pinned section; paths are the stores along each way through it.
type walk struct {
	f        function
	seen     map[int]bool
	stores   []string
	paths    [][]string
	problems []string
}

func (w *walk) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

func (w *walk) from(i int) {
	for ; ; i++ {
		if i < 0 || i >= len(w.f.code) {
			w.problem("leaves the function while pinned")
			return
		}
		in := w.f.code[i]
		text := in.text
		switch {
		case text == "CALL runtime.procUnpin(SB)":
			w.paths = append(w.paths, slices.Clone(w.stores))
			return
		case strings.HasPrefix(text, "CALL"), strings.HasPrefix(text, "RET"), strings.HasPrefix(text, "UD2"):
			w.problem("%s while pinned", text)
			return
		case strings.HasPrefix(text, "LOCK"), strings.HasPrefix(text, "XCHG") && strings.Contains(text, "("):
			w.problem("%s while pinned", text)
		case strings.HasPrefix(text, "JMP 0x"):
			i = w.f.at(strings.TrimPrefix(text, "JMP ")) - 1
		case branch.MatchString(text):
			if !w.seen[i] {
				w.seen[i] = true
				held := slices.Clone(w.stores)
				w.from(w.f.at(branch.FindStringSubmatch(text)[1]))
				w.stores = held
			}
		case toMemory.MatchString(text) && !toStack.MatchString(text):
			w.stores = append(w.stores, text)
		}
	}
}

// disassemble builds a program and returns its functions by name, without the
// module's path.
func disassemble(t *testing.T, dir string) map[string]function {
	program := filepath.Join(t.TempDir(), "program")
	build := exec.Command("go", "build", "-o", program, dir)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command("go", "tool", "objdump", "-s", `pawl/|^main\.`, program).Output()
	if err != nil {
		t.Fatal(err)
	}
	funcs, name := map[string]function{}, ""
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "TEXT "); ok {
			name, _, _ = strings.Cut(text, "(SB)")
			name = strings.TrimPrefix(name, module)
			continue
		}
		columns := strings.Split(line, "\t")
		if in, ok := parse(columns); ok {
			f := funcs[name]
			f.code = append(f.code, in)
			funcs[name] = f
		}
	}
	return funcs
}

var bytesColumn = regexp.MustCompile(`^[0-9a-f]{2,}$`)

// parse reads a line of objdump: position, address, bytes, instruction, in columns
// between tabs of which some are empty.
func parse(columns []string) (in instruction, ok bool) {
	var parts []string
	for _, c := range columns {
		if c = strings.TrimSpace(c); c != "" {
			parts = append(parts, c)
		}
	}
	if len(parts) < 4 || !strings.HasPrefix(parts[1], "0x") || !bytesColumn.MatchString(parts[2]) {
		return in, false
	}
	return instruction{addr: parts[1], text: parts[3]}, true
}
