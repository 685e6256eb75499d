// Package peer starts the programs that tests talk to: gateways, carbon, databases, as
// Debian packages them. Only tests import it.
package peer

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// Start runs a program until the test ends. Where it is not installed the test is
// skipped, and says which Debian package has it.
func Start(t *testing.T, debian, program string, args ...string) *Process {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("NOT RUN: there is no %s (Debian: %s)", program, debian)
	}
	p := &Process{cmd: exec.Command(path, args...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", program, p.log.String())
		}
	})
	return p
}

// Process is a running peer.
type Process struct {
	cmd  *exec.Cmd
	log  log
	once sync.Once
}

// Kill ends it at once, as a crash would.
func (p *Process) Kill() {
	p.once.Do(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
}

// log is what a process says.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Free returns an address of this machine on which nobody listens.
func Free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Wait waits until ok says yes, and fails the test if that takes too long.
func Wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s in a minute", what)
		}
	}
}

// Listening says whether somebody does at an address.
func Listening(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// Get returns the body of an answer with status 200.
func Get(t *testing.T, url string) string {
	t.Helper()
	text, err := get(url)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Ready waits until a URL is answered with status 200.
func Ready(t *testing.T, url string) {
	t.Helper()
	Wait(t, "answer from "+url, func() bool { _, err := get(url); return err == nil })
}

func get(url string) (string, error) {
	answer, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, answer.Status, text)
	}
	return string(text), err
}
