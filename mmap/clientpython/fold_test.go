//go:build linux

package clientpython

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fold folds a folder, and fails on an error.
func fold(t testing.TB, dir string, o FoldOptions) FoldResult {
	t.Helper()
	r, err := Fold(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Errors {
		t.Error(err)
	}
	return r
}

// afterDeath is what a folder says once the processes in it are known to be dead.
func afterDeath(t testing.TB, dir string) values {
	v := scan(t, dir)
	maps.DeleteFunc(v, func(name string, _ float64) bool { return strings.HasPrefix(name, "g_live") })
	return v
}

// TestFoldChangesNothing folds folders of dead processes, again and again as more die,
// and compares what our reader and client_python's way of reading make of them before
// and after.
func TestFoldChangesNothing(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		dir := memoryDir(t)
		n := []numbers{valueOnly, withStamp}[seed%2]
		for round := range 3 {
			populate(t, r, dir, 2+r.IntN(8), 5, n)
			want := afterDeath(t, dir)
			fold(t, dir, FoldOptions{})
			what := fmt.Sprintf("seed %d, round %d", seed, round)
			same(t, what, scan(t, dir), want)
			same(t, what+", client_python", modelOf(t, dir), want)
			for _, name := range names(t, dir) {
				if f, ok := ParseName(name); ok && !f.Archive && (f.Type != 2 || f.Mode != All) {
					t.Errorf("%s: %s is still there", what, name)
				}
			}
		}
		want := scan(t, dir)
		fold(t, dir, FoldOptions{AllGauges: true})
		same(t, "all gauges", scan(t, dir), want)
		if left, _ := filepath.Glob(filepath.Join(dir, "gauge_all_*.db")); len(left) > 0 {
			t.Errorf("%v are still there", left)
		}
		putEntries(t, dir, "gauge_all_1001.db", Entry{Key: keyOf("g_all", "", "s", "0"), Value: 77})
		want[`g_all pid="1001" s="0"`] = 77 // its identifier came back
		same(t, "the same process again", scan(t, dir), want)
		fold(t, dir, FoldOptions{AllGauges: true})
		same(t, "the same process folded again", scan(t, dir), want)
	}
}

// TestFoldOfFractions: the total is the same to the last bit, because the archive has
// what rounding took away.
func TestFoldOfFractions(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	dir := memoryDir(t)
	for i := range 300 {
		putEntries(t, dir, fmt.Sprintf("counter_%d.db", i), counterOf(r.Float64()*math.Pow(10, float64(r.IntN(8)))))
		if i%10 == 0 {
			want := scan(t, dir)
			fold(t, dir, FoldOptions{})
			same(t, fmt.Sprint(i, " files"), scan(t, dir), want)
		}
	}
}

// stopped is what a fold panics with that is stopped.
type stopped struct{}

// stopAt folds, and stops before step n is over; it says whether there was such a step.
func stopAt(dir string, n int, o FoldOptions) (stop bool) {
	defer func() {
		if p := recover(); p != nil {
			if _, stop = p.(stopped); !stop {
				panic(p)
			}
		}
	}()
	(&folder{dir: dir, options: o, writers: writers, step: func(string) {
		if n--; n < 0 {
			panic(stopped{})
		}
	}}).fold()
	return false
}

// TestFoldStoppedAtEachStep stops a fold at each step. The folder must say the same
// there, after a second fold that is stopped too, and after one that is not.
func TestFoldStoppedAtEachStep(t *testing.T) {
	all := FoldOptions{AllGauges: true}
	for _, n := range []numbers{valueOnly, withStamp} {
		for step := 0; ; step++ {
			dir := memoryDir(t)
			r := rand.New(rand.NewPCG(9, 9))
			populate(t, r, dir, 1, 2, n)
			fold(t, dir, all) // so that there are archives
			populate(t, r, dir, 2, 2, n)
			want := afterDeath(t, dir)
			if !stopAt(dir, step, all) {
				if step < 40 {
					t.Fatalf("only %d steps", step)
				}
				break
			}
			same(t, fmt.Sprint("stopped at ", step), afterDeath(t, dir), want)
			stopAt(dir, r.IntN(20), all)
			same(t, fmt.Sprint("stopped twice, at ", step), afterDeath(t, dir), want)
			fold(t, dir, all)
			same(t, fmt.Sprint("folded after a stop at ", step), scan(t, dir), want)
			checkTidy(t, dir)
		}
	}
}

