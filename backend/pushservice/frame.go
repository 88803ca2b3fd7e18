package pushservice

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// request is any message from a device. A field that a kind of message does not have stays empty.
//
// Example: {"messageType":"ack","updates":[{"channelID":"0b3ae491-…","version":"XBOiKZY9…","code":100}]}.
type request struct {
	MessageType string                     `json:"messageType"`
	UAID        string                     `json:"uaid"`
	ChannelID   string                     `json:"channelID"`
	Key         string                     `json:"key"`
	Code        int                        `json:"code"`
	Updates     []update                   `json:"updates"`
	Broadcasts  map[string]json.RawMessage `json:"broadcasts"`
}

// update is one message acknowledged. Code 0 means that there was none: delivered.
//
// Example: {"channelID":"0b3ae491-…","version":"XBOiKZY9…","code":100}.
type update struct {
	ChannelID string `json:"channelID"`
	Version   string `json:"version"`
	Code      int    `json:"code"`
}

// Names of messages.
const (
	typeHello        = "hello"
	typeRegister     = "register"
	typeUnregister   = "unregister"
	typeNotification = "notification"
	typeAck          = "ack"
	typeNack         = "nack"
	typePing         = "ping"
	typeBroadcast    = "broadcast_subscribe"
)

var errFrame = errors.New("pushservice: not a message of the protocol")

// decodeFrame reads a message from a device. The empty object is a ping.
func decodeFrame(b []byte) (request, error) {
	var r request
	b = bytes.TrimSpace(b)
	if len(b) == 0 || b[0] != '{' {
		return request{}, errFrame
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return request{}, errFrame
	}
	if r.MessageType == "" {
		if len(bytes.Trim(b, "{} \t\r\n")) > 0 {
			return request{}, errFrame
		}
		r.MessageType = typePing
	}
	return r, nil
}

// decodeKey reads a VAPID key: base64url with or without padding, as Firefox and KUnifiedPush write it.
func decodeKey(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}

// helloReply greets a device.
//
// Example: {"messageType":"hello","uaid":"01f0a1f6812447bba0431291efe607cb","status":200,"use_webpush":true,"broadcasts":{}}.
type helloReply struct {
	MessageType string         `json:"messageType"`
	UAID        string         `json:"uaid"`
	Status      int            `json:"status"`
	UseWebPush  bool           `json:"use_webpush"`
	Broadcasts  map[string]any `json:"broadcasts"`
}

// registerReply answers register; with status 400 PushEndpoint is an error text.
//
// Example: {"messageType":"register","channelID":"0b3ae491-…","status":200,"pushEndpoint":"https://push.example/wpush/v2/…"}.
type registerReply struct {
	MessageType  string `json:"messageType"`
	ChannelID    string `json:"channelID"`
	Status       int    `json:"status"`
	PushEndpoint string `json:"pushEndpoint"`
}

// unregisterReply answers unregister, also for a channel that was not there.
//
// Example: {"messageType":"unregister","channelID":"0b3ae491-…","status":200}.
type unregisterReply struct {
	MessageType string `json:"messageType"`
	ChannelID   string `json:"channelID"`
	Status      int    `json:"status"`
}

// notification carries a message to a device. One without a body has neither data nor headers.
//
// Example: {"messageType":"notification","channelID":"0b3ae491-…","version":"XBOiKZY9…","data":"ijAa8hLS…",
// "headers":{"encoding":"aes128gcm"}}.
type notification struct {
	MessageType string           `json:"messageType"`
	ChannelID   string           `json:"channelID"`
	Version     string           `json:"version"`
	Data        string           `json:"data,omitempty"`
	Headers     *contentEncoding `json:"headers,omitempty"`
}

// contentEncoding says how a message is encrypted. Encryption and CryptoKey belong to the legacy coding only.
//
// Example: {"encoding":"aesgcm","encryption":"salt=…","crypto_key":"dh=…"}.
type contentEncoding struct {
	Encoding   string `json:"encoding"`
	Encryption string `json:"encryption,omitempty"`
	CryptoKey  string `json:"crypto_key,omitempty"`
}

func encodeNotification(m *message) ([]byte, error) {
	n := notification{MessageType: typeNotification, ChannelID: m.channel.dashed(), Version: m.id.version()}
	if len(m.body) > 0 {
		n.Data = base64.RawURLEncoding.EncodeToString(m.body)
		n.Headers = &m.encoding
	}
	return json.Marshal(n)
}
