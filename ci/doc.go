// Package ci holds the checks that are about the repository as a whole, and the
// scripts that run everything.
//
//	./ci/run          all checks, as every landing runs them; installs what it needs
//	./ci/soak 10m     the stress tests for as long as you like
//
// The tests here: which package imports which (imports_test.go), and what the
// compiler made of the recording paths (disasm_amd64_test.go, which builds the program
// in ci/paths). tools.mod pins the linters, apart from the module that users get.
package ci
