package prometheus

// CollectorFunc is a function as a collector. It is described by being called once when it is
// registered: see [DescribeByCollect] for what that asks of it.
type CollectorFunc func(chan<- Metric)

// Collect calls the function.
func (f CollectorFunc) Collect(ch chan<- Metric) { f(ch) }

// Describe calls the function and sends the descriptors of its metrics.
func (f CollectorFunc) Describe(ch chan<- *Desc) { DescribeByCollect(f, ch) }
