package hubclient

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Message is a notification for browsers.
type Message struct {
	// Tags is a tag or a tag expression. It is needed: a hub takes none for everybody. Example: "username:anna && !muted"
	Tags string
	// Body is JSON of at most 64 KB. Example: {"secureId":"7Jb0m3Zl3oWm4m0x0n9L9w"}
	Body []byte
	// TTL is how long the push service keeps it for a device that is away, in whole seconds, rounded up; 0: not at all.
	TTL     time.Duration
	Urgency string // of RFC 8030; empty: "normal"
	Topic   string // of RFC 8030; empty: none
	// RequestID is the same when the message is sent again after ErrUnclear, so that a hub that has it already knows. Empty: one
	// is drawn. Example: "fdb3a873-afac-43c1-9a47-a47a9cccebc9"
	RequestID string
}

// Send gives a notification to the hub, which delivers it later, to whoever has such tags then. It returns the hub's ID of
// the notification, empty when the hub does not tell. A send whose answer got lost is not made again: ErrUnclear.
func (c *Client) Send(ctx context.Context, m Message) (string, error) {
	if m.Tags == "" {
		return "", errors.New("hubclient: a notification without tags would go to everybody")
	}
	ttl := max(0, m.TTL/time.Second)
	if m.TTL > 0 && m.TTL%time.Second != 0 {
		ttl++
	}
	header := map[string]string{
		"Content-Type":                  "application/json;charset=utf-8",
		"ServiceBusNotification-Format": platform,
		"ServiceBusNotification-Tags":   m.Tags,
		"TTL":                           strconv.FormatInt(int64(ttl), 10),
	}
	if m.Urgency != "" {
		header["Urgency"] = m.Urgency
	}
	if m.Topic != "" {
		header["Topic"] = m.Topic
	}
	for _, value := range []string{m.Tags, m.Urgency, m.Topic, m.RequestID} {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return "", errors.New("hubclient: a notification's header has a control character")
		}
	}
	a, err := c.do(ctx, call{op: opSend, method: http.MethodPost, path: "/messages", header: header, body: m.Body, id: m.RequestID})
	if err != nil {
		return "", err
	}
	return lastSegment(a.header.Get("Location")), nil
}

// lastSegment finds a notification's ID in its address.
//
// Example: https://localhost:9443/hub1/messages/4651c1ec2b614f14bfec41c62ca000b1-20181107001828-33331921-15?api-version=2020-06.
func lastSegment(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	p := strings.Trim(u.Path, "/")
	return p[strings.LastIndexByte(p, '/')+1:]
}
