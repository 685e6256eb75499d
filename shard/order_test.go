package shard

import (
	"fmt"
	"slices"
	"testing"
)

// The tests of this file enumerate every execution of the begin/end protocol
// (section.go), of the gate before it (gate.go, group.go) and of the double
// collect (balance.go), by one writer and one reader, under the memory models of
// order_model_test.go, and look at each copy that the reader accepts. They also
// break the protocols, one place at a time, and ask that the enumeration finds a
// torn attempt: that is what shows the search to be wide enough.
//
// No other test here is about memory order. Stress tests on amd64 cannot see what
// amd64 never does. An arm64 binary emulated on an x86 host runs with the host's
// order, which is the stronger one. A race build turns every owned store into
// an atomic, and its detector knows happens-before, not what a processor may do
// without it. Those builds test logic.
//
// What is enumerated is the protocol as written down below. That the compiled
// code says the same is for the reader of both, and for the test in ci that reads
// the disassembly.

// The modelled words.
const (
	mBegin word = iota
	mEnd
	mData // two data words
	_
	mMark // the single mark of variants that have one
	mGate // odd: raised
)

var sectionWords = []string{"begin", "end", "data 0", "data 1", "mark", "gate"}

// place is an access that a variant may strip of its acquire or release.
type place string

const (
	storeBegin place = "begin store"
	storeData0 place = "data 0 store"
	storeData1 place = "data 1 store"
	storeEnd   place = "end store"
	loadOwn    place = "the writer's data loads"
	loadEnd    place = "end load"
	loadData0  place = "data 0 load"
	loadData1  place = "data 1 load"
	loadBegin  place = "begin load"
)

var everyPlace = []place{storeBegin, storeData0, storeData1, storeEnd, loadOwn, loadEnd, loadData0, loadData1, loadBegin}

// section is one way to write the protocol. The zero value is section.go's.
type section struct {
	plain     []place                                         // neither acquire nor release
	set       bool                                            // data words are stored without being loaded first
	pastGate  bool                                            // the writer does not look at the gate
	trustGate bool                                            // a copy made behind the gate is accepted as it is
	update    func(s *section, t *thread, words []int)        // nil: as written
	attempt   func(s *section, t *thread) (c copied, ok bool) // nil: as written
}

func (s *section) sync(p place) bool { return !slices.Contains(s.plain, p) }

// workload is what the two threads do.
type workload struct {
	updates   [][]int // for each update, the data words that it adds one to
	snapshots int     // copies the reader wants
	held      int     // attempts at each behind the gate, after one without
}

func (w workload) String() string {
	return fmt.Sprintf("updates of %v, %d snapshot(s), %d held", w.updates, w.snapshots, w.held)
}

// The first is the one for mutants: two updates that a copy may mix.
var workloads = []workload{
	{updates: [][]int{{0, 1}, {0, 1}}, snapshots: 1, held: 1},
	{updates: [][]int{{0, 1}, {0, 1}, {0, 1}}, snapshots: 1, held: 1},
	{updates: [][]int{{0}, {1, 0}, {1}}, snapshots: 1, held: 2},
	{updates: [][]int{{0, 1}, {1, 0}}, snapshots: 2, held: 1},
}

// workloads are all of them, except for the one mark: it is a control.
func (s *section) workloads() []workload {
	if s.update != nil {
		return workloads[:1]
	}
	return workloads
}

func (s *section) system(w workload) *system {
	n := len(w.updates)
	return newSystem(sectionWords, program{
		owns: [maxWords]int{mBegin: n, mEnd: n, mData: n, mData + 1: n, mMark: 2 * n},
		body: func(t *thread) { s.write(t, w.updates) },
	}, program{
		owns: [maxWords]int{mGate: 2 * w.snapshots},
		body: func(t *thread) {
			for range w.snapshots {
				s.snapshot(t, w.held)
			}
		},
	})
}

