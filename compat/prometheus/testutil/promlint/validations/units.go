package validations

import "strings"

// baseUnits has, for units that are written out, the one to use instead; base units have
// themselves.
var baseUnits = func() map[string]string {
	to := make(map[string]string)
	for base, others := range map[string]string{
		"amperes": "",
		"bytes":   "bits",
		"celsius": "fahrenheit rankine", // besides kelvin: it is what people measure in
		"grams":   "pounds ounces",
		"joules":  "calories",
		"kelvin":  "kelvins",
		"meters":  "inches yards miles",
		"metres":  "",
		"seconds": "minutes hours days weeks",
		"volts":   "",
	} {
		to[base] = base
		for _, unit := range strings.Fields(others) {
			to[unit] = base
		}
	}
	return to
}()

var unitPrefixes = strings.Fields("pico nano micro milli centi deci deca hecto kilo kibi mega mebi giga gibi tera tebi peta pebi")

// unitIn returns the first unit in a name, with the prefix that it may have, and the
// base unit to use for it.
func unitIn(name string) (unit, base string, ok bool) {
	for word := range strings.SplitSeq(name, "_") {
		if base, ok := baseUnits[word]; ok {
			return word, base, true
		}
		for _, prefix := range unitPrefixes {
			if rest, found := strings.CutPrefix(word, prefix); found {
				if base, ok := baseUnits[rest]; ok {
					return word, base, true
				}
			}
		}
	}
	return "", "", false
}
