package graphite

import (
	"encoding/binary"
	"net"
	"syscall"
)

// Of the states of a TCP connection (RFC 9293, 3.3.2; numbers as in Linux' tcp_states.h)
// those in which the other side has closed first, or at the same time.
const (
	stateCloseWait = 8
	stateLastAck   = 9
	stateClosing   = 11
)

// closedFirst says whether the other side closed the connection before it had our end
// of it. Reading does not tell: to it both are the end of the stream, also if what we
// wrote later was answered with a reset. The kernel knows. The state is the first byte
// of struct tcp_info.
func closedFirst(conn net.Conn) (first bool) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) {
		info, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_INFO)
		var bytes [4]byte
		binary.NativeEndian.PutUint32(bytes[:], uint32(info))
		state := bytes[0]
		first = err == nil && (state == stateCloseWait || state == stateLastAck || state == stateClosing)
		pending, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
		first = first || err == nil && pending != 0
	})
	return first
}
