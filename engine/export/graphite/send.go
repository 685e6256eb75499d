package graphite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// deliver sends a push over a connection of its own.
func (b *Bridge) deliver(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, b.o.Timeout)
	defer cancel()
	if err := b.converse(ctx, body); err != nil {
		if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
			err = errors.Join(ctx.Err(), err)
		}
		return fmt.Errorf("graphite: %s: %w", b.o.Addr, err)
	}
	return nil
}

func (b *Bridge) converse(ctx context.Context, body []byte) error {
	conn, err := b.o.Dial(ctx, b.o.Network, b.o.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Reading and writing know nothing of contexts, but of deadlines.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(body); err != nil {
		return err
	}
	if b.o.NoConfirm {
		return nil
	}
	return confirm(conn)
}

// confirm closes our half of a connection and waits until the other side, which then
// has read all, closes its own. One that goes away with bytes unread resets the
// connection instead. One that closes before anything has come, as a proxy does that
// has nobody behind it, closes first.
func confirm(conn net.Conn) error {
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("a connection of type %T cannot be half closed: set NoConfirm", conn)
	}
	if err := half.CloseWrite(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		return fmt.Errorf("not confirmed: %w", err)
	}
	if closedFirst(conn) {
		return errors.New("not confirmed: the other side closed the connection without waiting for its end")
	}
	return nil
}
