package shard

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"
)

// This file is the machine that order_test.go runs the protocols of this package
// on: every execution, one after another, that a memory model allows.
//
// # Words and values
//
// Each word is stored by one thread only, as a section's are. A store adds one
// to its word, so a value is a count of stores, and what a load returned says
// which store it read from: an execution is known by what its loads returned.
//
// # Executions
//
// The processors we model have one memory that all of them see alike (Arm calls
// it other-multi-copy atomic, and x86 has it too). So accesses take effect one
// after another, in an order that need not be program order. Given what each
// load returned, an execution is possible when all accesses of all threads can
// be put in a row such that
//
//   - two accesses of one thread stand in program order if the model keeps that
//     pair (x86 and arm, below);
//   - a load of another thread's word returns the number of stores to that word
//     that stand before it;
//   - a load of the thread's own word returns its latest store in program order,
//     wherever that stands: a store still under way is forwarded;
//   - two loads of one word by one thread never go backwards, wherever they stand.
//
// This is the axiomatic form of both models: Owens, Sarkar and Sewell's x86-TSO;
// Deacon's and Pulte's Armv8 ("ordered before" has no cycle, "internal
// visibility" holds). A load may stand before the branch that leads to it, which
// is speculation. The search is exhaustive because the rows are not listed: what
// loads return is enumerated, and whether a row exists is a question about cycles.
//
// The model itself is tested: by litmus tests whose verdicts are known, and on
// x86 by a second definition, a machine with store buffers, that must reach
// exactly the same executions of every protocol.
//
// # What it abstracts
//
//   - Words are eight bytes and aligned, so that no access tears; they count from
//     zero and do not wrap.
//   - The compiler emits a thread's accesses, all of them, in program order. For
//     sync/atomic that is its contract; for amd64's plain stores the test in ci
//     that reads the disassembly holds it.
//   - Addresses are known beforehand: nothing is loaded through a loaded pointer.
//   - One writer is one program. In truth a P's section is written by many
//     goroutines in turn, on more than one system thread; the scheduler's
//     hand-over of the P orders them as program order would, or more strictly.
//   - Loops are bounded: so many updates, looks at the gate and attempts. A thread
//     that comes to a bound stops, which a real thread may do for any time.
//   - Release and acquire mean Arm's instructions (STLR, LDAR), which is what
//     Go's atomics are there. An atomic add counts as an acquire load and a release
//     store with a gap between; real ones have less freedom. Processors
//     without a single memory order (POWER) are not modelled; there sync/atomic
//     adds the fences that make its operations sequentially consistent.

// word is one shared word of the modelled memory.
type word int

const maxWords = 8

// access is one load or store of a thread.
type access struct {
	word    word
	value   int    // what was loaded, or is stored
	store   bool   // else a load
	foreign bool   // a load of another thread's word
	sync    bool   // an acquire load or a release store; x86 has no use for it
	locked  bool   // half of an atomic read-modify-write
	needs   uint64 // own accesses that the value, or reaching a store, depends on
	after   uint64 // own accesses that the model puts before this one
}

// memoryModel says whether a thread's access a, earlier in program order than b,
// must take effect earlier too.
type memoryModel struct {
	name  string
	keeps func(a, b *access) bool
}

// x86 is TSO: stores wait in a FIFO buffer while later loads go ahead, and
// nothing else is ever out of order. A LOCKed instruction empties the buffer.
var x86 = memoryModel{"x86", func(a, b *access) bool {
	return !a.store || b.store || a.locked || b.locked
}}

// arm is Armv8 with Go's atomics: an acquire load after a release store waits for
// it (RCsc). Where every access is an atomic, that adds up to program order; it
// is in the mutants, which have plain accesses, that this model is busy.
var arm = memoryModel{"arm", func(a, b *access) bool {
	return armRCpc.keeps(a, b) || a.store && a.sync && !b.store && b.sync
}}

// armRCpc has the weaker acquire loads (LDAPR), which may overtake a release
// store. Go does not emit them; the protocols do not lean on that.
var armRCpc = memoryModel{"arm-rcpc", func(a, b *access) bool {
	acquire := !a.store && a.sync
	release := b.store && b.sync
	coherent := b.store && a.word == b.word
	return acquire || release || coherent
}}

var (
	allModels = []memoryModel{x86, arm, armRCpc}
	armModels = []memoryModel{arm, armRCpc}
)

// program is what one thread runs.
type program struct {
	owns [maxWords]int // words it stores: how often at most
	body func(*thread)
}

// value is what a load returned, and the own loads that it comes from.
type value struct {
	n    int
	from uint64
}

