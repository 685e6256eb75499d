package ci

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFeatures reads the table of docs/features.md: no cell is empty, and every test that
// it names is where it says.
func TestFeatures(t *testing.T) {
	const page = "../docs/features.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	rows, links := 0, 0
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.Contains(line, "| Here |") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "|"), " | ")
		if len(cells) != 4 {
			t.Errorf("line %d has %d cells: %s", i+1, len(cells), line)
		}
		for _, c := range cells {
			if strings.TrimSpace(c) == "" {
				t.Errorf("line %d has an empty cell: %s", i+1, line)
			}
		}
		found := testLink.FindAllStringSubmatch(line, -1)
		if len(found) == 0 {
			t.Errorf("line %d names no test: %s", i+1, line)
		}
		for _, link := range found {
			links++
			checkTest(t, filepath.Join("../docs", link[2]), link[1])
		}
	}
	if rows < 60 || links < rows {
		t.Errorf("%d rows with %d tests: the table cannot be all there", rows, links)
	}
}

var testLink = regexp.MustCompile(`\[((?:Test|Fuzz|Example)\w*)\]\(([^)]+)\)`)

// checkTest fails when there is no such test in a file.
func checkTest(t *testing.T, path, name string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	} else if !strings.Contains(string(text), "func "+name+"(") {
		t.Errorf("%s has no %s", path, name)
	}
}
