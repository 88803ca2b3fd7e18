package autopush

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"securepush/api"
	"securepush/webpush"
)

const (
	maxSeen     = 100  // versions remembered, as Firefox does
	maxVersion  = 256  // characters of a version that is worth remembering; a usual one has under 100
	maxEndpoint = 1000 // bytes
	maxUAID     = 128  // characters
)

// state is what outlives the process. It holds secrets: keys and uaid.
//
// Example: {"url":"wss://push.example/push","uaid":"01f0a1f6812447bba0431291efe607cb",
// "channel":"0b3ae491-9a09-4b63-8c03-4b07ea6ed652","endpoint":"https://push.example/wpush/v2/…","keys":"AQ…",
// "vapidKey":"BHaW…","seen":["XBOiKZY9…"]}.
type state struct {
	URL      string   `json:"url"`
	UAID     string   `json:"uaid"`
	Channel  string   `json:"channel"`
	Endpoint string   `json:"endpoint"`
	Keys     []byte   `json:"keys"`     // binary form of webpush.Keys
	VAPIDKey string   `json:"vapidKey"` // that the channel was registered with
	Seen     []string `json:"seen"`     // versions of the last messages, oldest first
}

// loadState reads a saved state. One that is not for this push service is none: the uaid is a secret of the other one.
func loadState(saved []byte, serviceURL string) (state, *webpush.Keys, error) {
	empty := state{URL: serviceURL}
	if len(saved) == 0 {
		return empty, nil, nil
	}
	var st state
	if err := json.Unmarshal(saved, &st); err != nil {
		return empty, nil, fmt.Errorf("autopush: saved state: %w", err)
	}
	if st.URL != serviceURL {
		return empty, nil, nil
	}
	if st.Channel == "" || st.Endpoint == "" || st.UAID == "" {
		return empty, nil, errors.New("autopush: saved state is incomplete")
	}
	keys := new(webpush.Keys)
	if err := keys.UnmarshalBinary(st.Keys); err != nil {
		return empty, nil, fmt.Errorf("autopush: saved state: %w", err)
	}
	return st, keys, nil
}

// subscribed says whether there is a channel.
func (st *state) subscribed() bool { return st.Channel != "" }

// saw says whether a message came before.
func (st *state) saw(version string) bool { return slices.Contains(st.Seen, version) }

// remember keeps the version of a message that has been dealt with.
func (st *state) remember(version string) {
	if len(version) > maxVersion {
		return
	}
	if len(st.Seen) >= maxSeen {
		st.Seen = slices.Delete(st.Seen, 0, len(st.Seen)-maxSeen+1)
	}
	st.Seen = append(st.Seen, version)
}

// adopt makes a subscription the edge's own once it is persisted: what would be lost with this process must not be
// relied on.
func (e *Edge) adopt(st state, keys *webpush.Keys) error {
	if err := e.persist(st); err != nil {
		return err
	}
	e.state, e.keys, e.dirty = st, keys, false
	return nil
}

// save persists the state if it has changed.
func (e *Edge) save() error {
	if !e.dirty {
		return nil
	}
	if err := e.persist(e.state); err != nil {
		return err
	}
	e.dirty = false
	return nil
}

func (e *Edge) persist(st state) error {
	b, err := json.Marshal(st)
	if err == nil {
		err = e.handler.SaveState(b)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNotSaved, err)
	}
	return nil
}

// channel is what the back end has to know.
func (e *Edge) channel() api.PushChannel {
	return api.PushChannel{Endpoint: e.state.Endpoint, P256DH: e.keys.P256DH(), Auth: e.keys.Auth()}
}

// checkEndpoint refuses what cannot be the address of a channel.
func checkEndpoint(s string) error {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxEndpoint {
		return errors.New("endpoint is not a URL of up to 1000 bytes")
	}
	_, err = webpush.Origin(u)
	return err
}

func decodeBase64(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}