// copied is a copy that a reader accepted. It claims that these were the data
// words, after so many updates if the protocol says how many.
type copied struct {
	updates int
	data    [4]int
}

// thread is one run of a program, up to where the script ends. Every script runs
// it from the top, so that a body is an ordinary function.
type thread struct {
	model   memoryModel
	owns    [maxWords]int
	script  []int    // what foreign loads return, in program order
	known   []access // what it did when the script was one shorter
	did     []access
	foreign int              // foreign loads so far
	stored  [maxWords]int    // own words: stores so far
	source  [maxWords]uint64 // own words: what the latest store's value depends on
	seen    [maxWords]int    // other words: the least that the next load may return
	ctrl    uint64           // loads that a branch has looked at
	copies  []copied
}

// ask stops a thread whose script ends before a load of the word.
type ask struct {
	word  word
	least int
}

func (t *thread) load(w word, sync bool) value { return t.loadAs(access{word: w, sync: sync}) }

func (t *thread) loadAs(a access) value {
	if t.owns[a.word] > 0 {
		a.value, a.needs = t.stored[a.word], t.source[a.word]
	} else {
		a.value, a.foreign = t.answer(a.word), true
	}
	t.do(a)
	return value{a.value, 1 << (len(t.did) - 1)}
}

func (t *thread) answer(w word) int {
	if t.foreign == len(t.script) {
		panic(ask{w, t.seen[w]})
	}
	v := t.script[t.foreign]
	t.foreign++
	t.seen[w] = v
	return v
}

// store stores the word's next value. from is what the real value is made of.
func (t *thread) store(w word, sync bool, from ...value) {
	t.storeAs(access{word: w, sync: sync}, from...)
}

func (t *thread) storeAs(a access, from ...value) {
	for _, v := range from {
		a.needs |= v.from
	}
	if t.stored[a.word]++; t.stored[a.word] > t.owns[a.word] {
		panic("a thread stores more than it said")
	}
	t.source[a.word] = a.needs
	a.store, a.value = true, t.stored[a.word]
	a.needs |= t.ctrl
	t.do(a)
}

// lockedAdd is an atomic add to an own word.
func (t *thread) lockedAdd(w word) {
	v := t.loadAs(access{word: w, sync: true, locked: true})
	t.storeAs(access{word: w, sync: true, locked: true}, v)
}

// branch notes that what comes next hangs on these values. Stores wait for them;
// loads do not.
func (t *thread) branch(on ...value) {
	for _, v := range on {
		t.ctrl |= v.from
	}
}

func (t *thread) accept(c copied) { t.copies = append(t.copies, c) }

func (t *thread) do(a access) {
	if n := len(t.did); n < len(t.known) {
		t.did = append(t.did, t.known[n])
		return
	}
	a.after = a.needs
	for i := range t.did {
		if t.model.keeps(&t.did[i], &a) {
			a.after |= 1 << i
		}
	}
	t.did = append(t.did, a)
}

// path is a program run up to its next choice, a foreign load, or to its end.
type path struct {
	model  memoryModel
	prog   program
	script []int
	did    []access
	stores [maxWords][]int // word by word, which of did store it
	copies []copied
	asks   *ask    // nil at the end
	kids   []*path // by what the load returns; made when asked for
}

func newPath(m memoryModel, prog program, script []int, known []access) *path {
	t := &thread{model: m, owns: prog.owns, script: script, known: known}
	t.did = make([]access, 0, len(known)+8)
	p := &path{model: m, prog: prog, script: script, asks: t.run(prog.body)}
	p.did, p.copies = t.did, t.copies
	for i := range p.did {
		if a := &p.did[i]; a.store {
			p.stores[a.word] = append(p.stores[a.word], i)
		}
	}
	return p
}

func (t *thread) run(body func(*thread)) (stopped *ask) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case ask:
			stopped = &r
		default:
			panic(r)
		}
	}()
	body(t)
	return nil
}

// kid is the path on which the load that p asks for returns v. Coherence has to
// allow v.
func (p *path) kid(v int) *path {
	for len(p.kids) <= v {
		p.kids = append(p.kids, nil)
	}
	if p.kids[v] == nil {
		p.kids[v] = newPath(p.model, p.prog, append(slices.Clip(p.script), v), p.did)
	}
	return p.kids[v]
}

// system is the threads that run side by side, and who stores what.
type system struct {
	names []string // of words
	progs []program
	owner [maxWords]int // -1 for a word that nobody stores
}

