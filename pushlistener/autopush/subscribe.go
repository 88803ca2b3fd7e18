package autopush

import (
	"context"
	"fmt"

	"securepush/webpush"
)

// subscription is a channel that has been asked for.
type subscription struct {
	channel string
	keys    *webpush.Keys
}

// hello begins the dialogue. A device without a subscription gives no name, so that it cannot be recognised.
func (s *session) hello(ctx context.Context) error {
	m := hello{Type: typeHello, UseWebPush: true}
	if s.e.state.subscribed() {
		m.UAID = s.e.state.UAID
	}
	return s.write(ctx, m)
}

func (s *session) reply(ctx context.Context, m *message) error {
	if m.Type == typeHello {
		return s.helloReply(ctx, m)
	}
	return s.registerReply(ctx, m)
}

func (s *session) helloReply(ctx context.Context, m *message) error {
	e := s.e
	if s.greeted {
		return fmt.Errorf("%w: second hello", errProtocol)
	}
	if m.Status != statusOK {
		return fmt.Errorf("autopush: hello was answered with status %d", m.Status)
	}
	if m.UAID == "" || len(m.UAID) > maxUAID {
		return fmt.Errorf("%w: uaid of %d characters", errProtocol, len(m.UAID))
	}
	s.greeted = true
	if m.UAID != e.state.UAID { // every subscription under the old name is void
		if e.state.subscribed() {
			e.log.Info("push service forgot this device; subscribing anew", "uaid", prefix(m.UAID))
		}
		e.state, e.keys = state{URL: e.cfg.URL, UAID: m.UAID}, nil
	}
	asked := false
	select {
	case <-e.renew:
		asked = true
	default:
	}
	if asked || !e.state.subscribed() || e.state.VAPIDKey != e.cfg.VAPIDKey {
		return s.subscribe(ctx)
	}
	s.up()
	return nil
}

// subscribe asks for a new channel with new keys, always for the back end's key alone: a leaked endpoint is then of no
// use to others.
func (s *session) subscribe(ctx context.Context) error {
	keys, err := webpush.GenerateKeys()
	if err != nil {
		return err
	}
	s.pending = &subscription{channel: newChannelID(), keys: keys}
	s.timer.Reset(replyTimeout)
	return s.write(ctx, register{Type: typeRegister, ChannelID: s.pending.channel, Key: s.e.cfg.VAPIDKey})
}

func (s *session) registerReply(ctx context.Context, m *message) error {
	e := s.e
	if s.pending == nil || m.ChannelID != s.pending.channel {
		return nil // for something that is not waited for any more
	}
	if m.Status != statusOK {
		return fmt.Errorf("autopush: register was answered with status %d", m.Status)
	}
	if err := checkEndpoint(m.Endpoint); err != nil {
		return fmt.Errorf("%w: %w", errProtocol, err)
	}
	keys, err := s.pending.keys.MarshalBinary()
	if err != nil {
		return err
	}
	old := e.state.Channel
	err = e.adopt(state{
		URL: e.cfg.URL, UAID: e.state.UAID, Channel: m.ChannelID, Endpoint: m.Endpoint, Keys: keys, VAPIDKey: e.cfg.VAPIDKey,
	}, s.pending.keys)
	if err != nil {
		_ = s.giveUp(ctx, m.ChannelID) // or each attempt would leave one behind; the error that counts is the other
		return err
	}
	s.pending = nil
	e.log.Info("push channel registered", "uaid", prefix(e.state.UAID), "channel", prefix(e.state.Channel))
	if old != "" {
		if err := s.giveUp(ctx, old); err != nil {
			return err
		}
	}
	s.up()
	return nil
}

// giveUp tells the service that a channel is not wanted any more.
func (s *session) giveUp(ctx context.Context, channel string) error {
	return s.write(ctx, unregister{Type: typeUnregister, ChannelID: channel, Code: statusOK})
}

// up reports that pushes arrive.
func (s *session) up() {
	s.timer.Stop()
	if !s.live {
		s.live = true
		s.e.log.Info("push link is up", "uaid", prefix(s.e.state.UAID))
		s.e.handler.Link(true, nil)
	}
	s.e.handler.Subscribed(s.e.channel())
}

// prefix is as much of a capability as may stand in a log.
func prefix(s string) string {
	if len(s) > 6 {
		return s[:6]
	}
	return s
}