// checkTidy wants archives and the lock, and nothing else.
func checkTidy(t *testing.T, dir string) {
	t.Helper()
	for _, name := range names(t, dir) {
		if f, ok := ParseName(name); name != lockName && !(ok && f.Archive) {
			t.Errorf("%s is left", name)
		}
	}
}

const killVariable = "CLIENTPYTHON_TEST_KILL"

// TestMain is the process that TestFoldKilled kills: it kills itself at a step.
func TestMain(m *testing.M) {
	step, dir, ok := strings.Cut(os.Getenv(killVariable), ":")
	if !ok {
		os.Exit(m.Run())
	}
	n, _ := strconv.Atoi(step)
	(&folder{dir: dir, writers: writers, step: func(string) {
		if n--; n < 0 {
			unix.Kill(os.Getpid(), unix.SIGKILL)
			select {}
		}
	}}).fold()
}

// TestFoldKilled is the same with SIGKILL, which frees locks and leases on its own.
func TestFoldKilled(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	dir := t.TempDir()
	killed := 0
	for range 25 {
		populate(t, r, dir, 2, 3, withStamp)
		want := afterDeath(t, dir)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d:%s", killVariable, r.IntN(40), dir))
		if err := cmd.Run(); err != nil {
			killed++
		}
		same(t, "after a kill", afterDeath(t, dir), want)
	}
	want := afterDeath(t, dir)
	fold(t, dir, FoldOptions{})
	same(t, "at last", scan(t, dir), want)
	if killed < 10 {
		t.Errorf("%d folds were killed", killed)
	}
}

