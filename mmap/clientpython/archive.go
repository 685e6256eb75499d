package clientpython

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"path/filepath"
)

// An archive is a file as client_python writes them, with more behind the bytes in use.
// It is written whole and never changed. Numbers are in the machine's byte order.
//
//	0           header and entries, as in all files
//	used        "pawlfold"
//	used+8      uint32   CRC-32C of all other bytes
//	used+12     uint32   members
//	used+16     uint32   rests: 0, or as many as entries
//	used+20     4 bytes of nothing
//	used+24     rests, each a float64: what rounding took from the value of an entry
//	            members: uint32 size of a name, and the name of a file that is in here
const archiveMagic = "pawlfold"

const trailerSize = 24

// archive is an archive's content, valid as long as its data.
type archive struct {
	body
	rests []byte
	names []byte // of its members
	count uint32 // of them
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// archive reads an archive.
func (b *buffer) archive(path string) (*archive, error) {
	data, err := b.whole(path)
	if err != nil {
		return nil, err
	}
	return parseArchive(data)
}

func parseArchive(data []byte) (*archive, error) {
	used, err := usedOf(data)
	if err != nil {
		return nil, err
	}
	if used < headerSize || used > len(data)-trailerSize || string(data[used:used+8]) != archiveMagic {
		return nil, damaged(used, ErrArchive)
	}
	trailer := data[used:]
	if binary.NativeEndian.Uint32(trailer[8:]) != checksum(data, used) {
		return nil, damaged(used+8, ErrArchive)
	}
	found, err := parse(data)
	if err != nil {
		return nil, err
	}
	rests := int64(binary.NativeEndian.Uint32(trailer[16:]))
	rest := trailer[trailerSize:]
	if rests != 0 && rests != int64(found.entries) || rests*8 > int64(len(rest)) {
		return nil, damaged(used+16, ErrArchive)
	}
	return &archive{found, rest[:rests*8], rest[rests*8:], binary.NativeEndian.Uint32(trailer[12:])}, nil
}

// members returns the names of the files that are in the archive. A scan only needs
// them if there are files that a fold has put aside.
func (a *archive) members() (list []string, err error) {
	rest := a.names
	for range a.count {
		if len(rest) < 4 || int64(binary.NativeEndian.Uint32(rest)) > int64(len(rest)-4) {
			return nil, ErrArchive
		}
		size := 4 + binary.NativeEndian.Uint32(rest)
		name := string(rest[4:size])
		if f, ok := ParseName(name); !ok || !f.Dead || filepath.Base(name) != name {
			return nil, ErrArchive // what is listed will be removed: be sure
		}
		list, rest = append(list, name), rest[size:]
	}
	return list, nil
}

// checksum is of the file without the checksum.
func checksum(data []byte, used int) uint32 {
	return crc32.Update(crc32.Update(0, castagnoli, data[:used+8]), castagnoli, data[used+12:])
}

// encode returns the bytes of an archive; false if client_python could not read it, which
// keeps the number of bytes in an int32.
func (p *pile) encode(members []string) ([]byte, bool) {
	data := make([]byte, headerSize)
	for _, e := range p.entries {
		data = appendEntry(data, Entry{e.key, e.result(p.rule), e.stamp}, p.layout())
		if len(data) > math.MaxInt32 {
			return nil, false
		}
	}
	used := len(data)
	binary.NativeEndian.PutUint32(data, uint32(used))
	data = append(data, archiveMagic...)
	data = binary.NativeEndian.AppendUint32(data, 0)
	data = binary.NativeEndian.AppendUint32(data, uint32(len(members)))
	data = p.appendRests(data)
	for _, name := range members {
		data = append(binary.NativeEndian.AppendUint32(data, uint32(len(name))), name...)
	}
	binary.NativeEndian.PutUint32(data[used+8:], checksum(data, used))
	return data, true
}

// appendRests appends their number and them, if there is one that is not 0.
func (p *pile) appendRests(data []byte) []byte {
	n := 0
	for _, e := range p.entries {
		if e.total.rest() != 0 {
			n = len(p.entries)
		}
	}
	data = binary.NativeEndian.AppendUint32(data, uint32(n))
	data = append(data, 0, 0, 0, 0)
	for _, e := range p.entries[:n] {
		data = appendFloat(data, e.total.rest())
	}
	return data
}
