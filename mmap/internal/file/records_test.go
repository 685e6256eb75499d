package file

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
)

// walked is what Walk and Record say of the live records, up to the first error.
func walked(x *Index, to uint64) (list []Record, err error) {
	for e, err := range x.Walk(0, to) {
		var r Record
		if err == nil && e.State.Status() == Live {
			if err = x.Record(e.At, &r); err == nil {
				list = append(list, plain(&r))
			}
		}
		if err != nil {
			return list, err
		}
	}
	return list, nil
}

// recorded is what Records says.
func recorded(x *Index, to uint64) (list []Record, err error) {
	var r Record
	for e, err := range x.Records(to, &r) {
		if err != nil {
			return list, err
		}
		if e.State.Status() == Live {
			list = append(list, plain(&r))
		}
	}
	return list, nil
}

// plain returns a record that shares nothing with the memory it was read to.
func plain(r *Record) Record {
	p := *r
	p.buf, p.Desc, p.Replaced = nil, slices.Clone(r.Desc), slices.Clone(r.Replaced)
	return p
}

// sameRecords wants Records to say what Walk and Record do, of bytes that are copied
// and of bytes that are not.
func sameRecords(t testing.TB, b []byte, extents int, to uint64) {
	t.Helper()
	still, err := NewStill(aligned(b))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []View{view(t, b), still} {
		var x Index
		if x.Extend(v, extents) != nil {
			continue
		}
		want, wantErr := walked(&x, to)
		got, err := recorded(&x, to)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v\nwant %+v, %v", got, err, want, wantErr)
		}
	}
}

// Fillers, records that are not live and must not be read, a second extent, and an end
// that is none.
func TestRecords(t *testing.T) {
	b := NewBuilder(someHeader)
	for i := range 3000 {
		if _, err := b.Add(desc(fmt.Sprintf("c%d_total", i)), 1); err != nil {
			t.Fatal(err)
		}
	}
	var m memory
	if err := b.WriteTo(&m); err != nil {
		t.Fatal(err)
	}
	v := view(t, m.b)
	p, err := v.Published()
	if err != nil {
		t.Fatal(err)
	}
	second := int(native.Uint32(m.b[ExtentsAt+LengthAt:])) + ExtentsAt
	for _, s := range []Status{Live, Withdrawn, Dead, Filler} {
		native.PutUint64(m.b[second:], uint64(NewState(s, 1)))
		for _, to := range []uint64{p.Directory, p.Directory - 16, 1 << 40, 0} {
			sameRecords(t, m.b, p.Extents, to)
		}
	}
	m.b[second+RecordHead]++
	sameRecords(t, m.b, p.Extents, p.Directory) // of a filler
	native.PutUint64(m.b[second:], uint64(NewState(Live, 1)))
	sameRecords(t, m.b, p.Extents, p.Directory)
	if list, err := recorded(indexOf(t, m.b, p.Extents), p.Directory); len(list) != 1 || err == nil {
		t.Errorf("%d records and %v, where the second is damaged", len(list), err)
	}
}

func indexOf(t testing.TB, b []byte, extents int) *Index {
	t.Helper()
	x := new(Index)
	if err := x.Extend(view(t, b), extents); err != nil {
		t.Fatal(err)
	}
	return x
}

// Any bytes.
func FuzzRecords(f *testing.F) {
	whole := built(f)
	published := native.Uint64(whole[DirectoryBytesAt:])
	f.Add(whole[TableAt:TableAt+64], whole[ExtentsAt:ExtentsAt+published], published)
	f.Fuzz(func(t *testing.T, table, directory []byte, to uint64) {
		b := built(t)
		copy(b[TableAt:ExtentsAt], table)
		copy(b[ExtentsAt:], directory)
		sameRecords(t, b, len(table)/ExtentBytes, to)
	})
}