// TestFoldLeavesTheLiving: a file that is open for writing, or only mapped, is not
// folded, whatever its name says.
func TestFoldLeavesTheLiving(t *testing.T) {
	dir := t.TempDir()
	open, err := os.OpenFile(putEntries(t, dir, "counter_1.db", counterOf(1)), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	mapped := mapFile(t, putEntries(t, dir, "counter_2.db", counterOf(2)))
	live := mapFile(t, putEntries(t, dir, "gauge_livesum_2.db", Entry{Key: keyOf("g", ""), Value: 3}))
	putEntries(t, dir, "gauge_livesum_1.db", Entry{Key: keyOf("g", ""), Value: 4})
	putEntries(t, dir, "counter_3.db", counterOf(4))
	if r := fold(t, dir, FoldOptions{TrustPIDs: true}); r.Folded != 1 || r.Removed != 1 {
		t.Errorf("folded %d, removed %d; want 1, 1", r.Folded, r.Removed)
	}
	want := []string{"counter_1.db", "counter_2.db", "counter_pawl-archive.db", "gauge_livesum_2.db", lockName}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	same(t, "with the living", scan(t, dir), values{"c_total": 7, "g": 3})
	mapped.unmap(t)
	live.unmap(t)
	open.Close()
	if r := fold(t, dir, FoldOptions{}); r.Folded != 2 || r.Removed != 1 {
		t.Errorf("folded %d, removed %d; want 2, 1", r.Folded, r.Removed)
	}
	same(t, "without", scan(t, dir), values{"c_total": 7})
}

type mapping []byte

// mapFile maps a file as a Python process does, and closes its descriptor.
func mapFile(t testing.TB, path string) mapping {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := unix.Mmap(int(f.Fd()), 0, 65536, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m mapping) unmap(t testing.TB) {
	if err := unix.Munmap(m); err != nil {
		t.Fatal(err)
	}
}

// TestDropDead leaves out live gauges of processes that were killed.
func TestDropDead(t *testing.T) {
	dir := t.TempDir()
	m := mapFile(t, putEntries(t, dir, "gauge_liveall_1.db", Entry{Key: keyOf("g", ""), Value: 1}))
	putEntries(t, dir, "gauge_liveall_2.db", Entry{Key: keyOf("g", ""), Value: 2})
	putEntries(t, dir, "gauge_all_2.db", Entry{Key: keyOf("h", ""), Value: 2})
	want := values{`g pid="1"`: 1, `h pid="2"`: 2}
	merger := NewMerger(Options{DropDead: true})
	for range 2 {
		families, errs := merger.Scan(dir)
		if len(errs) > 0 {
			t.Error(errs)
		}
		same(t, "the living", flat(families), want)
		m.unmap(t)
		m, want = mapFile(t, filepath.Join(dir, "gauge_all_2.db")), values{`h pid="2"`: 2}
	}
	m.unmap(t)
}

// TestFoldMeetsAnOpener has a process open the file that is about to be put aside: the
// kernel makes it wait, and the fold leaves the file alone until it is dead again.
func TestFoldMeetsAnOpener(t *testing.T) {
	dir := t.TempDir()
	path := putEntries(t, dir, "counter_1.db", counterOf(1))
	opened := make(chan *os.File, 1)
	f := folder{dir: dir, writers: writers, step: func(done string) {
		if done != "leased counter_1.db" {
			return
		}
		go func() {
			w, _ := os.OpenFile(path, os.O_RDWR, 0)
			opened <- w
		}()
		for !breaking(t) {
			time.Sleep(time.Millisecond)
		}
	}}
	r, err := f.fold()
	if err != nil || r.Folded != 0 || len(r.Errors) > 0 {
		t.Errorf("%+v, %v; want nothing folded", r, err)
	}
	w := <-opened
	same(t, "opened", scan(t, dir), values{"c_total": 1})
	data := fileOf(withStamp, counterOf(5))
	if _, err := w.WriteAt(data, 0); err != nil {
		t.Fatal(err)
	}
	if r := fold(t, dir, FoldOptions{TrustPIDs: true}); r.Folded != 0 {
		t.Errorf("%+v; want nothing folded", r)
	}
	same(t, "written to", scan(t, dir), values{"c_total": 5})
	same(t, "written to, client_python", modelOf(t, dir), values{"c_total": 5})
	w.Close()
	if r := fold(t, dir, FoldOptions{}); r.Folded != 1 {
		t.Errorf("%+v; want the file folded", r)
	}
	same(t, "folded", scan(t, dir), values{"c_total": 5})
	checkTidy(t, dir)
}

// breaking says whether somebody waits for a lease of this process.
func breaking(t *testing.T) bool {
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(locks)) {
		if f := strings.Fields(line); len(f) > 4 && f[1] == "LEASE" && f[2] == "BREAKING" && f[4] == strconv.Itoa(os.Getpid()) {
			return true
		}
	}
	return false
}

// TestFoldOfDamage: bad files stay and are reported, the others are folded.
func TestFoldOfDamage(t *testing.T) {
	dir := t.TempDir()
	putEntries(t, dir, "counter_1.db", counterOf(1))
	putEntries(t, dir, "counter_2.db", counterOf(1), Entry{Key: `["x", "y", {}, ""]`})
	put(t, dir, "counter_3.db", []byte{1, 2, 3})
	put(t, dir, "counter_4.db", nil)
	putEntries(t, dir, "counter_5.db", counterOf(5))
	os.Symlink(filepath.Join(dir, "counter_1.db"), filepath.Join(dir, "summary_6.db"))
	putEntries(t, dir, "x.db")
	r, err := Fold(dir, FoldOptions{})
	if err != nil || r.Folded != 3 || len(r.Errors) != 3 {
		t.Errorf("%+v, %v; want 3 folded, 3 errors", r, err)
	}
	for i, want := range []error{ErrKey, ErrTruncated, unix.ELOOP} {
		if !errors.Is(r.Errors[i], want) {
			t.Errorf("error %v, want %v", r.Errors[i], want)
		}
	}
	want := []string{"counter_2.db", "counter_3.db", "counter_pawl-archive.db", lockName, "summary_6.db", "x.db"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
}

// TestArchiveOfDamage: an archive that was changed is an error to the reader and stops
// the fold, which would otherwise lose what is in it.
func TestArchiveOfDamage(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		putEntries(t, dir, fmt.Sprintf("counter_%d.db", i), counterOf(0.1), counterOf(0.3))
	}
	fold(t, dir, FoldOptions{})
	path := filepath.Join(dir, "counter_pawl-archive.db")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 0x10
		for _, data := range [][]byte{bad, good[:i]} {
			put(t, dir, "counter_pawl-archive.db", data)
			families, errs := NewMerger(Options{}).Scan(dir)
			if len(errs) != 1 || len(families) != 0 {
				t.Fatalf("byte %d: %v, errors %v", i, flat(families), errs)
			}
		}
	}
	_, err = Fold(dir, FoldOptions{})
	var e *FileError
	if !errors.As(err, &e) || e.Path != path {
		t.Errorf("the fold's error is %v", err)
	}
}

