package api

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Difference is an identifier that is not the same on both sides. On the side that
// lacks it, it is "".
type Difference struct{ Name, Want, Got string }

// String says what is wrong, for people.
func (d Difference) String() string {
	switch {
	case d.Got == "":
		return fmt.Sprintf("%s: missing; should be %s", d.Name, d.Want)
	case d.Want == "":
		return fmt.Sprintf("%s: too much; is %s", d.Name, d.Got)
	}
	return fmt.Sprintf("%s: is %s\n\tshould be %s", d.Name, d.Got, d.Want)
}

// Diff returns every difference, in the order of names. More types that can be
// compared are none.
func Diff(want, got Surface) (list []Difference) {
	for name, w := range want {
		if !fits(w, got[name]) {
			list = append(list, Difference{name, w, got[name]})
		}
	}
	for name, g := range got {
		if want[name] == "" && !strings.HasSuffix(name, comparable) {
			list = append(list, Difference{name, "", g})
		}
	}
	slices.SortFunc(list, func(a, b Difference) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// fits says whether got is as good as want. A struct that hides something may be
// replaced by one that hides nothing.
func fits(want, got string) bool {
	return got == want || want == "type struct" && strings.HasPrefix(got, "type struct{")
}

// Excused takes off the differences that are known, by name with the reason, and
// returns as well the names on that list which are no differences any more.
func Excused(list []Difference, known map[string]string) (rest []Difference, stale []string) {
	used := make(map[string]bool)
	for _, d := range list {
		if _, ok := known[d.Name]; ok {
			used[d.Name] = true
		} else {
			rest = append(rest, d)
		}
	}
	for name := range known {
		if !used[name] {
			stale = append(stale, name)
		}
	}
	slices.Sort(stale)
	return rest, stale
}
