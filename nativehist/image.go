package nativehist

import "github.com/pawl-metrics/pawl/shard"

// image is the base of a recorder as the readers of its store see it.
type image struct {
	store    shard.Persistent
	describe func(Part) []byte
}

func newImage(store shard.Persistent, r *Recorder, describe func(Part) []byte) *image {
	return &image{store: store, describe: describe}
}
