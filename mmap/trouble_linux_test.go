package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pawl-metrics/pawl/mmap/internal/lock"
	"github.com/pawl-metrics/pawl/shard"
)

// mount gives the test a tmpfs of its own.
func mount(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("NOT TESTED: %v: a file system of its own (%s) needs root", err, options)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// On a full disk new series have no cells, and say why; those that exist go on, on
// every P, and nothing of them is lost.
func TestFullDisk(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	dir := mount(t, "size=512k")
	s := openStore(t, dir, Options{RequireMemory: true})
	c := alloc(t, s, counter("c_total"), one)
	c.Add(0, 1)
	counted, failed := uint64(1), 0
	for i := range 2000 {
		slab, err := s.Alloc(counter(fmt.Sprint("filling_the_disk_", i)), shard.Layout{Words: 100})
		if err != nil {
			if !errors.Is(err, ErrNoSpace) || !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("slab %d: %v", i, err)
			}
			failed++
			continue
		}
		everywhere(slab, 2, 2) // every page of it can be written
	}
	if failed == 0 || failed == 2000 {
		t.Fatalf("%d of 2000 failed", failed)
	}
	// Other Ps appear: they would like stripes.
	runtime.GOMAXPROCS(6)
	for shared := false; !shared; shared = shard.Stripes() == 0 || s.Stats().RefusedStripes > 0 {
		everywhere(c, 24, 2000)
		counted += 24 * 2000
	}
	st := s.Stats()
	if f := read(t, st.Path); f.counter("c_total") != counted || c.Sum(0) != counted {
		t.Errorf("%d in the file, %d in the handle, want %d", f.counter("c_total"), c.Sum(0), counted)
	}
	if shard.Stripes() > 0 && !errors.Is(st.LastRefusal, ErrNoSpace) {
		t.Errorf("a stripe was refused: %+v", st)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNoSpace) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("another store: %v", err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(names)+len(hidden) != 1 {
		t.Errorf("left over: %v %v", names, hidden)
	}
	t.Logf("%d of 2000 found no space; %d stripes refused: %v", failed, st.RefusedStripes, st.LastRefusal)
}

// Space that others free is found again.
func TestDiskFullForAWhile(t *testing.T) {
	dir := mount(t, "size=1m")
	s := openStore(t, dir, Options{})
	ballast := filepath.Join(dir, "ballast")
	for i := 0; ; i++ {
		if err := os.WriteFile(ballast, make([]byte, (1<<20)-i*4096), 0o600); err == nil {
			break
		}
	}
	if _, err := s.Alloc(counter("c_total"), one); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("on a full disk: %v", err)
	}
	held := s.Stats().Bytes
	os.Remove(ballast)
	alloc(t, s, counter("c_total"), one).Add(0, 5)
	if f := read(t, s.Stats().Path); f.counter("c_total") != 5 || f.live != 1 {
		t.Errorf("%d, %d live", f.counter("c_total"), f.live)
	}
	t.Logf("held %d bytes when it was full, %d after", held, s.Stats().Bytes)
}

func TestMaxBytes(t *testing.T) {
	const most = 200 << 10
	s := openStore(t, memoryDir(t), Options{MaxBytes: most})
	n := 0
	for ; ; n++ {
		if _, err := s.Alloc(counter(fmt.Sprint("c", n)), shard.Layout{Words: 10}); err != nil {
			if !errors.Is(err, ErrNoSpace) || !strings.Contains(err.Error(), "MaxBytes") {
				t.Errorf("%v", err)
			}
			break
		}
	}
	if st := s.Stats(); st.Bytes > most || st.Bytes < most/2 {
		t.Errorf("%d bytes after %d slabs, where %d are allowed", st.Bytes, n, most)
	}
	if f := read(t, s.Stats().Path); f.live != n {
		t.Errorf("%d live of %d", f.live, n)
	}
	if _, err := Open(memoryDir(t), Options{MaxBytes: 4096}); !errors.Is(err, ErrNoSpace) {
		t.Errorf("4096 bytes: %v", err)
	}
}

