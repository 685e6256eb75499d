// The compiler accepts functions without a body only in a package that has an
// assembly file. pin.go declares two; their bodies are the runtime's.