// TestArchiveNamesOnlyItsOwn: an archive whose list has other names than a fold makes is
// refused, because what it lists is removed.
func TestArchiveNamesOnlyItsOwn(t *testing.T) {
	mark := deadMark + "0123456789abcdef.db"
	for _, name := range []string{"", "x", "counter_1.db", "../counter_1" + mark, "/counter_1" + mark, "counter_pawl-archive.db"} {
		data, _ := newPile(File{Type: 1}).encode([]string{name})
		if _, err := membersOf(data); !errors.Is(err, ErrArchive) {
			t.Errorf("%q: error %v", name, err)
		}
	}
	data, _ := newPile(File{Type: 1}).encode([]string{"counter_1" + mark})
	if list, err := membersOf(data); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}

func membersOf(data []byte) ([]string, error) {
	a, err := parseArchive(data)
	if err != nil {
		return nil, err
	}
	return a.members()
}

// TestFoldersExclude: one folds, and the other is told so. Scans wait.
func TestFoldersExclude(t *testing.T) {
	dir := t.TempDir()
	putEntries(t, dir, "counter_1.db", counterOf(1))
	release, err := lock(dir, exclusive, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []int{shared, exclusive} {
		if _, err := lock(dir, how, 0); err != ErrFolding {
			t.Errorf("error %v, want that another is folding", err)
		}
	}
	release()
	a, err := lock(dir, shared, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := lock(dir, shared, 0)
	if err != nil {
		t.Fatal("two cannot read at once:", err)
	}
	a()
	b()
}

// TestScanOfAReadOnlyFolder needs no lock, and no right to write.
func TestScanOfAReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	putEntries(t, dir, "counter_1.db", counterOf(1))
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	same(t, "read only", scan(t, dir), values{"c_total": 1})
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("there are %v", got)
	}
}

// TestTrustPIDs: where the kernel does not tell who writes, files stay, unless process
// identifiers are to be trusted; then they tell.
func TestTrustPIDs(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, pid := range []string{strconv.Itoa(cmd.Process.Pid), strconv.Itoa(os.Getpid()), "worker"} {
		putEntries(t, dir, "counter_"+pid+".db", counterOf(1))
		putEntries(t, dir, "gauge_livesum_"+pid+".db", Entry{Key: keyOf("g", ""), Value: 1})
	}
	silent := func(file) writing { return unknown }
	for trust, want := range map[bool]int{false: 0, true: 1} {
		dir := copied(t, dir)
		f := folder{dir: dir, options: FoldOptions{TrustPIDs: trust}, writers: silent, step: func(string) {}}
		r, err := f.fold()
		if err != nil || len(r.Errors) > 0 || r.Folded != want || r.Removed != want {
			t.Errorf("trust %v: %+v, %v; want %d", trust, r, err, want)
		}
		same(t, fmt.Sprint("trust ", trust), scan(t, dir), values{"c_total": 3, "g": float64(3 - want)})
	}
}

