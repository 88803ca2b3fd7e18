package autopush

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"securepush/api"
	"securepush/webpush"
)

// batchSize is how many pushes are handed over together, so that a burst costs few writes to the disk.
const batchSize = 64

// deliver hands over the pushes that wait, beginning with m, and acknowledges what the handler has persisted.
func (s *session) deliver(ctx context.Context, m *message) error {
	for ; m != nil; m = s.next() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.handle(ctx, s.batch(m)); err != nil {
			return err
		}
	}
	if s.full.Load() {
		return errBehind
	}
	return nil
}

func (s *session) batch(first *message) []*message {
	batch := []*message{first}
	for len(batch) < batchSize {
		m := s.next()
		if m == nil {
			break
		}
		batch = append(batch, m)
	}
	return batch
}

// next is a push that waits; nil when there is none.
func (s *session) next() *message {
	select {
	case m := <-s.pushes:
		return m
	default:
		return nil
	}
}

// handle deals with some pushes. What could not be persisted is not acknowledged, so that it comes again; the session
// then ends, because it comes again only with another.
func (s *session) handle(ctx context.Context, batch []*message) error {
	outcomes := make([]outcome, len(batch))
	var all sync.WaitGroup
	for i, m := range batch {
		switch {
		case m.Version == "":
			outcomes[i].err = fmt.Errorf("%w: notification without version", errProtocol)
		case m.ChannelID != s.e.state.Channel, s.e.state.saw(m.Version), m.Data == "":
			outcomes[i] = s.plain(ctx, m)
		case len(batch) == 1:
			outcomes[i] = s.e.take(ctx, m)
		default:
			all.Go(func() { outcomes[i] = s.e.take(ctx, m) })
		}
	}
	all.Wait()
	return s.settle(ctx, batch, outcomes)
}

// outcome is what became of one push.
type outcome struct {
	code int // of the acknowledgement
	err  error
}

// plain deals with a push that has nothing to open.
func (s *session) plain(ctx context.Context, m *message) outcome {
	switch {
	case m.ChannelID != s.e.state.Channel: // one that was given up, or was never saved
		return outcome{code: codeNotDelivered, err: s.giveUp(ctx, m.ChannelID)}
	case s.e.state.saw(m.Version):
		return outcome{code: codeDelivered}
	default: // no body: something has changed
		s.e.handler.Subscribed(s.e.channel())
		return outcome{code: codeDelivered}
	}
}

// take opens a push and hands it over.
func (e *Edge) take(ctx context.Context, m *message) outcome {
	text, err := open(e.keys, m)
	if err != nil {
		e.log.Debug("push does not open", "version", prefix(m.Version), "err", err)
		e.handler.Undecryptable()
		return outcome{code: codeUndecryptable}
	}
	err = e.handler.Push(ctx, text)
	switch {
	case err == nil:
		return outcome{code: codeDelivered}
	case errors.Is(err, api.ErrBadID):
		return outcome{code: codeUndecryptable}
	default:
		return outcome{err: fmt.Errorf("%w: %w", errNotSaved, err)}
	}
}

func open(keys *webpush.Keys, m *message) ([]byte, error) {
	body, err := decodeBase64(m.Data)
	if err != nil {
		return nil, err
	}
	if m.Headers.Encoding == "aesgcm" {
		return keys.OpenLegacy(body, m.Headers.Encryption, m.Headers.CryptoKey)
	}
	return keys.Open(body)
}

// settle acknowledges, once what has been seen is on disk as well.
func (s *session) settle(ctx context.Context, batch []*message, outcomes []outcome) error {
	var failed error
	s.acks = s.acks[:0]
	for i, o := range outcomes {
		if o.err != nil {
			failed = o.err
			continue
		}
		m := batch[i]
		s.acks = append(s.acks, update{ChannelID: m.ChannelID, Version: m.Version, Code: o.code})
		if m.ChannelID == s.e.state.Channel && !s.e.state.saw(m.Version) {
			s.e.state.remember(m.Version)
			s.e.dirty = true
		}
	}
	if len(s.acks) == 0 {
		return failed
	}
	if err := s.e.save(); err != nil {
		return err
	}
	if err := s.write(ctx, ack{Type: typeAck, Updates: s.acks}); err != nil {
		return err
	}
	return failed
}
