package file

// Where things stand. The names are those of FORMAT.md.
const (
	Magic         = "pawlmmap"
	Version       = 1
	ByteOrderMark = 0x01020304

	HeaderBytes = 512
	HeaderA     = 0x0   // twin A
	HeaderB     = 0x400 // twin B

	PublishedAt    = 0x800
	PublishedBytes = 64

	TableAt     = 0x1000
	TableBytes  = 0xf000
	ExtentBytes = 32
	MaxExtents  = TableBytes / ExtentBytes

	ExtentsAt = 0x10000 // where extents begin; no file is shorter
	Unit      = 0x10000 // extents are multiples of this, and stand at multiples

	StripeBytes = 0x10000
	StripeWords = StripeBytes / 8
	MaxStripes  = 4096 // of a chunk: more than there are Ps anywhere

	RecordHead    = 48      // bytes of a record before its descriptor
	ReplacedBytes = 16      // for each record that it replaces
	RecordUnit    = 16      // records are multiples of this
	MaxRecord     = 1 << 20 // bytes of the longest record

	MaxHost = 254
	MaxSlot = 128
)

// roundUp returns the smallest multiple of unit, a power of two, that is n or more.
func roundUp[T int | int64 | uint64](n, unit T) T { return (n + unit - 1) &^ (unit - 1) }
