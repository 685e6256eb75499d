package process

// Quantity says what a number of a process is.
type Quantity uint8

// The quantities.
const (
	Whole          Quantity = iota // none: what is said is of the process, say that there is none
	CPU                            // time in user mode and in the kernel, in seconds
	VirtualMemory                  // size of the address space in bytes
	ResidentMemory                 // of it in memory, in bytes
	StartTime                      // in Unix time
	OpenFiles                      // descriptors, or handles
	MaxFiles                       // limit of these
	MaxMemory                      // limit of the address space in bytes
	Received                       // bytes, by all processes of the network namespace
	Transmitted                    // the same, sent
	NumQuantities
)

// Number is one number of a process, or why it cannot be read. An error of a file that
// has several numbers comes once, with the first of them.
type Number struct {
	Of    Quantity
	Value float64
	Err   error
}

// Read reads what the kernel says about the process now and calls each with every
// number. A process that cannot be watched at all is one Number, of Whole, with an
// error.
func (c *Collector) Read(each func(Number)) {
	pid, err := c.pid()
	if err != nil {
		each(Number{Err: err})
		return
	}
	r := reader{each}
	r.read(c.root, pid)
}

// Supported says whether there is anything to read on this system.
func (c *Collector) Supported() bool { return supported(c.root) }

// Quantities are those that this system can tell.
func (c *Collector) Quantities() []Quantity { return quantities }

// reader hands numbers on.
type reader struct{ each func(Number) }

// number hands on a number, or the error in its place.
func (r reader) number(of Quantity, v float64, err error) {
	if err != nil {
		v = 0
	}
	r.each(Number{of, v, err})
}

// numbers hands on two numbers of one source.
func (r reader) numbers(a Quantity, va float64, b Quantity, vb float64, err error) {
	r.number(a, va, err)
	if err == nil {
		r.number(b, vb, nil)
	}
}
