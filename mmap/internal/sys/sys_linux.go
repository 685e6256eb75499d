package sys

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Allocate makes sure that part of a file, in which nothing has been written, has
// disk space. It fails with ENOSPC rather than let a store to a mapping do so, by
// SIGBUS.
func Allocate(f *os.File, offset, size int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, offset, size)
		switch {
		case err == nil:
			return nil
		case err == unix.EINTR: // a signal, the scheduler's own for instance
		case errors.Is(err, unix.EOPNOTSUPP), err == unix.ENOSYS:
			return writeZeros(f, offset, size)
		default:
			return fmt.Errorf("allocate %d bytes of disk space: %w", size, err)
		}
	}
}

// Prefault makes pages of a mapping present and writable, so that the first store to
// each does not fault. What would have been SIGBUS is an error here. Kernels
// before 5.14 do nothing.
func Prefault(mem []byte) error {
	for {
		err := unix.Madvise(mem, unix.MADV_POPULATE_WRITE)
		switch err {
		case nil, unix.EINVAL:
			return nil
		case unix.EINTR, unix.EAGAIN:
		default:
			return fmt.Errorf("prefault %d bytes of a mapped file: %w", len(mem), err)
		}
	}
}

// RenameNew renames a file, and fails with EEXIST rather than replace one.
func RenameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if err == unix.EINVAL || err == unix.ENOSYS { // not on this file system, or kernel
		return linkNew(from, to)
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// The file systems that matter, by the magic numbers of statfs(2).
var fileSystems = map[uint32]FileSystem{
	0x01021994: {Name: "tmpfs", Memory: true},
	0x858458f6: {Name: "ramfs", Memory: true},
	0x0000ef53: {Name: "ext4"},
	0x58465342: {Name: "xfs"},
	0x9123683e: {Name: "btrfs"},
	0x794c7630: {Name: "overlay"},
	0x2fc12fc1: {Name: "zfs"},
	0xf2f52010: {Name: "f2fs"},
	0x00006969: {Name: "nfs", Network: true},
	0x0000517b: {Name: "smb", Network: true},
	0xff534d42: {Name: "cifs", Network: true},
	0xfe534d42: {Name: "smb2", Network: true},
	0x0000564c: {Name: "ncp", Network: true},
	0x5346414f: {Name: "afs", Network: true},
	0x6b414653: {Name: "kafs", Network: true},
	0x73757245: {Name: "coda", Network: true},
	0x00c36400: {Name: "ceph", Network: true},
	0x01021997: {Name: "9p", Network: true},
	0x01161970: {Name: "gfs2", Network: true},
	0x7461636f: {Name: "ocfs2", Network: true},
	0x0bd00bd0: {Name: "lustre", Network: true},
	0x47504653: {Name: "gpfs", Network: true},
	0x19830326: {Name: "beegfs", Network: true},
	0xaad7aaea: {Name: "panfs", Network: true},
	0x786f4256: {Name: "vboxsf", Network: true},
	0xbacbacbc: {Name: "vmhgfs", Network: true},
	0x65735546: {Name: "fuse", Network: true}, // sshfs, glusterfs, virtiofs, s3fs: nobody can tell
}

// FileSystemOf says what an open directory is on.
func FileSystemOf(dir *os.File) (FileSystem, error) {
	var st unix.Statfs_t
	for {
		err := unix.Fstatfs(int(dir.Fd()), &st)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return FileSystem{}, &os.PathError{Op: "statfs", Path: dir.Name(), Err: err}
		}
		break
	}
	fs, known := fileSystems[uint32(st.Type)]
	if !known {
		fs.Name = fmt.Sprintf("%#x", uint32(st.Type))
	}
	return fs, nil
}
