//go:build tools

package thirdparty

// What the tests of the modules import, and those here do not.
import (
	_ "github.com/grpc-ecosystem/go-grpc-middleware/v2/testing/testpb"
	_ "github.com/stretchr/testify/require"
	_ "github.com/stvp/go-udp-testing"
)
