package prometheus

import (
	"fmt"
	"runtime/debug"
)

// stream runs produce in a goroutine and calls take, in this one, with what it sends. What
// produce panics with this goroutine then panics with: here somebody can catch it.
func stream[T any](produce func(chan<- T), take func(T)) {
	ch, end := make(chan T), (*caught)(nil)
	go func() {
		defer close(ch)
		defer func() {
			if v := recover(); v != nil {
				end = catch(v)
			}
		}()
		produce(ch)
	}()
	defer func() { // take may panic, and produce must not wait forever
		for range ch {
		}
	}()
	for v := range ch {
		take(v)
	}
	if end != nil {
		panic(end)
	}
}

// caught is a panic that was recovered, with the stack where it happened. It may be
// panicked with again, in another goroutine.
type caught struct {
	value any
	stack []byte
}

// catch makes one of what recover returned, in the function that called it.
func catch(value any) *caught {
	if c, ok := value.(*caught); ok {
		return c
	}
	return &caught{value, debug.Stack()}
}

// in returns the panic as an error that names the user's type it happened in.
func (c *caught) in(what string, where any) error {
	if err, ok := c.value.(error); ok {
		return fmt.Errorf("prometheus %s panic recovered: type=%T: error=%w\nstack trace=%s", what, where, err, c.stack)
	}
	return fmt.Errorf("prometheus %s panic recovered: type=%T: error=%v\nstack trace=%s", what, where, c.value, c.stack)
}

// Error makes an uncaught one readable.
func (c *caught) Error() string { return fmt.Sprintf("%v\n%s", c.value, c.stack) }
