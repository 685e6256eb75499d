// Package fuzz throws hostile registries at the engine and reads what it exposes
// back with parsers that others wrote.
//
// The bytes of a fuzz input are a program. [Source] turns them into choices,
// [World] runs them as commands (register, With, record, Delete, Reset, scrape)
// on two things at once: a real registry, and a [Model], which is maps, slices
// and a few pages that state the engine's policy a second time. What the registry
// exposes, and counts as refused, must be what the model says.
//
//	fuzz bytes -> Source -> World -+-> engine.Registry -> text -> readers -> []Family --+
//	                               |                                                    | equal?
//	                               +-> Model --------------------------------> []Family +
//
// The readers are expfmt (client_golang's lineage), textparse (the Prometheus
// server's), and one of our own that is stricter than both. The module is a
// nested one so that they never reach a user's build.
//
// Nothing here looks inside the engine, and the model shares no code with it:
// what both take from one place, both get wrong.
package fuzz