func TestDirectories(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	gone := memoryDir(t)
	s := openStore(t, gone, Options{})
	c := alloc(t, s, counter("c_total"), one)
	os.RemoveAll(gone)
	everywhere(c, 2, 100)
	for i := range 2000 { // the file has no name any more, but grows
		alloc(t, s, counter(fmt.Sprint("c", i)), one)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		dir  string
		o    Options
		want error
		text string
	}{
		{file, Options{}, nil, "not a directory"},
		{gone, Options{}, fs.ErrNotExist, gone},
		{gone, Options{Slot: "a"}, fs.ErrNotExist, gone},
		{t.TempDir(), Options{Slot: "a/b"}, nil, "a/b"},
		{t.TempDir(), Options{Slot: strings.Repeat("a", 129)}, nil, "129"},
		{t.TempDir(), Options{Mode: fs.ModeSetuid}, nil, "permissions"},
		{t.TempDir(), Options{Mode: 0o400}, nil, "owner"},
		{t.TempDir(), Options{MaxBytes: -1}, nil, "-1"},
		{"/proc/self", Options{RequireMemory: true}, ErrNotMemory, "0x9fa0"},
		{"/proc/self", Options{}, nil, "/proc/self"},
	} {
		_, err := Open(c.dir, c.o)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || !strings.HasPrefix(err.Error(), "mmap: ") {
			t.Errorf("%s, %+v: %v", c.dir, c.o, err)
		}
	}
}

func TestReadOnlyFileSystem(t *testing.T) {
	dir := mount(t, "ro")
	if _, err := Open(dir, Options{}); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
}

func TestMode(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o777))
	for _, c := range []struct{ mode, want fs.FileMode }{{0, 0o600}, {0o640, 0o640}, {0o666, 0o666}} {
		s := openStore(t, memoryDir(t), Options{Mode: c.mode})
		if info, err := os.Stat(s.Stats().Path); err != nil || info.Mode() != c.want {
			t.Errorf("mode %v became %v, %v", c.mode, info.Mode(), err)
		}
	}
}

// The kernel keeps a lock for as long as there is a mapping of the file. So Close
// lets go of it in so many words, for handles keep the mappings.
func TestCloseUnlocks(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	c := alloc(t, s, counter("c_total"), one)
	f, err := os.Open(s.Stats().Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if held, err := lock.Held(f); err != nil || !held {
		t.Errorf("open, and held %v, %v", held, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if held, err := lock.Held(f); err != nil || held {
		t.Errorf("closed, and held %v, %v", held, err)
	}
	c.Add(0, 1)
}

// Mappings go when nothing leads to them: not before, and not never.
func TestUnmapped(t *testing.T) {
	dir := memoryDir(t)
	mapped := func() int {
		text, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), dir)
	}
	s := openStore(t, dir, Options{})
	kept := alloc(t, s, counter("c_total"), one)
	alloc(t, s, counter("g"), shared)
	want := 3 // head, directory, a chunk of the shared stripe
	if shard.Stripes() > 0 {
		want++ // and one that has others
	}
	if n := mapped(); n != want {
		t.Fatalf("%d mappings, want %d", n, want)
	}
	s.Close()
	awaitMapped(t, mapped, 1) // the chunk that kept is in
	inc(kept)
	if kept.Sum(0) != 1 {
		t.Error("the handle's memory is not there")
	}
	runtime.KeepAlive(kept)
	awaitMapped(t, mapped, 0)
	lose(t, dir) // a store that nobody closes
	awaitMapped(t, mapped, 0)
}

func lose(t *testing.T, dir string) {
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	alloc(t, s, counter("c_total"), one)
}

func awaitMapped(t *testing.T, mapped func() int, want int) {
	t.Helper()
	for range 1000 {
		runtime.GC()
		if mapped() == want {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d mappings, want %d", mapped(), want)
}

// child runs one test of this binary alone, as another user or under a limit.
func child(t *testing.T, test, env string, attr *syscall.SysProcAttr) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+test+"$", "-test.v")
	cmd.Env = append(os.Environ(), env, "TMPDIR="+os.TempDir())
	cmd.SysProcAttr = attr
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("child: %v\n%s", err, out)
	}
	return string(out)
}

