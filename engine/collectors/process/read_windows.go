package process

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var quantities = []Quantity{CPU, OpenFiles, MaxFiles, VirtualMemory, ResidentMemory, StartTime}

// maxHandles is the limit that Windows has for all processes.
const maxHandles = 16 << 20

func supported(string) bool { return true }

func (r reader) read(_ string, pid int) {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_INFORMATION|windows.PROCESS_VM_READ, false, uint32(pid))
	if err != nil {
		r.number(Whole, 0, err)
		return
	}
	defer windows.CloseHandle(h)
	r.times(h)
	r.memory(h)
	var handles uint32
	err = call(getProcessHandleCount, uintptr(h), uintptr(unsafe.Pointer(&handles)))
	r.numbers(OpenFiles, float64(handles), MaxFiles, maxHandles, err)
}

func (r reader) times(h windows.Handle) {
	var start, exit, kernel, user windows.Filetime
	err := windows.GetProcessTimes(h, &start, &exit, &kernel, &user)
	r.numbers(CPU, seconds(kernel)+seconds(user), StartTime, float64(start.Nanoseconds())/1e9, err)
}

// seconds returns a length of time; as a Filetime it is in steps of 100 nanoseconds.
func seconds(t windows.Filetime) float64 {
	return float64(uint64(t.HighDateTime)<<32|uint64(t.LowDateTime)) / 1e7
}

// memoryCounters is PROCESS_MEMORY_COUNTERS_EX of psapi.h.
type memoryCounters struct {
	size, pageFaults           uint32
	peakWorkingSet, workingSet uintptr
	_                          [4]uintptr // pools
	_                          [2]uintptr // page file
	private                    uintptr
}

func (r reader) memory(h windows.Handle) {
	var m memoryCounters
	m.size = uint32(unsafe.Sizeof(m))
	err := call(getProcessMemoryInfo, uintptr(h), uintptr(unsafe.Pointer(&m)), unsafe.Sizeof(m))
	r.numbers(VirtualMemory, float64(m.private), ResidentMemory, float64(m.workingSet), err)
}

var (
	getProcessMemoryInfo  = windows.NewLazySystemDLL("psapi.dll").NewProc("GetProcessMemoryInfo")
	getProcessHandleCount = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetProcessHandleCount")
)

// call calls a function that returns 0 where it fails. A system that does not have it
// is an error too.
//
//go:uintptrescapes
func call(p *windows.LazyProc, args ...uintptr) error {
	if err := p.Find(); err != nil {
		return err
	}
	if ok, _, err := p.Call(args...); ok == 0 {
		return err
	}
	return nil
}
