package clientpython

import "golang.org/x/sys/unix"

// writers asks the kernel who has a file open for writing. It grants a read lease only
// if nobody has; a mapping counts, whether or not its descriptor has been closed, and
// so does a process in another container. The lease stays until f is closed: until then
// nobody can open the file for writing without waiting, which leased tells.
//
// A lease is for the file's owner and for root, and for file systems that are of this
// machine alone. Its holder is sent a signal when somebody waits: not SIGIO, which ends a
// process that has no handler for it, but SIGURG, which is ignored.
func writers(f file) writing {
	fd := uintptr(f.(descriptor))
	if _, err := unix.FcntlInt(fd, unix.F_SETSIG, int(unix.SIGURG)); err != nil {
		return unknown
	}
	switch _, err := unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK); err {
	case nil:
		return none
	case unix.EAGAIN:
		return some
	}
	return unknown
}

// leased says whether the lease that writers took is as it was: nobody waits to open
// the file.
func leased(f file) bool {
	kind, err := unix.FcntlInt(uintptr(f.(descriptor)), unix.F_GETLEASE, 0)
	return err == nil && kind == unix.F_RDLCK
}
