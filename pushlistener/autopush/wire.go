package autopush

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
)

// The types of message that are sent or understood. Others from the service are ignored.
const (
	typeHello        = "hello"
	typeRegister     = "register"
	typeUnregister   = "unregister"
	typeNotification = "notification"
	typeAck          = "ack"
)

// The codes of an acknowledgement.
const (
	codeDelivered     = 100
	codeUndecryptable = 101
	codeNotDelivered  = 102
)

const statusOK = 200

// hello opens the connection. UAID is empty for a device without a subscription.
//
// Example: {"messageType":"hello","uaid":"01f0a1f6812447bba0431291efe607cb","use_webpush":true}.
type hello struct {
	Type       string `json:"messageType"`
	UAID       string `json:"uaid,omitempty"`
	UseWebPush bool   `json:"use_webpush"` // older services have another mode
}

// register asks for a channel.
//
// Example: {"messageType":"register","channelID":"0b3ae491-9a09-4b63-8c03-4b07ea6ed652","key":"BHaWCqVm…"}.
type register struct {
	Type      string `json:"messageType"`
	ChannelID string `json:"channelID"`
	Key       string `json:"key"`
}

// unregister gives a channel up.
//
// Example: {"messageType":"unregister","channelID":"0b3ae491-9a09-4b63-8c03-4b07ea6ed652","code":200}.
type unregister struct {
	Type      string `json:"messageType"`
	ChannelID string `json:"channelID"`
	Code      int    `json:"code"`
}

// ack acknowledges messages.
//
// Example: {"messageType":"ack","updates":[{"channelID":"0b3ae491-…","version":"XBOiKZY9…","code":100}]}.
type ack struct {
	Type    string   `json:"messageType"`
	Updates []update `json:"updates"`
}

// update acknowledges one message.
//
// Example: {"channelID":"0b3ae491-…","version":"XBOiKZY9…","code":100}.
type update struct {
	ChannelID string `json:"channelID"`
	Version   string `json:"version"`
	Code      int    `json:"code"`
}

// message is what the service sends: the fields of all types together.
//
// Example: {"messageType":"notification","channelID":"0b3ae491-…","version":"XBOiKZY9…","data":"ijAa8hLS…",
// "headers":{"encoding":"aes128gcm"}}.
type message struct {
	Type      string  `json:"messageType"`
	Status    int     `json:"status"`       // hello, register
	UAID      string  `json:"uaid"`         // hello
	ChannelID string  `json:"channelID"`    // register, notification
	Endpoint  string  `json:"pushEndpoint"` // register; with a status other than 200 a text
	Version   string  `json:"version"`      // notification: names the message
	Data      string  `json:"data"`         // notification: base64url; absent for a push without a body
	Headers   headers `json:"headers"`      // notification
}

// headers say how a notification is encrypted.
//
// Example: {"encoding":"aesgcm","encryption":"salt=…","crypto_key":"dh=…"}.
type headers struct {
	Encoding   string `json:"encoding"`
	Encryption string `json:"encryption"`
	CryptoKey  string `json:"crypto_key"`
}

func decodeMessage(b []byte) (*message, error) {
	m := new(message)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%w: %w", errProtocol, err)
	}
	return m, nil
}

// newChannelID draws a random UUID in the one form that services take: lower case, with dashes.
func newChannelID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
