package fuzz

import "strings"

// The two escapings of text, as plain replacements.
var (
	escapedValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	escapedHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
)
