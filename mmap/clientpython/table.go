package clientpython

// table knows the keys of one kind of file.
type table struct {
	kind  File // type, mode, and whether keys have pids
	nodes map[string]*node
	start node // whose next is the key that files begin with
}

// node is one key, parsed.
type node struct {
	text   string
	next   *node // the one that followed it last time
	err    error // why it does not count
	key    key
	family *family
	cell   *cell // nil if there is nothing to merge
}

// after returns the node of the key that comes after another one. Files that processes
// of one program wrote have their keys in the same order, so it mostly is the one that
// came after it last time, which one comparison tells. It
// is nil for a key that is new.
func (t *table) after(previous *node, text []byte) *node {
	if n := previous.next; n != nil && n.text == string(text) {
		return n
	}
	n := t.nodes[string(text)]
	if n != nil {
		previous.next = n
	}
	return n
}
