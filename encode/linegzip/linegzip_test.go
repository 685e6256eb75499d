package linegzip

import (
	"bytes"
	stdgzip "compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// unpack has two independent readers unpack b, and insists that nothing is left.
func unpack(t testing.TB, b []byte) []byte {
	t.Helper()
	in := bytes.NewReader(b)
	std, err := stdgzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	std.Multistream(false)
	text, err := io.ReadAll(std)
	if err != nil {
		t.Fatal(err)
	}
	if in.Len() > 0 {
		t.Fatalf("%d bytes follow the member", in.Len())
	}
	other, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	again, err := io.ReadAll(other)
	if err != nil || !bytes.Equal(text, again) {
		t.Fatalf("the two readers differ: %v", err)
	}
	return text
}

// check compresses body with a used encoder and with a new one.
func check(t testing.TB, e *Encoder, body []byte) []byte {
	t.Helper()
	packed := e.AppendGzip([]byte("before"), body)
	packed, ok := bytes.CutPrefix(packed, []byte("before"))
	if !ok {
		t.Fatal("what was in dst is gone")
	}
	if text := unpack(t, packed); !bytes.Equal(text, body) {
		t.Fatalf("%d bytes became %d others", len(body), len(text))
	}
	if fresh := new(Encoder).AppendGzip(nil, body); !bytes.Equal(fresh, packed) {
		t.Fatal("the result depends on what was compressed before")
	}
	if most := len(body) + 5*(len(body)/maxStored+len(body)/blockSize+2) + 18; len(packed) > most {
		t.Fatalf("%d bytes became %d", len(body), len(packed))
	}
	return packed
}

func TestBodies(t *testing.T) {
	var e Encoder
	for name, body := range bodies() {
		packed := check(t, &e, body)
		if len(packed) > len(body)/4 {
			t.Errorf("%s: %d bytes became %d", name, len(body), len(packed))
		}
	}
}

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(3, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// hostile bodies are those in which nothing is as the encoder expects it.
func hostile() map[string][]byte {
	long := strings.Repeat("a very long line without an end, ", 3000)
	return map[string][]byte{
		"empty": nil, "newline": []byte("\n"), "newlines": bytes.Repeat([]byte("\n"), 100_000),
		"quotes": bytes.Repeat([]byte(`"`), 100_000), "zeros": make([]byte, 3*blockSize),
		"noise": noise(3*blockSize + 17), "noise of a block": noise(blockSize), "one more": noise(blockSize + 1),
		"stored": noise(maxStored), "one stored more": noise(maxStored + 1),
		"long lines":           []byte(long + "\n" + long + "\n" + long),
		"long noise, repeated": bytes.Repeat(noise(40_000), 4), "noise within the window": bytes.Repeat(noise(window), 4),
		"just outside": bytes.Repeat(noise(window+1), 4), "text, then noise": append(counters(9000, 1), noise(blockSize)...),
		"noise, then text":      append(noise(blockSize), counters(9000, 1)...),
		"quotes out of reach":   []byte(strings.Repeat(`a="`+strings.Repeat("x", window)+`"`+"\n", 4)),
		"zeros behind a block":  append(counters(9000, 1)[:blockSize-5], make([]byte, 5+100)...),
		"noise lines":           bytes.ReplaceAll(noise(100_000), []byte{'7'}, []byte("\n")),
		"digits":                []byte(strings.Repeat("0123456789", 10_000)),
		"same line":             []byte(strings.Repeat(`a_total{b="c"} 1`+"\n", 10_000)),
		"utf-8":                 []byte(strings.Repeat(`größe_total{stadt="東京"} 1`+"\n", 1000)),
		"every byte, rare ones": append(counters(5000, 1), []byte("\x00\x01\xfe\xff€")...),
	}
}

func TestHostileBodies(t *testing.T) {
	var e Encoder
	for name, body := range hostile() {
		t.Run(name, func(t *testing.T) { check(t, &e, body) })
	}
}

// Every length, so that each end falls on each place of a word.
func TestLengths(t *testing.T) {
	var e Encoder
	text, random, same := page(20, 1), noise(1000), bytes.Repeat([]byte("ab"), 500)
	for n := range 601 {
		for _, b := range [][]byte{text, random, same} {
			check(t, &e, b[:n])
		}
	}
}

// Lengths around the edges of chunks and blocks, with matches that go over them.
func TestEdges(t *testing.T) {
	var e Encoder
	text, same := counters(20_000, 1), bytes.Repeat([]byte("ab"), blockSize)
	for _, edge := range []int{chunkSize, 2 * chunkSize, blockSize, blockSize + chunkSize} {
		for n := edge - slack - 5; n <= edge+slack+5; n += 3 {
			check(t, &e, text[:n])
			check(t, &e, same[:n])
		}
	}
}

// Matches of every length at every small distance, and at the ends of the window.
func TestMatches(t *testing.T) {
	var e Encoder
	random := noise(70_000)
	for length := range 300 {
		var b []byte
		for distance := 1; distance <= 70; distance += 3 {
			b = append(append(b, '\n'), random[distance:][:distance]...)
			for range length {
				b = append(b, b[len(b)-distance])
			}
		}
		check(t, &e, b)
	}
	for distance := window - 20; distance < window+20; distance++ {
		check(t, &e, append(append(bytes.Clone(random[:distance]), random[:300]...), random[:distance]...))
	}
}

// A match longer than one code can say, in every remainder.
func TestCut(t *testing.T) {
	for l := shortest; l < 3000; l++ {
		for left := l; left > 0; left -= cut(left) {
			if p := cut(left); p < shortest || p > longest {
				t.Fatalf("%d is cut into %d", l, p)
			}
		}
	}
}

func TestSymbols(t *testing.T) {
	next := 1
	for symbol := range uint(distanceSymbols) {
		for extra := uint64(0); ; extra++ {
			s, n, x := distanceOf(uint16(next))
			if s != symbol || x != extra {
				t.Fatalf("distance %d: symbol %d, %d bits %d", next, s, n, x)
			}
			next++
			if extra == 1<<n-1 {
				break
			}
		}
	}
	if next != window+1 {
		t.Errorf("the symbols reach to %d", next-1)
	}
	if s := lengthOf[longest-1]; s.symbol != 27 || s.extra != 30 || lengthOf[longest].symbol != 28 || lengthOf[shortest].symbol != 0 {
		t.Error(s, lengthOf[longest], lengthOf[shortest])
	}
}

// Codes are complete and within their limit, however uneven the counts are.
func TestCodes(t *testing.T) {
	var b builder
	for _, limit := range []int{runLimit, distanceLimit, literalLimit} {
		for n := 2; n <= min(1<<limit, literalSymbols); n++ {
			counts := make([]uint32, n)
			fib, next := uint32(1), uint32(1)
			for i := range counts {
				counts[i] = fib
				if next < 1<<23 {
					fib, next = next, fib+next
				}
			}
			codes := make([]code, n)
			b.assign(codes, counts, limit)
			sum := 0
			for _, c := range codes {
				if c.n == 0 || int(c.n) > limit {
					t.Fatalf("%d symbols: a code of %d bits, limit %d", n, c.n, limit)
				}
				sum += 1 << (limit - int(c.n))
			}
			if sum != 1<<limit {
				t.Fatalf("%d symbols, limit %d: not a complete code", n, limit)
			}
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	var e Encoder
	var dst []byte
	for name, body := range bodies() {
		dst = e.AppendGzip(dst[:0], body)
		if n := testing.AllocsPerRun(3, func() { dst = e.AppendGzip(dst[:0], body) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzAppendGzip(f *testing.F) {
	for _, body := range hostile() {
		f.Add(body[:min(len(body), 1000)], uint16(len(body)))
	}
	f.Add(page(10, 1), uint16(40_000))
	f.Add(counters(10, 1), uint16(0))
	f.Add(openMetrics(5, 1), uint16(33_000))
	var e Encoder
	// The input is also seen behind itself, at a distance.
	f.Fuzz(func(t *testing.T, body []byte, gap uint16) {
		check(t, &e, body)
		check(t, &e, slices.Concat(body, bytes.Repeat([]byte("\nabc"), int(gap)/4), body, body))
	})
}

func ExampleEncoder_AppendGzip() {
	var e Encoder
	packed := e.AppendGzip(nil, []byte("# TYPE requests_total counter\nrequests_total 17\n"))
	z, _ := gzip.NewReader(bytes.NewReader(packed))
	text, _ := io.ReadAll(z)
	fmt.Printf("%s", text)
	// Output:
	// # TYPE requests_total counter
	// requests_total 17
}
