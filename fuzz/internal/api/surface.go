package api

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Surface is an exported API: what each identifier is, by its name, which has
// that of its package in front. Methods and fields are Type.Name.
type Surface map[string]string

// Read loads all packages of a tree and returns what they export together.
func Read(dir, tree string, packages []string) (Surface, error) {
	var paths []string
	for _, p := range packages {
		paths = append(paths, tree+p)
	}
	loaded, err := Load(dir, paths...)
	all := Surface{}
	for _, pkg := range loaded {
		maps.Copy(all, Of(pkg))
	}
	return all, err
}

// Of returns what one package exports.
func Of(pkg *types.Package) Surface {
	s := Surface{}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			s.add(Place(pkg.Path())+"."+name, obj)
		}
	}
	return s
}

func (s Surface) add(name string, obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		s[name] = fmt.Sprintf("const %s = %s", spell(obj.Type()), obj.Val().ExactString())
	case *types.Var:
		s.addVar(name, obj.Type())
	case *types.Func:
		s[name] = spell(obj.Type())
	case *types.TypeName:
		s.addType(name, obj.Type())
	}
}

// addVar adds what a variable can do when its type has no name to look up.
func (s Surface) addVar(name string, t types.Type) {
	s[name] = "var " + spell(t)
	if named, ok := types.Unalias(t).(*types.Named); ok && !named.Obj().Exported() {
		s.addMethods(name, t)
	}
}

func (s Surface) addType(name string, t types.Type) {
	s[name] = "type " + kind(t)
	if st, ok := t.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if f.Exported() {
				s[name+"."+f.Name()] = strings.Repeat("embedded ", b2i(f.Embedded())) + "field " + spell(f.Type())
			}
		}
	}
	if types.Comparable(t) {
		s[name+comparable] = "can be compared"
	}
	s.addMethods(name, t)
}

// comparable ends the name under which a type that == takes is noted.
const comparable = ".(==)"

// addMethods adds those of the type, those of a pointer to it, and what is
// promoted.
func (s Surface) addMethods(name string, t types.Type) {
	direct, all := types.NewMethodSet(t), types.NewMethodSet(types.NewPointer(t))
	if types.IsInterface(t) {
		all = direct
	}
	for m := range all.Methods() {
		switch word := "method "; {
		case !m.Obj().Exported():
			if types.IsInterface(t) {
				s[name+".(not exported)"] = "no other package can implement it"
			}
		case direct.Lookup(m.Obj().Pkg(), m.Obj().Name()) == nil:
			word = "method of a pointer "
			fallthrough
		default:
			s[name+"."+m.Obj().Name()] = word + spell(m.Type())
		}
	}
}

// kind is what follows the word type. The layout of a struct with anything to hide
// is nobody's business; of an interface the methods follow.
func kind(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return "interface"
	case *types.Struct:
		if all := fields(u); slices.Contains(all, "(not exported)") {
			return "struct"
		}
		return spell(u)
	default:
		return spell(u)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
