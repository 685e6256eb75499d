//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// parent runs the workers.
type parent struct {
	workers int
	life    time.Duration

	dir, ledgers string

	mu     sync.Mutex
	kills  int
	closed []*ledger // of every worker there was
}

// run keeps the workers running for so long, and proves the totals.
func (p *parent) run(ctx context.Context, dir string, duration time.Duration) error {
	clean, err := p.prepare(dir)
	if err != nil {
		return err
	}
	defer clean()
	ctx, stop := context.WithTimeout(ctx, duration)
	defer stop()
	w, err := newWatch(p.dir)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, p.workers)
	for i := range p.workers {
		wg.Go(func() { errs[i] = p.keep(ctx) })
	}
	scrapes, err := w.until(ctx)
	stop()
	wg.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	return p.prove(w, scrapes)
}

// prepare makes the directories. Memory is the place to record in: see package mmap.
func (p *parent) prepare(dir string) (clean func(), err error) {
	base := dir
	if base == "" {
		home := ""
		if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
			home = "/dev/shm"
		}
		if base, err = os.MkdirTemp(home, "pawl-workers-"); err != nil {
			return nil, err
		}
	}
	p.dir = base
	if p.ledgers, err = os.MkdirTemp("", "pawl-ledgers-"); err != nil {
		return nil, err
	}
	return func() {
		os.RemoveAll(p.ledgers)
		if dir == "" {
			os.RemoveAll(base)
		}
	}, nil
}

// keep starts a worker, kills it without warning after a while, and starts the next.
func (p *parent) keep(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		path, book, err := p.newLedger()
		if err != nil {
			return err
		}
		worker := exec.Command(self, "-dir", p.dir, "-ledger", path)
		worker.Stderr = os.Stderr
		if err := worker.Start(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.life/2 + rand.N(p.life)):
		}
		worker.Process.Kill() // SIGKILL: nothing in the worker runs any more
		if err := worker.Wait(); err != nil && worker.ProcessState.ExitCode() > 0 {
			return fmt.Errorf("a worker failed by itself: %w", err)
		}
		p.mu.Lock()
		p.kills++
		p.closed = append(p.closed, book)
		p.mu.Unlock()
	}
	return nil
}

func (p *parent) newLedger() (path string, book *ledger, err error) {
	f, err := os.CreateTemp(p.ledgers, "ledger-"+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", nil, err
	}
	f.Close()
	book, err = openLedger(f.Name())
	return filepath.Clean(f.Name()), book, err
}

// prove compares the last scrape with the ledgers: nothing is lost, and at most the
// one operation that each goroutine was at when it was killed has been counted and not
// yet written down.
func (p *parent) prove(w *watch, scrapes int) error {
	got, err := w.scrape()
	if err != nil {
		return err
	}
	var want totals
	for _, book := range p.closed {
		want.add(book.total())
	}
	slack := uint64(p.kills * goroutines)
	names, _ := os.ReadDir(p.dir)
	fmt.Printf("%d workers were killed, %d scrapes were served, %d files are left\n", p.kills, scrapes, len(names))
	for _, c := range []struct {
		what      string
		got, want uint64
	}{
		{"GET requests", got.gets, want.gets},
		{"POST requests", got.posts, want.posts},
		{"observations", got.observations, want.observations},
	} {
		fmt.Printf("%-14s %12d done, %12d counted\n", c.what, c.want, c.got)
		if c.got < c.want || c.got > c.want+slack {
			return fmt.Errorf("%s: %d were done and %d counted; %d more would be in order", c.what, c.want, c.got, slack)
		}
	}
	if want.gets == 0 || p.kills == 0 {
		return fmt.Errorf("nothing was proved: %d operations, %d kills", want.gets, p.kills)
	}
	fmt.Println("nothing was lost")
	return nil
}