func newSystem(names []string, progs ...program) *system {
	s := &system{names: names, progs: progs}
	for w := range s.owner {
		s.owner[w] = slices.IndexFunc(progs, func(p program) bool { return p.owns[w] > 0 })
	}
	return s
}

// most is the largest value that the word may have yet, or ever have when its
// owner is at its end.
func (s *system) most(at []*path, w word) int {
	switch owner := s.owner[w]; {
	case owner < 0:
		return 0
	case at[owner].asks == nil:
		return len(at[owner].stores[w])
	default:
		return s.progs[owner].owns[w]
	}
}

func (s *system) start(m memoryModel) []*path {
	var at []*path
	for _, prog := range s.progs {
		at = append(at, newPath(m, prog, nil, nil))
	}
	return at
}

// explore visits every execution that the model allows, given by the paths that
// the threads took, and returns how many there are.
func (s *system) explore(m memoryModel, visit func(ends []*path)) (executions int) {
	at := s.start(m)
	var walk func(i int)
	walk = func(i int) { // the threads before i are at their ends
		switch {
		case !s.possible(at):
		case i == len(at):
			executions++
			visit(at)
		case at[i].asks == nil:
			walk(i + 1)
		default:
			p := at[i]
			for v := p.asks.least; v <= s.most(at, p.asks.word); v++ {
				at[i] = p.kid(v)
				walk(i)
			}
			at[i] = p
		}
	}
	walk(0)
	return executions
}

// execution names an execution by what its foreign loads returned.
func execution(ends []*path) string {
	var name []byte
	for _, p := range ends {
		for _, v := range p.script {
			name = append(name, '0'+byte(v))
		}
		name = append(name, '/')
	}
	return string(name)
}

// describe prints an execution for people.
func (s *system) describe(ends []*path) string {
	var b strings.Builder
	for i, p := range ends {
		fmt.Fprintf(&b, "thread %d:", i)
		for j := range p.did {
			a, verb := &p.did[j], "reads"
			if a.store {
				verb = "stores"
			}
			fmt.Fprintf(&b, " %s %s %d;", verb, s.names[a.word], a.value)
		}
		fmt.Fprintf(&b, " accepted %v\n", p.copies)
	}
	return b.String()
}

// possible says whether the accesses so far can be put in a row. When they
// cannot, longer paths cannot either. A load may have returned a store that its
// thread has not come to yet.
func (s *system) possible(at []*path) bool {
	var r row
	return s.fill(&r, at) && r.exists(r.base[len(at)])
}

// fill notes what must stand before what. It reports false when a load returned a
// store that will never be.
func (s *system) fill(r *row, at []*path) bool {
	for i, p := range at {
		r.base[i+1] = r.base[i] + len(p.did)
	}
	for i, p := range at {
		for j := range p.did {
			a := &p.did[j]
			r.before[r.base[i]+j] |= a.after << r.base[i]
			if a.foreign && !s.place(r, at, a, r.base[i]+j) {
				return false
			}
		}
	}
	return true
}

// instant says whether, in every row of an execution, there is a moment at which
// the first words have these values. Each value is in memory for a stretch of
// the row, and stretches that meet two by two all meet in one place. (The time
// that a reader took is one more stretch: it meets each where it read the word.)
func (s *system) instant(at []*path, values [4]int) bool {
	for a, v := range values {
		for b, u := range values {
			from, made := s.storeOf(at, word(a), v)
			to, gone := s.storeOf(at, word(b), u+1)
			if !made || !gone {
				continue // there from the start, or to the end
			}
			var r row
			s.fill(&r, at)
			if r.before[from] |= 1 << to; r.exists(r.base[len(at)]) {
				return false // here b has moved on before a gets there
			}
		}
	}
	return true
}

// storeOf returns the number in the row of the store that gave w the value v.
func (s *system) storeOf(at []*path, w word, v int) (id int, ok bool) {
	owner := s.owner[w]
	if owner < 0 || v == 0 || v > len(at[owner].stores[w]) {
		return 0, false
	}
	for _, p := range at[:owner] {
		id += len(p.did)
	}
	return id + at[owner].stores[w][v-1], true
}

// place puts load a, number id of the row, between the store that it returned
// and the next one to that word. (The others follow: a word's stores are in order
// in every model.) It reports false when there will be no such store.
func (s *system) place(r *row, at []*path, a *access, id int) bool {
	owner := s.owner[a.word]
	if owner < 0 {
		return a.value == 0
	}
	stores := at[owner].stores[a.word]
	switch {
	case a.value > len(stores):
		return at[owner].asks != nil
	case a.value > 0:
		r.before[id] |= 1 << (r.base[owner] + stores[a.value-1])
	}
	if a.value < len(stores) {
		r.before[r.base[owner]+stores[a.value]] |= 1 << id
	}
	return true
}

