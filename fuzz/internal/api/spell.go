package api

import (
	"fmt"
	"go/types"
	"strings"
)

// spell writes a type out so that two spellings are equal when the types are the
// same to a caller: no names of parameters, no aliases, and one name for both
// trees.
func spell(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return types.Typ[t.Kind()].Name() // byte is uint8
	case *types.Named:
		return spellNamed(t)
	case *types.Pointer:
		return "*" + spell(t.Elem())
	case *types.Slice:
		return "[]" + spell(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), spell(t.Elem()))
	case *types.Map:
		return "map[" + spell(t.Key()) + "]" + spell(t.Elem())
	case *types.Chan:
		return [...]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] + spell(t.Elem())
	case *types.Signature:
		return spellFunc(t)
	case *types.Struct:
		return "struct{" + strings.Join(fields(t), "; ") + "}"
	case *types.Interface:
		return "interface{" + strings.Join(methods(t), "; ") + "}"
	default:
		return t.String()
	}
}

// spellNamed: what is not exported has no name that matters to others.
func spellNamed(t *types.Named) string {
	obj, args := t.Obj(), make([]string, t.TypeArgs().Len())
	for i := range args {
		args[i] = spell(t.TypeArgs().At(i))
	}
	name := obj.Name()
	switch {
	case obj.Pkg() == nil:
		return name // error
	case !obj.Exported():
		name = "(not exported)"
	}
	if len(args) > 0 {
		name += "[" + strings.Join(args, ", ") + "]"
	}
	return Place(obj.Pkg().Path()) + "." + name
}

// Place is how a package is called here. Whatever is internal to a tree is one
// place, for nobody else can name it.
func Place(path string) string {
	for _, tree := range []string{Theirs, Ours} {
		if rest, ok := strings.CutPrefix(path, tree); ok && (rest == "" || rest[0] == '/') {
			if strings.Contains(rest+"/", "/internal/") {
				return "prometheus/internal"
			}
			return "prometheus" + rest
		}
	}
	return path
}

func spellFunc(f *types.Signature) string {
	in, out := tuple(f.Params()), tuple(f.Results())
	if f.Variadic() {
		last := len(in) - 1
		in[last] = "..." + strings.TrimPrefix(in[last], "[]")
	}
	text := "func(" + strings.Join(in, ", ") + ")"
	switch len(out) {
	case 0:
		return text
	case 1:
		return text + " " + out[0]
	}
	return text + " (" + strings.Join(out, ", ") + ")"
}

func tuple(t *types.Tuple) []string {
	list := make([]string, t.Len())
	for i := range list {
		list[i] = spell(t.At(i).Type())
	}
	return list
}

// fields are in order, which matters to who writes a struct without their names.
func fields(t *types.Struct) (list []string) {
	for f := range t.Fields() {
		switch {
		case !f.Exported():
			list = append(list, "(not exported)")
		case f.Embedded():
			list = append(list, spell(f.Type()))
		default:
			list = append(list, f.Name()+" "+spell(f.Type()))
		}
	}
	return list
}

// methods includes those of embedded interfaces.
func methods(t *types.Interface) (list []string) {
	for m := range t.Methods() {
		if m.Exported() {
			list = append(list, m.Name()+strings.TrimPrefix(spell(m.Type()), "func"))
		} else {
			list = append(list, "(not exported)")
		}
	}
	return list
}
