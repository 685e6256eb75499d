package engine

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

func hashOf(h hasher, values ...string) uint64 {
	return h.hash(unsafe.Pointer(unsafe.SliceData(values)))
}

// The hash depends on every byte and on the length, at every length, and not on
// where the string stands or what stands beside it.
func TestHashSeesEveryByte(t *testing.T) {
	h := newHasher(1)
	mixed := h // the same secrets, by the way that structs with integers take
	mixed.strings = 0
	digits := strings.Repeat("0123456789abcdef", 8)
	for n := range 100 {
		s := digits[:n]
		base := hashOf(h, s)
		if hashOf(mixed, s) != base {
			t.Errorf("length %d: the two ways differ", n)
		}
		for i := range n {
			changed := []byte(s)
			changed[i] ^= 1
			if hashOf(h, string(changed)) == base {
				t.Errorf("length %d: byte %d is not seen", n, i)
			}
		}
		if hashOf(h, s+"\x00") == base || hashOf(h, "\x00"+s) == base {
			t.Errorf("length %d: a zero more is not seen", n)
		}
		for at := range 9 {
			moved := strings.Repeat("#", at) + s + "#"
			if hashOf(h, moved[at:at+n]) != base {
				t.Errorf("length %d at %d: another hash", n, at)
			}
		}
	}
}

func TestHashesTellLookalikesApart(t *testing.T) {
	h := newHasher(2)
	seen := map[uint64][]string{}
	add := func(values ...string) {
		x := hashOf(h, values...)
		if x < live {
			t.Errorf("hash %x of %q has no top bit", x, values)
		}
		if was, ok := seen[x]; ok {
			t.Errorf("%q and %q have one hash", was, values)
		}
		seen[x] = values
	}
	add("77kepQFQ8Kl", "")
	add("!0IC=VloaY", "")
	add("", "77kepQFQ8Kl")
	add("", "!0IC=VloaY")
	for n := range 40 {
		s := strings.Repeat("a", n)
		add(s, "b"+s)
		add(s+"b", s)
		add("\x00", s)
		add(strings.Repeat("\x00", n+2), "")
	}
}

// No two values may collide whatever the multipliers: that could be chosen by a
// client, label by label, and the product over the labels would share one slot.
// The two differ in length and, where the length is mixed in, by as much.
func TestNoCollisionsForEverySeed(t *testing.T) {
	for _, pair := range [][2]string{
		{"1234567a~bcdefgh", "1234567abcdefgh"}, // 16 and 15 bytes
		{"a```````", "a````````"},               // 8 and 9
		{"a```", "a````"},                       // 4 and 5
		{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"}, // 0 and 16
		{"0123456789abcdefghijklm1N2345678", "0123456789abcdefghijklmN2345678"},
		{"0123456789abcdeffghijklm^2345678", "0123456789abcdefghijklma2345678"}, // 32 and 31
	} {
		same := 0
		for range 20 {
			h := newHasher(1)
			if hashOf(h, pair[0]) == hashOf(h, pair[1]) {
				same++
			}
		}
		if same > 1 {
			t.Errorf("%q and %q have one hash under %d seeds of 20", pair[0], pair[1], same)
		}
	}
}

// Nor may any of a great many values of few letters, at one seed as at another.
func TestNoCollisionsOfSimilarValues(t *testing.T) {
	h := newHasher(1)
	rng := rand.New(rand.NewPCG(16, 17))
	seen := map[uint64]string{}
	for range scaled(300_000) {
		b := make([]byte, rng.IntN(40))
		same := "a`\x00\x01 ~"[rng.IntN(6)]
		for i := range b {
			if b[i] = same; rng.IntN(8) == 0 {
				b[i] = "a`\x00\x01 ~"[rng.IntN(6)]
			}
		}
		x := hashOf(h, string(b))
		if was, ok := seen[x]; ok && was != string(b) {
			t.Fatalf("%q and %q have one hash", was, b)
		}
		seen[x] = string(b)
	}
}

// Integers count in full at every size, and equal keys have equal hashes.
func TestStructHash(t *testing.T) {
	type both struct {
		A string
		N int64
		B string
		C bool
		D uint16
	}
	fields, err := structFields("m", typeOf[both]())
	if err != nil {
		t.Fatal(err)
	}
	h := newStructHasher(fields)
	sum := func(b both) uint64 { return h.hash(unsafe.Pointer(&b)) }
	base := both{"a", 1, "b", true, 1}
	seen := map[uint64]bool{sum(base): true}
	for i, b := range []both{{"b", 1, "a", true, 1}, {"a", -1, "b", true, 1}, {"a", 1 << 40, "b", true, 1}, {"a", 1, "b", false, 1},
		{"a", 1, "b", true, 257}, {"a", 1, "b", true, 0}, {"ab", 1, "", true, 1}, {"", 1, "ab", true, 1}, {}} {
		if x := sum(b); seen[x] || x < live {
			t.Errorf("%d: hash %x", i, x)
		} else {
			seen[x] = true
		}
	}
	if sum(both{strings.Clone("a"), 1, strings.Clone("b"), true, 1}) != sum(base) {
		t.Error("equal keys have different hashes")
	}
}

// Hashes of similar keys must spread over the slots of tables of any size.
func TestHashSpreads(t *testing.T) {
	h := newHasher(2)
	const n = 1 << 13
	for _, slots := range []int{1000, 1024, 1 << 12} {
		tab := newTable[string, int](slots)
		load := make([]int, slots)
		for i := range n {
			at := tab.start(hashOf(h, "GET", "/users/"+string(rune('a'+i%26))+strings.Repeat("z", i/26)))
			if load[at]++; load[at] > 10+5*n/slots {
				t.Fatalf("slot %d of %d has %d of %d keys", at, slots, load[at], i)
			}
		}
	}
}

// Two vecs do not share collisions: their multipliers are random.
func TestHashIsSeeded(t *testing.T) {
	if a, b := newHasher(2), newHasher(2); hashOf(a, "x", "y") == hashOf(b, "x", "y") {
		t.Error("two hashers have one hash")
	}
}

// sameStrings is ==, at every length and for a difference in every place.
func TestSameStrings(t *testing.T) {
	same := func(a, b []string) bool {
		return sameStrings(unsafe.Pointer(unsafe.SliceData(a)), unsafe.Pointer(unsafe.SliceData(b)), len(a))
	}
	digits := strings.Repeat("0123456789abcdef", 3)
	for n := range 40 {
		s := digits[:n]
		if !same([]string{s, "x", ""}, []string{strings.Clone(s), "x", ""}) {
			t.Errorf("length %d: equal strings differ", n)
		}
		for i := range n {
			changed := []byte(s)
			changed[i] ^= 0x80
			if same([]string{"", s}, []string{"", string(changed)}) {
				t.Errorf("length %d: byte %d is not compared", n, i)
			}
		}
		if same([]string{s}, []string{s + "0"}) || same([]string{s + "\x00"}, []string{s}) {
			t.Errorf("length %d equals a longer string", n)
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 100_000 {
		a, b := randomValue(rng, 5), randomValue(rng, 5)
		if same([]string{a}, []string{b}) != (a == b) {
			t.Errorf("%q and %q", a, b)
		}
	}
}

// randomValue is a short string of letters that are hard on escaping and order.
func randomValue(rng *rand.Rand, most int) string {
	letters := []string{`"`, `\`, "\n", "n", "!", " ", "#", "a", "\x01", "é", "\\n", "]", "~"}
	var b strings.Builder
	for range rng.IntN(most + 1) {
		b.WriteString(letters[rng.IntN(len(letters))])
	}
	return b.String()
}
