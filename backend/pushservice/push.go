package pushservice

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Handler is where senders push: POST /wpush/v1/{token} and /wpush/v2/{token}, and DELETE of an accepted message's
// Location. It answers every path, those that it does not know with 404.
func (s *Service) Handler() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	kind, token, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/wpush/"), "/")
	method := http.MethodPost
	switch {
	case !ok:
		s.refuse(w, refuseEndpoint)
		return
	case kind == kindOpen, kind == kindRestricted:
	case kind == kindMessage:
		method = http.MethodDelete
	default:
		s.refuse(w, refuseEndpoint)
		return
	}
	if r.Method != method {
		w.Header().Set("Allow", method)
		s.refuse(w, refuseMethod)
		return
	}
	if kind == kindMessage {
		s.delete(w, token)
		return
	}
	if why := s.push(w, r, kind, token); why != nil {
		s.refuse(w, why)
	}
}

// delete withdraws a message. One that has been delivered or has expired is as good as withdrawn.
func (s *Service) delete(w http.ResponseWriter, token string) {
	device, id, err := s.sealer.message(token)
	if err != nil {
		s.refuse(w, refuseEndpoint)
		return
	}
	if d := s.devices.find(device); d != nil {
		d.settle(id, &s.memory)
		s.pump(d) // it may have stood in the way of others
	}
	w.WriteHeader(http.StatusNoContent)
}

// push takes a message (RFC 8030 section 5). What is cheap to check comes first.
func (s *Service) push(w http.ResponseWriter, r *http.Request, kind, token string) *refusal {
	to, err := s.sealer.endpoint(kind, token)
	if err != nil {
		return refuseEndpoint
	}
	ttl, why := parseTTL(r.Header)
	if why != nil {
		return why
	}
	m := &message{id: newUUID(), channel: to.channel, topic: r.Header.Get("Topic"), once: ttl == 0}
	if _, has := r.Header["Topic"]; has && !validTopic(m.topic) {
		return refuseTopic
	}
	if r.ContentLength > maxBody {
		return refuseSize
	}
	if !s.authorized(r, to) {
		return refuseVAPID
	}
	d := s.devices.find(to.device)
	if d == nil || !d.subscribed(to.channel) {
		return refuseGone
	}
	if m.body, why = readBody(w, r); why != nil {
		return why
	}
	if m.encoding, why = parseEncoding(r.Header, len(m.body)); why != nil {
		return why
	}
	now := s.o.Now().Round(0) // by the wall clock, which goes on while the machine sleeps
	m.expires = now.Add(ttl)
	stored, err := d.add(m, now, s.o.MessagesPerDevice, &s.memory)
	if err != nil {
		return refusalOf(err)
	}
	s.metrics.pushes.WithLabelValues("accepted").Inc()
	if stored {
		s.metrics.pushes.WithLabelValues("stored").Inc()
	}
	s.pump(d)
	w.Header().Set("Location", s.place.origin+s.place.prefix+s.sealer.messagePath(to.device, m.id))
	w.Header().Set("TTL", strconv.FormatInt(int64(ttl/time.Second), 10))
	w.WriteHeader(http.StatusCreated)
	return nil
}

func refusalOf(err error) *refusal {
	switch {
	case errors.Is(err, errGone):
		return refuseGone
	case errors.Is(err, errBusy):
		return refuseBusy
	default:
		return refuseFull
	}
}

// parseTTL reads the TTL header (RFC 8030 section 5.2) and shortens what is longer than maxTTL.
func parseTTL(h http.Header) (time.Duration, *refusal) {
	text := h.Get("TTL")
	negative := strings.HasPrefix(text, "-")
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, refuseTTL
	}
	if negative && strings.Trim(digits, "0") != "" {
		return 0, refuseNegative
	}
	seconds, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || seconds > int64(maxTTL/time.Second) {
		return maxTTL, nil
	}
	return time.Duration(seconds) * time.Second, nil
}

func validTopic(s string) bool {
	return s != "" && len(s) <= maxTopic && isBase64URL(s)
}

func isBase64URL(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// authorized checks VAPID: wherever it is given, and that it is given, with the right key, where the endpoint is
// restricted.
func (s *Service) authorized(r *http.Request, to endpoint) bool {
	authorization := r.Header.Get("Authorization")
	if authorization == "" {
		return !to.restricted
	}
	cryptoKey := strings.Join(r.Header.Values("Crypto-Key"), ",")
	key, err := s.verifier.Verify(authorization, cryptoKey, s.o.Now())
	if err != nil {
		s.log.Debug("push refused", "device", to.device, "err", err)
		return false
	}
	hash := sha256.Sum256(key)
	return !to.restricted || subtle.ConstantTimeCompare(hash[:], to.key[:]) == 1
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	if n := r.ContentLength; n >= 0 && n <= maxBody { // the usual case, without room to spare and without copying
		b := make([]byte, n)
		if _, err := io.ReadFull(r.Body, b); err != nil {
			return nil, refuseBody
		}
		return b, nil
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refuseSize
	}
	if err != nil {
		return nil, refuseBody
	}
	return append([]byte(nil), b...), nil // without ReadAll's spare room, since it may be kept for long
}

// parseEncoding reads how a message is encrypted: aes128gcm with everything in the body (RFC 8291), or the older aesgcm
// with salt and key in headers.
func parseEncoding(h http.Header, body int) (contentEncoding, *refusal) {
	if body == 0 {
		return contentEncoding{}, nil
	}
	salt, saltHeader := parameter(h.Values("Encryption"), "salt")
	dh, keyHeader := parameter(h.Values("Crypto-Key"), "dh")
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding"))) {
	case "aes128gcm":
		if saltHeader || keyHeader {
			return contentEncoding{}, refuseEncoding
		}
		return contentEncoding{Encoding: "aes128gcm"}, nil
	case "aesgcm":
		if !validParameter(salt) || !validParameter(dh) {
			return contentEncoding{}, refuseEncoding
		}
		e := contentEncoding{Encoding: "aesgcm", Encryption: "salt=" + salt, CryptoKey: "dh=" + dh}
		if rs, has := parameter(h.Values("Encryption"), "rs"); has && strings.Trim(rs, "0123456789") == "" && len(rs) < 10 {
			e.Encryption += ";rs=" + rs
		}
		return e, nil
	default:
		return contentEncoding{}, refuseEncoding
	}
}

func validParameter(s string) bool { return s != "" && len(s) <= 128 && isBase64URL(s) }

// parameter finds name=value in headers whose parts are separated by commas and semicolons, without quotes and padding.
func parameter(headers []string, name string) (value string, has bool) {
	for _, h := range headers {
		for part := range strings.FieldsFuncSeq(h, func(r rune) bool { return r == ',' || r == ';' }) {
			key, v, _ := strings.Cut(part, "=")
			if strings.EqualFold(strings.TrimSpace(key), name) {
				return strings.TrimRight(strings.Trim(strings.TrimSpace(v), `"`), "="), true
			}
		}
	}
	return "", false
}
