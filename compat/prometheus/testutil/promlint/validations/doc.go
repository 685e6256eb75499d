// Package validations has promlint's checks. Each takes a family and returns an error for
// everything that is unusual about it.
package validations

import "errors"

// says returns what a check found that looks for one thing.
func says(found bool, text string) []error {
	if !found {
		return nil
	}
	return []error{errors.New(text)}
}