const maxThreads = 4

// row is the accesses of all threads, numbered thread by thread, and which ones
// must stand before each.
type row struct {
	base   [maxThreads + 1]int
	before [64]uint64
}

// exists says whether n accesses can be put in a row: no cycle.
func (r *row) exists(n int) bool {
	for left := uint64(1)<<n - 1; left != 0; {
		was := left
		for m := left; m != 0; m &= m - 1 {
			if id := bits.TrailingZeros64(m); r.before[id]&left == 0 {
				left &^= 1 << id
			}
		}
		if left == was {
			return false
		}
	}
	return true
}

// # The second definition of x86

// cpu is one processor of a machine with store buffers: the thread has done the
// first pc accesses of its path, and memory has the first drained stores of those.
type cpu struct {
	at          *path
	pc, drained int
}

// machine is a state of all processors. There is no field for memory: a word's
// value is how many of its owner's drained stores went to it.
type machine [maxThreads]cpu

// run drives the machine through every state that it can reach, and returns the
// executions that it ends with.
func (s *system) run() map[string]bool {
	var first machine
	for i, p := range s.start(x86) {
		first[i].at = p
	}
	met, ends := map[machine]bool{first: true}, map[string]bool{}
	for todo := []machine{first}; len(todo) > 0; {
		m := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		steps := s.steps(m)
		if len(steps) == 0 {
			ends[m.execution(len(s.progs))] = true
		}
		for _, next := range steps {
			if !met[next] {
				met[next] = true
				todo = append(todo, next)
			}
		}
	}
	return ends
}

func (m *machine) execution(threads int) string {
	var ends []*path
	for i := range threads {
		ends = append(ends, m[i].at)
	}
	return execution(ends)
}

// steps returns the states that can follow m.
func (s *system) steps(m machine) (next []machine) {
	for i := range s.progs {
		for _, c := range [...]func(*machine, int) bool{s.drain, s.step} {
			if n := m; c(&n, i) {
				next = append(next, n)
			}
		}
	}
	return next
}

// drain writes the oldest store of processor i's buffer to memory.
func (s *system) drain(m *machine, i int) bool {
	c := &m[i]
	if c.buffered() == 0 {
		return false
	}
	c.drained++
	return true
}

// buffered returns how many stores wait in the buffer.
func (c *cpu) buffered() int {
	n := 0
	for j := range c.at.did[:c.pc] {
		if c.at.did[j].store {
			n++
		}
	}
	return n - c.drained
}

// step does processor i's next access. A load of an own word is forwarded or
// read, which is all the same here.
func (s *system) step(m *machine, i int) bool {
	c := &m[i]
	if c.pc == len(c.at.did) {
		return s.stepForeign(m, c)
	}
	a := &c.at.did[c.pc]
	if a.locked && c.buffered() > 0 {
		return false
	}
	c.pc++
	if a.locked && a.store {
		c.drained++
	}
	return true
}

func (s *system) stepForeign(m *machine, c *cpu) bool {
	if c.at.asks == nil {
		return false
	}
	c.at = c.at.kid(s.inMemory(m, c.at.asks.word))
	c.pc++
	return true
}

// inMemory returns the value that memory has for w.
func (s *system) inMemory(m *machine, w word) (v int) {
	if s.owner[w] < 0 {
		return 0
	}
	c, left := &m[s.owner[w]], m[s.owner[w]].drained
	for j := 0; left > 0; j++ {
		if a := &c.at.did[j]; a.store {
			left--
			if a.word == w {
				v++
			}
		}
	}
	return v
}

// The two definitions of x86 must agree, execution by execution, on everything
// that order_test.go asks about.
func TestOrderModelAgreesWithStoreBuffers(t *testing.T) {
	check := func(name string, sys *system) {
		t.Helper()
		ends := sys.run()
		n := sys.explore(x86, func(at []*path) {
			if !ends[execution(at)] {
				t.Fatalf("%s: the machine never does\n%s", name, sys.describe(at))
			}
		})
		if n != len(ends) {
			t.Fatalf("%s: %d executions by the model, %d by the machine", name, n, len(ends))
		}
	}
	for _, v := range slices.Concat(wholeSections, mutants) {
		check(v.name, v.how.system(workloads[0]))
	}
	for _, v := range slices.Concat(wholeBalances, balanceMutants) {
		check(v.name, v.how.system(walks[0]))
	}
	check("two goroutines", new(balance).system(walks[4]))
	for _, l := range litmusTests {
		check(l.threads, l.system())
	}
}