const limitEnv = "PAWL_TEST_LIMIT"

// Limits of the process: an error that names the limit, and no signal.
func TestProcessLimits(t *testing.T) {
	if dir := os.Getenv(limitEnv); dir != "" {
		underLimits(t, dir)
		return
	}
	out := child(t, "TestProcessLimits", limitEnv+"="+memoryDir(t), nil)
	if !strings.Contains(out, "limits held") {
		t.Errorf("child said\n%s", out)
	}
}

func underLimits(t *testing.T, dir string) {
	s := openStore(t, dir, Options{})
	c := alloc(t, s, counter("c_total"), one)
	limit(t, unix.RLIMIT_FSIZE, uint64(s.Stats().Length)+3*65536)
	n := 0
	for ; ; n++ {
		if _, err := s.Alloc(counter(fmt.Sprint("c", n)), shard.Layout{Words: 500, Shared: true}); err != nil {
			if !errors.Is(err, ErrNoSpace) || !strings.Contains(err.Error(), "RLIMIT_FSIZE") {
				t.Errorf("past the limit: %v", err)
			}
			break
		}
	}
	if n < 16 {
		t.Errorf("%d slabs: fewer than a chunk's", n)
	}
	everywhere(c, 4, 100)
	if f := read(t, s.Stats().Path); f.counter("c_total") != 400 || f.live != n+1 {
		t.Errorf("%d counted, %d live", f.counter("c_total"), f.live)
	}
	limit(t, unix.RLIMIT_FSIZE, 65536)
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNoSpace) || !strings.Contains(err.Error(), "RLIMIT_FSIZE") {
		t.Errorf("Open past the limit: %v", err)
	}
	limit(t, unix.RLIMIT_FSIZE, unix.RLIM_INFINITY)

	var open []*os.File
	limit(t, unix.RLIMIT_NOFILE, 64)
	for {
		f, err := os.Open("/dev/null")
		if err != nil {
			break
		}
		open = append(open, f)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("without descriptors: %v", err)
	}
	alloc(t, s, counter("another_total"), one)
	for _, f := range open {
		f.Close()
	}
	openStore(t, dir, Options{})
	fmt.Println("limits held")
}

// limit sets a soft limit.
func limit(t *testing.T, which int, n uint64) {
	t.Helper()
	var l unix.Rlimit
	if err := unix.Getrlimit(which, &l); err != nil {
		t.Fatal(err)
	}
	l.Cur = min(n, l.Max)
	if err := unix.Setrlimit(which, &l); err != nil {
		t.Fatal(err)
	}
}

const nobodyEnv = "PAWL_TEST_NOBODY"

// A directory and files that belong to somebody else.
func TestPermissions(t *testing.T) {
	if dir := os.Getenv(nobodyEnv); dir != "" {
		for _, c := range []struct {
			dir string
			o   Options
		}{{dir, Options{}}, {filepath.Join(dir, "closed"), Options{}}, {filepath.Join(dir, "open"), Options{Slot: "theirs"}}} {
			if _, err := Open(c.dir, c.o); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), c.dir) {
				t.Errorf("%s: %v", c.dir, err)
			}
		}
		openStore(t, filepath.Join(dir, "open"), Options{Slot: "ours"})
		fmt.Println("permissions held")
		return
	}
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: permissions, which needs a second user and so root")
	}
	dir := memoryDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{"closed": 0o700, "open": 0o777} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	openStore(t, filepath.Join(dir, "open"), Options{Slot: "theirs"}).Close()
	const nobody = 65534
	out := child(t, "TestPermissions", nobodyEnv+"="+dir, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}})
	if !strings.Contains(out, "permissions held") {
		t.Errorf("child said\n%s", out)
	}
}

// Fields of /proc are found behind any program name.
func TestIdentity(t *testing.T) {
	if bootID() == [16]byte{} || startTicks() == 0 {
		t.Errorf("boot id %x, started at %d", bootID(), startTicks())
	}
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), fmt.Sprintf(" %d ", startTicks())) {
		t.Errorf("started at %d, and /proc says %s", startTicks(), text)
	}
}