// write is the recording path.
func (s *section) write(t *thread, updates [][]int) {
	for _, words := range updates {
		switch {
		case !s.pastGate && !passGate(t, mGate):
			return
		case s.update != nil:
			s.update(s, t, words)
		default:
			n := s.begin(t)
			s.addData(t, words)
			s.end(t, n)
		}
	}
}

// passGate is the look at the gate, inside the pin or in Wait: the loads are the
// same. It gives up, and the writer with it, after the second one.
func passGate(t *thread, gate word) bool {
	for range 2 {
		g := t.load(gate, true)
		if t.branch(g); g.n%2 == 0 {
			return true
		}
	}
	return false
}

func (s *section) begin(t *thread) value {
	n := t.load(mBegin, true)
	t.store(mBegin, s.sync(storeBegin), n)
	return n
}

func (s *section) end(t *thread, n value) { t.store(mEnd, s.sync(storeEnd), n) }

func (s *section) addData(t *thread, words []int) {
	for _, i := range words {
		w, sync := mData+word(i), s.sync([]place{storeData0, storeData1}[i])
		if s.set {
			t.store(w, sync)
			continue
		}
		t.store(w, sync, t.load(w, s.sync(loadOwn)))
	}
}

// snapshot is Group.Copy with its bounds brought down.
func (s *section) snapshot(t *thread, held int) {
	if s.try(t, false) {
		return
	}
	t.lockedAdd(mGate)
	for range held {
		if s.try(t, s.trustGate) {
			break
		}
	}
	t.lockedAdd(mGate)
}

func (s *section) try(t *thread, trust bool) bool {
	attempt := (*section).copyTo
	if s.attempt != nil {
		attempt = s.attempt
	}
	c, ok := attempt(s, t)
	if ok || trust {
		t.accept(c)
		return true
	}
	return false
}

// copyTo is Section.copyTo.
func (s *section) copyTo(t *thread) (copied, bool) {
	e := t.load(mEnd, s.sync(loadEnd))
	data := s.copyData(t)
	b := t.load(mBegin, s.sync(loadBegin))
	t.branch(e, b)
	return copied{e.n, data}, b.n == e.n
}

func (s *section) copyData(t *thread) [4]int {
	return [4]int{t.load(mData, s.sync(loadData0)).n, t.load(mData+1, s.sync(loadData1)).n}
}

// after returns the data words after so many updates.
func (w workload) after(updates int) (data [4]int) {
	for _, words := range w.updates[:updates] {
		for _, i := range words {
			data[i]++
		}
	}
	return data
}

func (w workload) torn(c copied) bool { return c.data != w.after(c.updates) }

// variant is one way to write a protocol, and the models under which something is
// said of it.
type variant[P any] struct {
	name   string
	how    P
	models []memoryModel
}

// wholeSections are never torn. The first two are what instruments do; the rest
// have less order than the code, and the proof of each is that it may.
var wholeSections = []variant[section]{
	{"as written, add", section{}, allModels},
	{"as written, set", section{set: true}, allModels},

	// What amd64 runs: order is the machine's business.
	{"all plain on x86", section{plain: everyPlace}, []memoryModel{x86}},

	// The gate carries no proof: whether a copy is whole is in the copy.
	{"writer past the gate", section{pastGate: true}, allModels},

	// Begin's release orders begin after what came before it, and a begin that is
	// visible too early only makes readers refuse. What matters is that begin is
	// visible no later than the data after it, and that is the release of the
	// data stores. atomicf.Store is a release all the same: there is one Store.
	{"begin store not release, add", section{plain: []place{storeBegin}}, armModels},
	{"begin store not release, set", section{plain: []place{storeBegin}, set: true}, armModels},

	// The load of begin is an attempt's last. Its acquire would order only what
	// comes later, and the next attempt's loads are in order among themselves.
	{"begin load not acquire", section{plain: []place{loadBegin}}, armModels},

	// With Arm's RCsc an Add that loads with acquire and stores plainly would do:
	// the load waits for the release store of begin, and the store for the load.
	// It does not for Store, nor under RCpc: see the mutants.
	{"data stores not release, add", section{plain: []place{storeData0, storeData1}}, []memoryModel{arm}},

	// One mark, odd while an update is under way, and odd copies refused: sound,
	// but for what the compiler makes of it (section.go, and the last mutant).
	{"one mark, odd refused", section{update: oneMark, attempt: refuseOdd}, []memoryModel{x86}},
}