// litmus is a small program and an outcome, and who allows it.
type litmus struct {
	// Threads are parted by bars. wx stores the word x and rx loads it; wX and
	// rX do so with release and acquire; lx is a locked add. A load with a
	// question mark is followed by a branch on it; what w= stores comes from the
	// load before.
	threads string
	outcome string // what the foreign loads return, thread by thread
	allowed []memoryModel
}

// The verdicts are the architectures'. (A release or an acquire is plain on x86.)
var litmusTests = []litmus{
	// Store buffering: each thread misses the other's store, also when it sees
	// its own. Only a locked add, or RCsc's release before acquire, prevents it.
	{"wx ry | wy rx", "0/0/", allModels},
	{"wX rY | wY rX", "0/0/", []memoryModel{x86, armRCpc}},
	{"lx rY | ly rX", "0/0/", []memoryModel{armRCpc}},
	{"wx rx ry | wy ry rx", "0/0/", allModels},
	{"wx rX rY | wy rY rX", "0/0/", allModels},
	{"wX rX rY | wY rY rX", "0/0/", []memoryModel{x86, armRCpc}},

	// Message passing: y is seen, and x, stored before it, is not. It takes a
	// release and an acquire, each in its place; a branch is no acquire.
	{"wx wy | ry rx", "/10/", armModels},
	{"wx wY | ry rx", "/10/", armModels},
	{"wx wy | rY rx", "/10/", armModels},
	{"wX wy | rY rX", "/10/", armModels},
	{"wx wY | ry rX", "/10/", armModels},
	{"wx wY | ry? rx", "/10/", armModels},
	{"wx wY | rY rx", "/10/", nil},

	// Load buffering: each load sees the store after the other. One thread in
	// order is not enough, and dependencies are order, through memory too.
	{"rx wy | ry wx", "1/1/", armModels},
	{"rx wy= | ry wx", "1/1/", armModels},
	{"rx wy= | ry wx=", "1/1/", nil},
	{"rx? wy | ry? wx", "1/1/", nil},
	{"rX wy | rY wx", "1/1/", nil},
	{"rx wY | ry wX", "1/1/", nil},
	{"rx wy= ry wz= | rz wx=", "1/1/", nil},

	// Coherence: nobody sees a word go back.
	{"wx wx | rx rx", "/21/", nil},

	// One memory: two readers agree on the order of two writers' stores, and what
	// one thread has seen and told, the told one sees.
	{"wx | wy | rx ry | ry rx", "//10/10/", armModels},
	{"wx | wy | rX rY | rY rX", "//10/10/", nil},
	{"wx | rx wy | rY rX", "/1/10/", armModels},
	{"wx | rx? wy | rY rX", "/1/10/", nil},
	{"wx | rX wY | rY rX", "/1/10/", nil},
}

var litmusWords = []string{"x", "y", "z"}

func (l litmus) system() *system {
	var progs []program
	for steps := range strings.SplitSeq(l.threads, "|") {
		prog := program{body: func(t *thread) { litmusThread(t, steps) }}
		for step := range strings.FieldsSeq(steps) {
			if w, _ := litmusWord(step); step[0] != 'r' {
				prog.owns[w]++
			}
		}
		progs = append(progs, prog)
	}
	return newSystem(litmusWords, progs...)
}

// litmusWord returns the word of a step, and whether the step is an acquire or a
// release.
func litmusWord(step string) (w word, sync bool) {
	sync = step[1] < 'a'
	return word(step[1]|0x20) - 'x', sync
}

func litmusThread(t *thread, steps string) {
	var last value
	for step := range strings.FieldsSeq(steps) {
		w, sync := litmusWord(step)
		switch {
		case step[0] == 'l':
			t.lockedAdd(w)
		case step[0] == 'r':
			last = t.load(w, sync)
		case strings.HasSuffix(step, "="):
			t.store(w, sync, last)
		default:
			t.store(w, sync)
		}
		if strings.HasSuffix(step, "?") {
			t.branch(last)
		}
	}
}

func TestOrderModelLitmus(t *testing.T) {
	for _, l := range litmusTests {
		for _, m := range allModels {
			found := false
			l.system().explore(m, func(ends []*path) { found = found || execution(ends) == l.outcome })
			want := slices.ContainsFunc(l.allowed, func(a memoryModel) bool { return a.name == m.name })
			if found != want {
				t.Errorf("%s: %s on %s: found %v, want %v", l.threads, l.outcome, m.name, found, want)
			}
		}
	}
}
