package nativehist

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"
)

// slowIndex is the index as client_golang finds it.
func slowIndex(schema int32, v float64) int32 {
	v = math.Abs(v)
	inf := math.IsInf(v, 0)
	if inf {
		v = math.MaxFloat64
	}
	frac, exp := math.Frexp(v)
	i := exp
	if schema > 0 {
		i = sort.SearchFloat64s(slowBounds[schema], frac) + (exp-1)*len(slowBounds[schema])
	} else {
		if frac == 0.5 {
			i--
		}
		i = (i + 1<<-schema - 1) >> -schema
	}
	if inf {
		i++
	}
	return int32(i)
}

var slowBounds = func() (all [MaxSchema + 1][]float64) {
	for s := range all {
		for i := 0; i < 1<<s; i++ {
			all[s] = append(all[s], fractions[i<<(MaxSchema-s)])
		}
	}
	return all
}()

func schemas() (all []int32) {
	for s := int32(MinSchema); s <= MaxSchema; s++ {
		all = append(all, s)
	}
	return all
}

// At every bound of every schema, in every binade, and next to it.
func TestIndexAtEveryBound(t *testing.T) {
	for _, schema := range schemas() {
		for exp := -1080; exp <= 1030; exp++ {
			for _, frac := range fractions {
				v := math.Ldexp(frac, exp)
				for _, v := range []float64{math.Nextafter(v, 0), v, math.Nextafter(v, math.Inf(1)), -v} {
					if v == 0 {
						continue
					}
					if got, want := Index(schema, v), slowIndex(schema, v); got != want {
						t.Fatalf("schema %d: index of %v is %d, want %d", schema, v, got, want)
					}
				}
			}
		}
	}
}

func TestIndexOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300_000 {
		v := math.Float64frombits(r.Uint64())
		if v != v || v == 0 {
			continue
		}
		for _, schema := range schemas() {
			if got, want := Index(schema, v), slowIndex(schema, v); got != want {
				t.Fatalf("schema %d: index of %v is %d, want %d", schema, v, got, want)
			}
		}
	}
}

func TestIndexOfTheLargest(t *testing.T) {
	for _, schema := range schemas() {
		last := Index(schema, math.MaxFloat64)
		for _, sign := range []int{-1, 1} {
			if got := Index(schema, math.Inf(sign)); got != last+1 {
				t.Errorf("schema %d: index of an infinity is %d, want %d", schema, got, last+1)
			}
		}
		if b := Bound(schema, last); b != math.MaxFloat64 {
			t.Errorf("schema %d: the last bucket ends at %v", schema, b)
		}
		if b := Bound(schema, last+1); !math.IsInf(b, 1) {
			t.Errorf("schema %d: the bucket of +Inf ends at %v", schema, b)
		}
		if b := Bound(schema, math.MaxInt32); !math.IsInf(b, 1) {
			t.Errorf("schema %d: bucket MaxInt32 ends at %v", schema, b)
		}
		if b := Bound(schema, math.MinInt32); b != 0 {
			t.Errorf("schema %d: bucket MinInt32 ends at %v", schema, b)
		}
	}
}

func TestIndexOfPowersOfTwo(t *testing.T) {
	for schema := int32(MinSchema); schema <= 0; schema++ {
		width := 1 << -schema
		for exp := -1074; exp <= 1023; exp++ {
			want := int32(math.Ceil(float64(exp) / float64(width)))
			if got := Index(schema, math.Ldexp(1, exp)); got != want {
				t.Fatalf("schema %d: index of 2^%d is %d, want %d", schema, exp, got, want)
			}
		}
	}
}

// A bound belongs to its bucket, and what comes after it to the next one.
func TestBoundIsInclusive(t *testing.T) {
	for _, schema := range schemas() {
		first, last := Index(schema, 0x1p-1022), Index(schema, math.MaxFloat64)
		for i := first; i < last; i++ {
			b := Bound(schema, i)
			if got := Index(schema, b); got != i {
				t.Fatalf("schema %d: the bound of %d is in bucket %d", schema, i, got)
			}
			if got := Index(schema, math.Nextafter(b, math.Inf(1))); got != i+1 {
				t.Fatalf("schema %d: what follows the bound of %d is in bucket %d", schema, i, got)
			}
		}
	}
}

// Halving the resolution is a map of indices, the infinities' included.
func TestCoarsen(t *testing.T) {
	for _, fine := range schemas() {
		for schema := int32(MinSchema); schema <= fine; schema++ {
			for _, v := range []float64{5e-324, 1e-310, 0x1p-1022, 1e-9, 0.3, 0.5, 1, 1.5, 2, 3, 1e9, math.MaxFloat64, math.Inf(1)} {
				if got, want := coarsen(Index(fine, v), fine-schema), Index(schema, v); got != want {
					t.Errorf("%v: index %d of schema %d is %d in %d, want %d", v, Index(fine, v), fine, got, schema, want)
				}
			}
		}
	}
}

func TestSchemaOf(t *testing.T) {
	for factor, want := range map[float64]int32{1.1: 3, 1.2: 2, 4: -1, 17: -2, 2: 0, 1.0001: 8, 1e300: -4, 65536: -4, math.Nextafter(1, 2): 8, math.Inf(1): -4} {
		if got := SchemaOf(factor); got != want {
			t.Errorf("factor %v has schema %d, want %d", factor, got, want)
		}
	}
}

// latencies are log-normal, around 10 ms, as a service's are.
func latencies(n int) []float64 {
	r := rand.New(rand.NewPCG(3, 4))
	all := make([]float64, n)
	for i := range all {
		all[i] = 0.01 * math.Exp(r.NormFloat64())
	}
	return all
}

func BenchmarkIndex(b *testing.B) {
	values := latencies(4096)
	for _, schema := range []int32{-1, 3, 5, 8} {
		b.Run(fmt.Sprintf("impl=table/schema=%d", schema), func(b *testing.B) {
			g := gridOf(schema)
			sum, i := int32(0), 0
			for b.Loop() {
				sum += g.index(values[i&4095])
				i++
			}
			sink = sum
		})
		b.Run(fmt.Sprintf("impl=frexp/schema=%d", schema), func(b *testing.B) {
			sum, i := int32(0), 0
			for b.Loop() {
				sum += slowIndex(schema, values[i&4095])
				i++
			}
			sink = sum
		})
	}
}

var sink int32