// mutants are torn, and the search must find how.
var mutants = []variant[section]{
	{"data stores not release, set", section{plain: []place{storeData0, storeData1}, set: true}, armModels},
	{"data 0 store not release, set", section{plain: []place{storeData0}, set: true}, armModels},
	{"data 1 store not release, set", section{plain: []place{storeData1}, set: true}, armModels},
	{"data plain, add", section{plain: []place{storeData0, storeData1, loadOwn}}, armModels},
	{"data stores not release, add", section{plain: []place{storeData0, storeData1}}, []memoryModel{armRCpc}},
	{"end store not release, add", section{plain: []place{storeEnd}}, armModels},
	{"end store not release, set", section{plain: []place{storeEnd}, set: true}, armModels},
	{"end load not acquire", section{plain: []place{loadEnd}}, armModels},
	{"data 0 load not acquire", section{plain: []place{loadData0}}, armModels},
	{"data 1 load not acquire", section{plain: []place{loadData1}}, armModels},
	{"all plain", section{plain: everyPlace}, armModels},

	{"no begin store", section{update: noBegin}, allModels},
	{"end store before the data", section{update: endFirst}, allModels},
	{"begin store after the data", section{update: beginLast}, allModels},
	{"loads of begin and end swapped", section{attempt: swapped}, allModels},
	{"both marks loaded first", section{attempt: marksFirst}, allModels},
	{"both marks loaded last", section{attempt: marksLast}, allModels},
	{"accepted without comparing", section{attempt: credulous}, allModels},
	{"accepted behind the gate", section{trustGate: true}, allModels},
	{"one mark, odd accepted", section{update: oneMark, attempt: acceptOdd}, allModels},
	{"one mark, first store dropped", section{update: halfMark, attempt: sameMark}, allModels},
}

func noBegin(s *section, t *thread, words []int) {
	s.addData(t, words)
	s.end(t, value{})
}

func endFirst(s *section, t *thread, words []int) {
	n := s.begin(t)
	s.end(t, n)
	s.addData(t, words)
}

func beginLast(s *section, t *thread, words []int) {
	s.addData(t, words)
	s.end(t, s.begin(t))
}

func oneMark(s *section, t *thread, words []int) {
	n := t.load(mMark, true)
	t.store(mMark, true, n)
	s.addData(t, words)
	t.store(mMark, true, n)
}

// halfMark is what the compiler leaves of oneMark.
func halfMark(s *section, t *thread, words []int) {
	n := t.load(mMark, true)
	s.addData(t, words)
	t.store(mMark, true, n)
}

func swapped(s *section, t *thread) (copied, bool) {
	b := t.load(mBegin, true)
	data := s.copyData(t)
	e := t.load(mEnd, true)
	t.branch(e, b)
	return copied{e.n, data}, b.n == e.n
}

func marksFirst(s *section, t *thread) (copied, bool) {
	e, b := t.load(mEnd, true), t.load(mBegin, true)
	t.branch(e, b)
	return copied{e.n, s.copyData(t)}, b.n == e.n
}

func marksLast(s *section, t *thread) (copied, bool) {
	data := s.copyData(t)
	e, b := t.load(mEnd, true), t.load(mBegin, true)
	t.branch(e, b)
	return copied{e.n, data}, b.n == e.n
}

func credulous(s *section, t *thread) (copied, bool) {
	c, _ := s.copyTo(t)
	return c, true
}

func sameMark(s *section, t *thread) (copied, bool) {
	first := t.load(mMark, true)
	data := s.copyData(t)
	last := t.load(mMark, true)
	t.branch(first, last)
	return copied{first.n, data}, first.n == last.n
}

