module github.com/pawl-metrics/pawl

go 1.26.0

require (
	github.com/klauspost/compress v1.20.1
	golang.org/x/sys v0.49.0
)
