package mmap

type tally struct{}