func acceptOdd(s *section, t *thread) (copied, bool) {
	c, same := sameMark(s, t)
	c.updates /= 2
	return c, same
}

func refuseOdd(s *section, t *thread) (copied, bool) {
	c, same := sameMark(s, t)
	odd := c.updates%2 == 1
	c.updates /= 2
	return c, same && !odd
}

// every runs a subtest for each variant under each of its models.
func every[P any](t *testing.T, variants []variant[P], test func(*testing.T, *P, memoryModel)) {
	for i := range variants {
		for _, m := range variants[i].models {
			t.Run(variants[i].name+"/"+m.name, func(t *testing.T) {
				test(t, &variants[i].how, m)
			})
		}
	}
}

func TestOrderSectionIsWhole(t *testing.T) {
	every(t, wholeSections, func(t *testing.T, s *section, m memoryModel) {
		for _, w := range s.workloads() {
			sys, seen := s.system(w), tally{}
			seen.executions = sys.explore(m, func(ends []*path) {
				copies := accepted(ends)
				for i, c := range copies {
					if w.torn(c) {
						t.Fatalf("%v: torn copy %v\n%s", w, c, sys.describe(ends))
					}
					if i > 0 && c.updates < copies[i-1].updates {
						t.Fatalf("%v: copies went back: %v\n%s", w, copies, sys.describe(ends))
					}
				}
				seen.add(copies, w.snapshots)
			})
			t.Logf("%v: %v", w, &seen)
			seen.check(t, len(w.updates))
		}
	})
}

// tally counts, lest a search that accepts nothing pass for a proof.
type tally struct {
	executions, refused int
	accepted            map[int]int // by number of updates
}

func (n *tally) add(copies []copied, wanted int) {
	if n.accepted == nil {
		n.accepted = make(map[int]int)
	}
	n.refused += wanted - len(copies)
	for _, c := range copies {
		n.accepted[c.updates]++
	}
}

func (n *tally) check(t *testing.T, updates int) {
	t.Helper()
	for e := range updates + 1 {
		if n.accepted[e] == 0 {
			t.Errorf("no copy of the state after %d updates was ever accepted", e)
		}
	}
	if n.refused == 0 {
		t.Error("no execution had its copies refused")
	}
}

func (n *tally) String() string {
	return fmt.Sprintf("%d executions, copies accepted by updates: %v, refused to the end: %d", n.executions, n.accepted, n.refused)
}

func TestOrderMutantsAreCaught(t *testing.T) {
	every(t, mutants, func(t *testing.T, s *section, m memoryModel) {
		w := workloads[0]
		caught(t, s.system(w), m, w.torn)
	})
}

// accepted returns the copies that the reader accepted. It is the last thread.
func accepted(ends []*path) []copied { return ends[len(ends)-1].copies }

// caught asks that some execution has a bad copy, and prints the first.
func caught(t *testing.T, sys *system, m memoryModel, bad func(copied) bool) {
	t.Helper()
	torn, example := 0, ""
	n := sys.explore(m, func(ends []*path) {
		if !slices.ContainsFunc(accepted(ends), bad) {
			return
		}
		if torn++; torn == 1 {
			example = sys.describe(ends)
		}
	})
	if torn == 0 {
		t.Fatalf("none of %d executions is torn", n)
	}
	t.Logf("%d of %d executions are torn, the first:\n%s", torn, n, example)
}

// To x86 a release or an acquire less is nothing: it has neither.
func TestOrderPlainIsEnoughOnX86(t *testing.T) {
	for _, v := range mutants {
		if v.how.plain == nil {
			continue
		}
		w := workloads[0]
		sys := v.how.system(w)
		sys.explore(x86, func(ends []*path) {
			if slices.ContainsFunc(accepted(ends), w.torn) {
				t.Fatalf("%s: torn\n%s", v.name, sys.describe(ends))
			}
		})
	}
}

