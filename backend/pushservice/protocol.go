package pushservice

import (
	"time"
)

// dispatch handles a message of a device. It returns the cause for which the connection is to end, "" for none.
func (s *Service) dispatch(l *link, q request) (cause string) {
	if (l.device == nil) != (q.MessageType == typeHello) {
		return causeProtocol // hello comes first, and once
	}
	switch q.MessageType {
	case typeHello:
		return s.hello(l, q)
	case typeRegister:
		return s.register(l, q)
	case typeUnregister:
		return s.unregister(l, q)
	case typeAck:
		s.acknowledge(l, q)
		return ""
	case typeNack:
		s.metrics.nacks.WithLabelValues(nackCode(q.Code)).Inc()
		return ""
	case typePing:
		return s.ping(l)
	case typeBroadcast:
		return "" // Firefox's Remote Settings; there are none here
	default:
		return causeProtocol
	}
}

// hello lets a device in under its name, or under a new one if the name is none of ours: then its subscriptions are void,
// as the device sees by the answer.
func (s *Service) hello(l *link, q request) string {
	d := s.enter(l, q.UAID)
	if d == nil {
		return causeFull
	}
	l.device = d
	s.metrics.connected.Inc()
	answer := helloReply{MessageType: typeHello, UAID: d.id.hex(), Status: 200, UseWebPush: true, Broadcasts: map[string]any{}}
	if len(q.Broadcasts) > 0 {
		unknown := map[string]string{}
		for name := range q.Broadcasts {
			unknown[name] = "Broadcast not found"
		}
		answer.Broadcasts["errors"] = unknown
	}
	l.reply(answer)
	d.greet(l)
	s.pump(d)
	s.log.Debug("device connected", "device", d.id)
	return ""
}

func (s *Service) enter(l *link, uaid string) *device {
	if id, ok := parseUAID(uaid); ok {
		if d := s.devices.find(id); d != nil {
			if old, ok := d.attach(l, &s.memory); ok {
				if old != nil {
					old.bye(causeReplaced)
				}
				return d
			}
		}
	}
	return s.devices.create(l, &s.memory)
}

// depart ends a device's presence. One that never subscribed is forgotten.
func (s *Service) depart(l *link) {
	d := l.device
	if d == nil {
		return
	}
	s.metrics.connected.Dec()
	if d.detach(l, s.o.Now().Round(0), &s.memory) {
		s.devices.forget(d, &s.memory, func(d *device) bool { return d.link == nil && len(d.channels) == 0 })
	}
	s.log.Debug("device disconnected", "device", d.id)
}

func (s *Service) register(l *link, q request) string {
	channel, ok := parseChannelID(q.ChannelID)
	if !ok {
		return causeProtocol
	}
	answer := registerReply{MessageType: typeRegister, ChannelID: q.ChannelID, Status: 200}
	key, err := decodeKey(q.Key)
	switch {
	case err != nil:
		answer.Status, answer.PushEndpoint = 400, "The key is not base64url."
	case !l.device.subscribe(channel, s.o.Channels):
		answer.Status = 500
	default:
		answer.PushEndpoint = s.place.origin + s.place.prefix + s.sealer.endpointPath(l.device.id, channel, key)
	}
	l.reply(answer)
	return ""
}

func (s *Service) unregister(l *link, q request) string {
	channel, ok := parseChannelID(q.ChannelID)
	if !ok {
		return causeProtocol
	}
	l.device.unsubscribe(channel, &s.memory)
	l.reply(unregisterReply{MessageType: typeUnregister, ChannelID: q.ChannelID, Status: 200})
	s.pump(l.device) // what was removed may have made room
	return ""
}

// acknowledge removes messages, whatever the code: a message that cannot be read would come for ever.
func (s *Service) acknowledge(l *link, q request) {
	for _, u := range q.Updates {
		id, ok := parseVersion(u.Version)
		if !ok || !l.device.settle(id, &s.memory) {
			continue
		}
		s.metrics.acks.WithLabelValues(ackCode(u.Code)).Inc()
	}
	s.pump(l.device)
}

// ping answers an application ping, unless it follows the last one too closely.
func (s *Service) ping(l *link) string {
	now := time.Now()
	if !l.lastPing.IsZero() && now.Sub(l.lastPing) < pingGap {
		return causePing
	}
	l.lastPing = now
	_ = l.send([]byte("{}")) // see reply
	return ""
}

// pump sends what waits for a device. One caller at a time does, for all; the others return at once, so that a slow
// device holds up one of its senders and not each.
func (s *Service) pump(d *device) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pumping {
		return
	}
	d.pumping = true
	defer func() { d.pumping = false }()
	for {
		m, l, expired := d.next(s.o.Now(), &s.memory)
		if expired > 0 {
			s.metrics.pushes.WithLabelValues("expired").Add(float64(expired))
		}
		if m == nil {
			return
		}
		d.mu.Unlock()
		err := s.deliver(l, m)
		d.mu.Lock()
		if err != nil && d.link == l {
			d.ready = false // until the device is back
		}
	}
}

func (s *Service) deliver(l *link, m *message) error {
	b, err := encodeNotification(m)
	if err != nil {
		return err
	}
	if err := l.send(b); err != nil {
		return err
	}
	s.metrics.pushes.WithLabelValues("delivered").Inc()
	return nil
}
