package mmap

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
	"github.com/pawl-metrics/pawl/mmap/internal/sys"
	"github.com/pawl-metrics/pawl/shard"
)

// What a process had recorded when it was killed is in its file: all of it.

const (
	killEnv    = "PAWL_TEST_KILL" // the child's directory
	recorders  = 4                // goroutines of the child
	killWords  = 8                // of its group
	doneBytes  = 4096
	killRounds = 12
)

// TestKill kills children at random moments while they record at full speed, under
// one slot. Each keeps a word for each goroutine, in a file of its own, of what it had
// done for certain.
func TestKill(t *testing.T) {
	if dir := os.Getenv(killEnv); dir != "" {
		recordUntilKilled(t, dir)
		return
	}
	dir := memoryDir(t)
	var done uint64 // by all children so far
	for round := range killRounds {
		mine := killOne(t, dir, time.Duration(rand.IntN(60))*time.Millisecond)
		done += mine
		path := slotPath(dir, "k")
		f := read(t, path)
		// One operation of each goroutine may have been in flight, in each round.
		if got, most := f.counter("c_total"), done+recorders*uint64(round+1); got < done || got > most {
			t.Errorf("round %d: %d counted, and from %d to %d were done", round, got, done, most)
		}
		groups(t, f, mine)
		locked(t, path)
	}
	t.Logf("%d recordings by %d killed processes", done, killRounds)
	if temps, _ := filepath.Glob(filepath.Join(dir, tempPrefix+"*")); len(temps) > killRounds {
		t.Errorf("left over: %v", temps)
	}
}

const cutEnv = "PAWL_TEST_CUT" // the child's directory

// TestKillInsideAnUpdate kills a child between begin and end of its tenth update, after
// the bucket and before the sum: the worst moment.
func TestKillInsideAnUpdate(t *testing.T) {
	if dir := os.Getenv(cutEnv); dir != "" {
		updateAndDie(t, dir)
		return
	}
	dir := memoryDir(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillInsideAnUpdate$")
	cmd.Env = append(os.Environ(), cutEnv+"="+dir)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("child: %v\n%s", err, out)
	}
	path := slotPath(dir, "cut")
	f := read(t, path)
	var begin, end, sum, count uint64
	for _, words := range f.cells(f.family(t, "h")) {
		begin, end, sum, count = begin+words[0], end+words[1], sum+words[2], count+words[3]
	}
	if begin != 10 || end != 9 || sum != 9 || count != 10 {
		t.Errorf("begin %d, end %d, sum %d, count %d", begin, end, sum, count)
	}
	locked(t, path)
}

func updateAndDie(t *testing.T, dir string) {
	s, err := Open(dir, Options{Slot: "cut"})
	if err != nil {
		t.Fatal(err)
	}
	g := new(shard.Group)
	g.Init(alloc(t, s, groupDesc(), shard.GroupLayout(1+killWords)))
	for range 9 {
		observe(g, 1)
	}
	g.Update(func(s *shard.Section) {
		atomicf.Add(s.Word(1), 1)
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	})
}

// groupDesc describes a histogram with as many buckets as the group has.
func groupDesc() []byte {
	d := descriptor.Descriptor{Family: "h", Kind: descriptor.Histogram, Type: encode.Histogram}
	for i := range killWords - 1 {
		d.Bounds = append(d.Bounds, float64(i))
	}
	return descriptor.Append(nil, &d)
}

// groups checks the last child's sections: where begin and end agree, so do the sum
// and the buckets; where the kill fell between them, the sum lacks one at most.
func groups(t *testing.T, f *readFile, done uint64) {
	t.Helper()
	var sum, count uint64
	cut := 0
	for _, words := range f.cells(f.family(t, "h")) {
		var n uint64
		for _, w := range words[3:] {
			n += w
		}
		sum, count = sum+words[2], count+n
		if words[0] != words[1] {
			cut++
		} else if words[2] != n {
			t.Errorf("begin and end agree, and the sum is %d, the count %d", words[2], n)
		}
	}
	if count < done || count > done+recorders || sum+uint64(cut) < count || sum > count+uint64(cut) {
		t.Errorf("count %d, sum %d, %d cut short; %d done", count, sum, cut, done)
	}
}

func locked(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if held, err := lock.Held(f); err != nil || held {
		t.Errorf("dead, and the lock is held: %v, %v", held, err)
	}
}

// killOne starts a child, kills it, and returns what it had done.
func killOne(t *testing.T, dir string, after time.Duration) (sum uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
	cmd.Env = append(os.Environ(), killEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "recording") {
		cmd.Process.Kill()
		t.Fatalf("child said %q, %v", line, err)
	}
	time.Sleep(after)
	cmd.Process.Kill()
	cmd.Wait()
	done, err := os.ReadFile(filepath.Join(dir, "done"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range recorders {
		sum += ne.Uint64(done[64*i:])
	}
	return sum
}

// observe is Histogram.Observe of 1, with integers.
func observe(g *shard.Group, i int) {
	ready := g.Ready()
	if p := shard.Pin(); uint(p) < ready && !g.Held() {
		s := g.Section(p)
		n := s.Begin()
		atomicf.Add(s.Word(i), 1)
		atomicf.Add(s.Word(0), 1)
		s.End(n)
		shard.Unpin()
		return
	}
	shard.Unpin()
	g.Update(func(s *shard.Section) {
		atomicf.Add(s.Word(i), 1)
		atomicf.Add(s.Word(0), 1)
	})
}

// recordUntilKilled is the child.
func recordUntilKilled(t *testing.T, dir string) {
	runtime.GOMAXPROCS(2)
	s, err := Open(dir, Options{Slot: "k", RequireMemory: dir[:4] == "/dev"})
	if err != nil {
		t.Fatal(err)
	}
	c := alloc(t, s, counter("c_total"), one)
	g := new(shard.Group)
	g.Init(alloc(t, s, groupDesc(), shard.GroupLayout(1+killWords)))
	f, err := os.Create(filepath.Join(dir, "done"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(doneBytes); err != nil {
		t.Fatal(err)
	}
	if err := sys.Allocate(f, 0, doneBytes); err != nil {
		t.Fatal(err)
	}
	region, err := sys.Map(f, 0, doneBytes)
	if err != nil {
		t.Fatal(err)
	}
	for i := range recorders {
		done := (*atomic.Uint64)(unsafe.Pointer(&region.Bytes()[64*i]))
		go func() {
			for n := 0; ; n++ {
				inc(c)
				observe(g, 1+n%killWords)
				done.Add(1)
				if n%1000 == 0 {
					runtime.Gosched()
				}
			}
		}()
	}
	for n := 3; ; n++ { // Ps come, and with them stripes
		if n == 4 {
			fmt.Println("recording")
		}
		runtime.GOMAXPROCS(1 + n%5)
		time.Sleep(time.Millisecond)
	}
}
