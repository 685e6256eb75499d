package prometheus

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// A vec does what a map from values to metrics would do, whatever is asked of it in
// whatever order, through itself or curried.
func TestVecIsAMap(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		random := rand.New(rand.NewPCG(1, 2))
		model := make(map[[2]string]Metric) // by the values of l2 and l1
		for range 3000 {
			key := [2]string{fmt.Sprint(random.IntN(6)), fmt.Sprint(random.IntN(6))}
			curried, err := v.curry(Labels{"l2": key[0]})
			if err != nil {
				t.Fatal(err)
			}
			known, there := model[key]
			switch op := random.IntN(12); op {
			case 0:
				if v.DeleteLabelValues(key[:]...) != there {
					t.Fatal("DeleteLabelValues", key)
				}
				delete(model, key)
			case 1:
				if curried.Delete(Labels{"l1": key[1]}) != there {
					t.Fatal("Delete", key)
				}
				delete(model, key)
			case 2:
				before := len(model)
				maps.DeleteFunc(model, func(k [2]string, _ Metric) bool { return k[1] == key[1] })
				if n := curried.DeletePartialMatch(Labels{"l1": key[1]}); n != before-len(model) {
					t.Fatalf("DeletePartialMatch(%q) = %d, want %d", key[1], n, before-len(model))
				}
			case 3:
				if random.IntN(20) == 0 {
					v.Reset()
					clear(model)
				}
			default:
				m := []func() Metric{
					func() Metric { return v.must(key[:]...) },
					func() Metric { return v.with(Labels{"l2": key[0], "l1": key[1]}) },
					func() Metric { return curried.must(key[1]) },
					func() Metric { return curried.with(Labels{"l1": key[1]}) },
				}[op%4]()
				if there && m != known {
					t.Fatalf("%q is another metric", key)
				}
				model[key] = m
			}
			if random.IntN(50) == 0 {
				wantCollected(t, v, model)
			}
		}
	})
}

func wantCollected(t *testing.T, v Collector, model map[[2]string]Metric) {
	t.Helper()
	want := []string{}
	for k := range model {
		want = append(want, fmt.Sprintf(`const="0" l1=%q l2=%q`, k[1], k[0]))
	}
	slices.Sort(want)
	if got := labelTexts(t, v); !slices.Equal(got, want) {
		t.Fatalf("collected %q, want %q", got, want)
	}
}
