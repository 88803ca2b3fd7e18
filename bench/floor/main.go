// Command floor is the least that can turn a push into a toast: one socket, one request, one D-Bus call, and none of the
// promises. The benchmarks measure the agent against it.
package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/godbus/dbus/v5"

	"securepush/api"
	"securepush/webpush"
)

// order is what the benchmark writes to standard input.
//
// Example: {"pushUrl":"ws://127.0.0.1:9150/push","vapidKey":"BHaW…","baseUrl":"http://127.0.0.1:8700","token":"…","bus":"unix:…"}.
type order struct {
	PushURL  string `json:"pushUrl"`
	VAPIDKey string `json:"vapidKey"`
	BaseURL  string `json:"baseUrl"`
	Token    string `json:"token"`
	Bus      string `json:"bus"`
}

// message is any frame of the push service.
//
// Example: {"messageType":"notification","channelID":"0b3a…","version":"XBOi…","data":"ijAa…"}.
type message struct {
	MessageType  string           `json:"messageType"`
	ChannelID    string           `json:"channelID,omitempty"`
	Key          string           `json:"key,omitempty"`
	PushEndpoint string           `json:"pushEndpoint,omitempty"`
	Version      string           `json:"version,omitempty"`
	Data         string           `json:"data,omitempty"`
	Updates      []map[string]any `json:"updates,omitempty"`
}

func main() {
	fmt.Fprintln(os.Stderr, "floor:", run(context.Background())) // it ends when it is killed, or by an error
	os.Exit(1)
}

func run(ctx context.Context) error {
	var o order
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	bus, err := dbus.Connect(o.Bus)
	if err != nil {
		return err
	}
	c, _, err := websocket.Dial(ctx, o.PushURL, nil) //nolint:bodyclose // the library closes it
	if err != nil {
		return err
	}
	keys, err := webpush.GenerateKeys()
	if err != nil {
		return err
	}
	var id [16]byte
	_, _ = rand.Read(id[:])
	channel := fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	if err := exchange(ctx, c, message{MessageType: "hello"}); err != nil {
		return err
	}
	if err := wsjson.Write(ctx, c, message{MessageType: "register", ChannelID: channel, Key: o.VAPIDKey}); err != nil {
		return err
	}
	var registered message
	if err := wsjson.Read(ctx, c, &registered); err != nil {
		return err
	}
	subscription := api.PushChannel{Endpoint: registered.PushEndpoint, P256DH: keys.P256DH(), Auth: keys.Auth()}
	if err := json.NewEncoder(os.Stdout).Encode(subscription); err != nil {
		return err
	}
	for {
		if err := one(ctx, c, keys, bus, o); err != nil {
			return err
		}
	}
}

func exchange(ctx context.Context, c *websocket.Conn, m message) error {
	if err := wsjson.Write(ctx, c, m); err != nil {
		return err
	}
	var answer message
	return wsjson.Read(ctx, c, &answer)
}

// one takes one push through.
func one(ctx context.Context, c *websocket.Conn, keys *webpush.Keys, bus *dbus.Conn, o order) error {
	var m message
	if err := wsjson.Read(ctx, c, &m); err != nil {
		return err
	}
	body, err := base64.RawURLEncoding.DecodeString(m.Data)
	if err != nil {
		return err
	}
	text, err := keys.Open(body)
	if err != nil {
		return err
	}
	id, err := api.DecodePush(text)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.BaseURL+"/api/notifications/"+string(id), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return err
	}
	var n api.Notification
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	call := bus.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications").CallWithContext(ctx,
		"org.freedesktop.Notifications.Notify", 0, "floor", uint32(0), "", n.Title, n.Payload, []string{}, map[string]dbus.Variant{}, int32(1000))
	if call.Err != nil {
		return call.Err
	}
	return wsjson.Write(ctx, c, message{MessageType: "ack", Updates: []map[string]any{{"channelID": m.ChannelID, "version": m.Version, "code": 100}}})
}
