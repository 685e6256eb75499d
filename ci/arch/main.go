// Command arch prints what it runs on: the proof that a step of ci/run ran where
// its name says, and the way to find out whether this machine can.
package main

import (
	"fmt"
	"runtime"
	"strconv"
)

func main() {
	fmt.Printf("running on %s/%s, words of %d bits\n", runtime.GOOS, runtime.GOARCH, strconv.IntSize)
}
