module github.com/pawl-metrics/pawl/examples/advanced

go 1.26.0

require (
	github.com/pawl-metrics/pawl v0.0.0
	go.etcd.io/bbolt v1.5.0
)

require (
	github.com/klauspost/compress v1.20.1 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/pawl-metrics/pawl => ../..
