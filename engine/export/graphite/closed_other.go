//go:build !linux

package graphite

import "net"

// closedFirst cannot tell here.
func closedFirst(net.Conn) bool { return false }
