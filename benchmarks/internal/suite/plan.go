package suite

import (
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

// group is what is measured in turns: one op at one size.
type group struct {
	op    *ops.Op
	n     int
	lanes []lane
}

// lane is one row of a group: an implementation on a number of goroutines.
type lane struct {
	peer *ops.Peer
	p    int
}

// plan lists the groups that the configuration asks for.
func (c *Config) plan() (groups []group) {
	for i := range ops.Table {
		op := &ops.Table[i]
		for _, n := range op.Sizes(c.Quick) {
			if g := c.group(op, n); len(g.lanes) > 0 {
				groups = append(groups, g)
			}
		}
	}
	return groups
}

func (c *Config) group(op *ops.Op, n int) group {
	g := group{op: op, n: n}
	for _, p := range c.goroutines(op) {
		for i := range op.Peers {
			peer := &op.Peers[i]
			if peer.Takes(n, c.Quick) && c.wants(op.Name, peer.Impl, p, n) {
				g.lanes = append(g.lanes, lane{peer, p})
			}
		}
	}
	return g
}