func copied(t *testing.T, dir string) string {
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestFoldThatCannotWrite loses nothing: the files it has put aside still count, and are
// folded next time.
func TestFoldThatCannotWrite(t *testing.T) {
	dir := t.TempDir()
	putEntries(t, dir, "counter_1.db", counterOf(1))
	putEntries(t, dir, "counter_2.db", counterOf(2))
	obstacle := filepath.Join(dir, "counter_pawl-archive.db.tmp")
	if err := os.MkdirAll(filepath.Join(obstacle, "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	r, err := Fold(dir, FoldOptions{})
	var e *FileError
	if !errors.As(err, &e) || e.Path != obstacle || r.Folded != 0 {
		t.Errorf("%+v, error %v", r, err)
	}
	same(t, "not folded", scan(t, dir), values{"c_total": 3})
	same(t, "not folded, client_python", modelOf(t, dir), values{"c_total": 3})
	if err := os.RemoveAll(obstacle); err != nil {
		t.Fatal(err)
	}
	if r := fold(t, dir, FoldOptions{}); r.Folded != 2 {
		t.Errorf("%+v", r)
	}
	same(t, "folded", scan(t, dir), values{"c_total": 3})
	checkTidy(t, dir)
}

// TestScanBesideAStoppedFold does not wait for ever: at no step is there anything that it
// could not read.
func TestScanBesideAStoppedFold(t *testing.T) {
	dir := t.TempDir()
	putEntries(t, dir, "counter_1.db", counterOf(1))
	putEntries(t, dir, "counter_2.db", counterOf(2))
	m, steps := NewMerger(Options{}), 0
	m.patience = 0
	f := folder{dir: dir, writers: writers, step: func(done string) {
		families, errs := m.Scan(dir)
		if len(errs) > 0 {
			t.Error(done, errs)
		}
		same(t, done, flat(families), values{"c_total": 3})
		steps++
	}}
	if _, err := f.fold(); err != nil || steps < 8 {
		t.Errorf("%d steps, error %v", steps, err)
	}
}

// TestPipes are no files, and nobody waits for their other end.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "counter_1.db")
	if err := unix.Mkfifo(path, 0o666); err != nil {
		t.Fatal(err)
	}
	_, errs := NewMerger(Options{}).Scan(dir)
	one(t, errs, ErrNotRegular, path)
	if r, err := Fold(dir, FoldOptions{}); err != nil || r.Folded != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestMarkDead removes live gauges of one process, and nothing else.
func TestMarkDead(t *testing.T) {
	dir := t.TempDir()
	for m := All; m < numModes; m++ {
		putEntries(t, dir, "gauge_"+m.String()+"_1.db")
		putEntries(t, dir, "gauge_"+m.String()+"_11.db")
	}
	putEntries(t, dir, "counter_1.db")
	for range 2 { // the second time there is nothing to do
		if err := MarkDead(dir, "1"); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); len(got) != 16 {
		t.Errorf("%d files are left, want 16: %v", len(got), got)
	}
	if err := MarkDead(filepath.Join(dir, "counter_1.db"), "1"); err == nil {
		t.Error("no error for a folder that is a file")
	}
}

func TestDead(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	for pid, want := range map[string]bool{strconv.Itoa(os.Getpid()): false, "1": false,
		strconv.Itoa(cmd.Process.Pid): true, "worker": false, "": false, "-1": false, "0": false} {
		if got := Dead(pid); got != want {
			t.Errorf("Dead(%q) is %v", pid, got)
		}
	}
}

// TestFoldUnderLoad has processes come, count and die while folds and scans go on: no
// scan sees a counter fall, and the end is exact.
func TestFoldUnderLoad(t *testing.T) {
	dir := t.TempDir()
	var counted atomic.Int64
	var workers, others sync.WaitGroup
	done := make(chan struct{})
	for w := range 2 {
		workers.Go(func() {
			for p := range 60 {
				countUp(t, dir, fmt.Sprint(w, p%4), 1+p%7, &counted)
			}
		})
	}
	others.Go(func() {
		for !closed(done) {
			if _, err := Fold(dir, FoldOptions{}); err != nil && err != ErrFolding {
				t.Error(err)
			}
			time.Sleep(time.Millisecond)
		}
	})
	others.Go(func() {
		m, last := NewMerger(Options{}), 0.0
		for !closed(done) {
			least := float64(counted.Load())
			families, errs := m.Scan(dir)
			got := flat(families)["c_total"]
			if len(errs) > 0 || got < last || got < least {
				t.Errorf("the counter is %v after %v and at least %v, errors %v", got, last, least, errs)
			}
			last = got
		}
	})
	workers.Wait()
	close(done)
	others.Wait()
	fold(t, dir, FoldOptions{})
	same(t, "at the end", scan(t, dir), values{"c_total": float64(counted.Load())})
	checkTidy(t, dir)
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// countUp is a process's life: it opens its file, or makes it, and goes on from what it
// finds there.
func countUp(t *testing.T, dir, pid string, n int, counted *atomic.Int64) {
	f, err := os.OpenFile(filepath.Join(dir, "counter_"+pid+".db"), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	value := 0.0
	head := make([]byte, 4096)
	if read, _ := f.ReadAt(head, 0); read > 0 {
		if entries, err := Decode(head); err == nil && len(entries) > 0 {
			value = entries[0].Value
		}
	}
	data := fileOf(withStamp, counterOf(value))
	used := int64(binary.NativeEndian.Uint32(data))
	f.WriteAt(data[8:], 8)
	f.WriteAt(data[:8], 0)
	for range n {
		value++
		f.WriteAt(appendFloat(nil, value), used-16)
		counted.Add(1)
	}
}

// TestArchiveIsForClientPython: what it reads of an archive ends where it looks.
func TestArchiveIsForClientPython(t *testing.T) {
	dir := t.TempDir()
	putEntries(t, dir, "counter_1.db", counterOf(2))
	fold(t, dir, FoldOptions{})
	data, err := os.ReadFile(filepath.Join(dir, "counter_pawl-archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	want := fileOf(withStamp, counterOf(2))
	used := binary.NativeEndian.Uint32(want)
	if !bytes.Equal(data[:used], want[:used]) {
		t.Errorf("the archive begins %x, want %x", data[:used], want[:used])
	}
}