// The words of a balance on two Ps, and the gate.
const (
	mUps   word = 0 // P 0's; P 1's is the next
	mDowns word = 2
	mHeld  word = 4
)

var balanceWords = []string{"ups 0", "ups 1", "downs 0", "downs 1", "gate"}

// Places of the double collect.
const (
	storeUps      place = "ups store"
	storeDowns    place = "downs store"
	firstLoadUps0 place = "ups 0 load, first pass"
	firstLoads    place = "other loads, first pass"
	secondLoads   place = "loads, second pass"
)

// balance is one way to write the double collect. The zero value is balance.go's.
type balance struct {
	plain     []place
	trustGate bool                                            // one pass behind the gate is enough
	collect   func(b *balance, t *thread) (c copied, ok bool) // nil: as written
}

func (b *balance) sync(p place) bool { return !slices.Contains(b.plain, p) }

// change is a move of the balance by d, up or down one, by a goroutine on P p.
type change struct{ p, d int }

// walks are what goroutines do, each of them one list. One alone may change Ps on
// the way; of two, each stays on its own.
var walks = [][][]change{
	{{{0, +1}, {1, -1}, {1, +1}, {0, -1}}},
	{{{0, +1}, {0, -1}, {0, +1}, {0, -1}}},
	{{{1, +1}, {0, -1}, {0, +1}, {1, -1}}},
	{{{0, +1}, {1, +1}, {0, -1}, {1, -1}}},
	{{{0, +1}, {0, -1}}, {{1, +1}, {1, -1}}},
	{{{0, +1}, {0, +1}}, {{1, -1}, {1, -1}}},
}

func (b *balance) system(walk [][]change) *system {
	var progs []program
	for _, changes := range walk {
		writer := program{body: func(t *thread) { b.write(t, changes) }}
		for _, c := range changes {
			writer.owns[c.word()]++
		}
		progs = append(progs, writer)
	}
	reader := program{owns: [maxWords]int{mHeld: 2}, body: b.net}
	return newSystem(balanceWords, append(progs, reader)...)
}

func (c change) word() word {
	if c.d < 0 {
		return mDowns + word(c.p)
	}
	return mUps + word(c.p)
}

// write is Balance.Move, or the recording path written out: the accesses are the
// same.
func (b *balance) write(t *thread, changes []change) {
	for _, c := range changes {
		if !passGate(t, mHeld) {
			return
		}
		to := storeUps
		if c.d < 0 {
			to = storeDowns
		}
		t.store(c.word(), b.sync(to), t.load(c.word(), b.sync(loadOwn)))
	}
}

// net is Balance.Net with its bounds brought down.
func (b *balance) net(t *thread) {
	if b.try(t, false) {
		return
	}
	t.lockedAdd(mHeld)
	b.try(t, b.trustGate)
	t.lockedAdd(mHeld)
}

func (b *balance) try(t *thread, trust bool) bool {
	collect := (*balance).collectTwice
	if b.collect != nil {
		collect = b.collect
	}
	c, ok := collect(b, t)
	if ok || trust {
		t.accept(c)
		return true
	}
	return false
}

// collectTwice is Balance.collectTwice.
func (b *balance) collectTwice(t *thread) (copied, bool) {
	first, second := b.first(t), b.second(t)
	return copied{data: first}, sums(first) == sums(second)
}

func (b *balance) first(t *thread) [4]int  { return b.pass(t, firstLoadUps0, firstLoads) }
func (b *balance) second(t *thread) [4]int { return b.pass(t, secondLoads, secondLoads) }

func (b *balance) pass(t *thread, head, rest place) (words [4]int) {
	for w := mUps; w < mHeld; w++ {
		at := rest
		if w == mUps {
			at = head
		}
		v := t.load(w, b.sync(at))
		t.branch(v)
		words[w] = v.n
	}
	return words
}

// sums returns the sum of the ups and that of the downs.
func sums(words [4]int) [2]int { return [2]int{words[0] + words[1], words[2] + words[3]} }

func net(words [4]int) int { return sums(words)[0] - sums(words)[1] }

