package mmap

// Limits bounds what a reader spends on files that it does not trust. The zero
// value stands for the numbers given at each field.
type Limits struct {
	FileBytes int64 // length of a file: 256 MiB
	Records   int   // records of a file: 1 << 20
	Series    int   // descriptions of series, over all files: 1 << 22
}

func (l Limits) orDefaults() Limits {
	if l.FileBytes <= 0 {
		l.FileBytes = 256 << 20
	}
	if l.Records <= 0 {
		l.Records = 1 << 20
	}
	if l.Series <= 0 {
		l.Series = 1 << 22
	}
	return l
}
