package fuzz

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"runtime"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
)

// One P, because the sum of float64s depends on their order, and a registry adds
// what each P has recorded: on one P that is the order of the program. What
// many Ps do to each other is for the stress tests of engine and shard.
func TestMain(m *testing.M) {
	runtime.GOMAXPROCS(1)
	os.Exit(m.Run())
}

// FuzzText runs a program on a registry and a model of it, and reads the text
// exposition back with three parsers. See README.md for all that it checks.
func FuzzText(f *testing.F) {
	for _, s := range textSeeds() {
		f.Add(s.bytes)
	}
	f.Fuzz(func(t *testing.T, data []byte) { runShrunk(t, data, checkText, Transcript) })
}

func checkText(data []byte) error {
	w, err := Run(data)
	if err != nil {
		return err
	}
	if err := w.checkReaders(); err != nil {
		return err
	}
	w.Calm()
	return w.checkSteady(uint16(crc32.ChecksumIEEE(data)))
}

// checkReaders scrapes once and has all parsers read it: invariants 1, 8, 10, 11, 16
// and 17 of the reference's section 7, and 7 in the strict reader.
func (w *World) checkReaders() error {
	prefix := []byte("what the caller had already\n")
	text, ok := bytes.CutPrefix(w.Reg.AppendText(append(w.text[:0], prefix...)), prefix)
	if !ok {
		return fmt.Errorf("AppendText changed what it was to append to")
	}
	want := w.Model.Scrape()
	for _, r := range TextReaders {
		if err := r.Check(text, want); err != nil {
			return err
		}
	}
	if got, want := w.Reg.Dropped(), w.Model.Dropped(); got != want {
		return fmt.Errorf("reg.Dropped() = %d after a scrape, want %d", got, want)
	}
	list, err := ReadStrict(text)
	if err != nil {
		return err
	}
	return checkHistograms(list)
}

// checkHistograms asks of the document what must be so whatever was recorded. The
// model says the same, but it could be wrong in the way that the engine is.
func checkHistograms(list []Family) error {
	for _, f := range list {
		last := -1.0
		for i, s := range f.Samples {
			switch {
			case s.Name == f.Name+"_bucket":
				if s.Value < last {
					return fmt.Errorf("%v is less than the bucket before it", &s)
				}
				last = s.Value
			case s.Name == f.Name+"_count" && f.Type == "histogram":
				inf := &f.Samples[i-2]
				if s.Value != inf.Value || inf.label("le") != "+Inf" {
					return fmt.Errorf("%v does not agree with %v", &s, inf)
				}
				last = -1
			}
		}
	}
	return nil
}

// checkSteady checks what holds while nothing changes: invariants 18, 19 and 21. cut
// is anywhere.
func (w *World) checkSteady(cut uint16) error {
	text := w.Reg.AppendText(nil)
	if err := TextReaders[0].Check(text, w.Model.Scrape()); err != nil {
		return err
	}
	if again := w.Reg.AppendText(w.text[:0]); !bytes.Equal(again, text) {
		return fmt.Errorf("two expositions of one registry differ:\n%.2000q\n%.2000q", text, again)
	}
	return w.checkWriting(engine.ExpositionOptions{}, text, int(cut)%len(text))
}

// checkWriting writes an exposition, which is text, into what has room for cut bytes
// of it, and into other things.
func (w *World) checkWriting(o engine.ExpositionOptions, text []byte, cut int) error {
	if err := w.checkRoom(o, text, cut); err != nil {
		return err
	}
	if err := checkWriters(w.Reg, o, text, cut); err != nil {
		return err
	}
	return w.checkAllocations(o, text)
}

// checkAllocations tries a few times, because it counts what other goroutines
// allocate too, those of the fuzzing machinery among them.
func (w *World) checkAllocations(o engine.ExpositionOptions, text []byte) (err error) {
	for range 5 {
		n := testing.AllocsPerRun(5, func() { text = w.Reg.AppendExposition(text[:0], o) })
		if n == 0 {
			return nil
		}
		err = fmt.Errorf("a scrape of an unchanged registry allocates %v times", n)
	}
	return err
}

// checkRoom appends to slices that have too little room, or just enough, and looks
// behind them: the encoder writes ahead of what it appends.
func (w *World) checkRoom(o engine.ExpositionOptions, text []byte, cut int) error {
	for _, room := range []int{0, cut, len(text) - 1, len(text)} {
		memory := bytes.Repeat([]byte{'!'}, room+64)
		got := w.Reg.AppendExposition(memory[:0:room], o)
		if !bytes.Equal(got, text) {
			return fmt.Errorf("with room for %d bytes the exposition is another: %.2000q", room, got)
		}
		if behind := memory[room:]; bytes.Count(behind, []byte{'!'}) != len(behind) {
			return fmt.Errorf("with room for %d bytes something was written behind it", room)
		}
	}
	return nil
}