// existed says whether one goroutine's changes went through this state. Program
// order is the one that counts: the value is what the goroutine did, not what
// memory made of it.
func existed(changes []change, words [4]int) bool {
	var state [4]int
	for _, c := range changes {
		if state == words {
			return true
		}
		state[c.word()]++
	}
	return state == words
}

// showed says whether one goroutine's changes went through this value at all.
func showed(changes []change, value int) bool {
	v := 0
	for _, c := range changes {
		if v == value {
			return true
		}
		v += c.d
	}
	return v == value
}

var wholeBalances = []variant[balance]{
	{"as written", balance{}, allModels},
	{"all plain on x86", balance{plain: []place{storeUps, storeDowns, loadOwn, firstLoadUps0, firstLoads, secondLoads}}, []memoryModel{x86}},

	// Every load of the second pass comes after the first pass by the acquires of
	// that one; its own order only what comes later.
	{"second pass not acquire", balance{plain: []place{secondLoads}}, armModels},

	// The first word could be read once: when the second pass reads it, the first
	// pass is over for every other word, and the second has not begun for them.
	{"ups 0 of first pass not acquire", balance{plain: []place{firstLoadUps0}}, armModels},
}

var balanceMutants = []variant[balance]{
	{"stores not release", balance{plain: []place{storeUps, storeDowns}}, armModels},
	{"stores and loads of the writer plain", balance{plain: []place{storeUps, storeDowns, loadOwn}}, armModels},
	{"first pass not acquire", balance{plain: []place{firstLoads}}, armModels},

	{"equal nets", balance{collect: equalNets}, allModels},
	{"one pass", balance{collect: onePass}, allModels},
	{"each word twice on the spot", balance{collect: onTheSpot}, allModels},

	// After it has been raised, a gate lets one more update through, and with one
	// writer one change cannot make a value that never existed. But that counts
	// what the writer does, not what memory sees of it: on x86 a look at the gate
	// overtakes the stores that wait in the buffer, and several changes may yet
	// come out of there.
	{"one pass behind the gate", balance{trustGate: true}, []memoryModel{x86, armRCpc}},
}

func equalNets(b *balance, t *thread) (copied, bool) {
	first, second := b.first(t), b.second(t)
	return copied{data: first}, net(first) == net(second)
}

func onePass(b *balance, t *thread) (copied, bool) { return copied{data: b.first(t)}, true }

func onTheSpot(b *balance, t *thread) (c copied, ok bool) {
	ok = true
	for w := mUps; w < mHeld; w++ {
		first, second := t.load(w, true), t.load(w, true)
		t.branch(first, second)
		ok = ok && first.n == second.n
		c.data[w] = first.n
	}
	return c, ok
}

func TestOrderBalanceShowsOnlyWhatExisted(t *testing.T) {
	every(t, wholeBalances, func(t *testing.T, b *balance, m memoryModel) {
		for _, walk := range walks {
			sys, states := b.system(walk), make(map[[4]int]int)
			n := sys.explore(m, func(ends []*path) {
				for _, c := range accepted(ends) {
					states[c.data]++
					if !sys.instant(ends, c.data) || len(walk) == 1 && !existed(walk[0], c.data) {
						t.Fatalf("walk %v: accepted %v\n%s", walk, c.data, sys.describe(ends))
					}
				}
			})
			// One goroutine's four changes have five states, two times two nine.
			if want := []int{5, 9}[len(walk)-1]; len(states) != want {
				t.Errorf("walk %v: %d states were accepted, want %d: %v", walk, len(states), want, states)
			}
			t.Logf("walk %v: %d executions, copies accepted by words: %v", walk, n, states)
		}
	})
}

func TestOrderBalanceMutantsAreCaught(t *testing.T) {
	every(t, balanceMutants, func(t *testing.T, b *balance, m memoryModel) {
		caught(t, b.system(walks[0]), m, func(c copied) bool { return !showed(walks[0][0], net(c.data)) })
	})
}
