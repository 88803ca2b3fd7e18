package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Receipts is what a device says of the notifications that it has put up. It may be said late, twice or never.
//
// Example: {"installationId":"9d1e…","shown":["7Jb0m3Zl3oWm4m0x0n9L9w"]}.
type Receipts struct {
	InstallationID string `json:"installationId,omitempty"` // empty: the device that the sign-in has registered last
	Shown          []ID   `json:"shown"`                    // up to MaxReceipts
}

// MaxReceipts is how many notifications one request may name in [Receipts].
const MaxReceipts = 1000

// Stage is how far a notification has come. Each includes those before it.
type Stage string

// The stages, in order.
const (
	StageSent      Stage = "sent"      // stored; no device has asked for it yet
	StageDelivered Stage = "delivered" // a device has fetched it
	StageShown     Stage = "shown"     // a device has told the person of it
	StageRead      Stage = "read"      // the person has marked it as read
)

// Delivery is how far one notification has come, as far as the server knows. It knows no devices but registered ones.
// Whoever sent it learns when and on how many devices; the person it is for also on which.
//
// Example: {"id":"7Jb0m3Zl3oWm4m0x0n9L9w","to":"anna","createdAt":"2026-11-21T14:32:08Z","state":"shown","deliveredTo":2,
// "shownOn":1,"delivered":"2026-11-21T14:32:08Z","shown":"2026-11-21T14:32:09Z","devices":[…]}.
type Delivery struct {
	ID          ID         `json:"id"`
	To          string     `json:"to"`              // the user
	Title       string     `json:"title,omitempty"` // none when it is gone
	CreatedAt   time.Time  `json:"createdAt"`
	State       Stage      `json:"state"`
	Gone        bool       `json:"gone,omitempty"`      // deleted, replaced or expired meanwhile
	DeliveredTo int        `json:"deliveredTo"`         // devices
	ShownOn     int        `json:"shownOn"`             // devices
	Delivered   *time.Time `json:"delivered,omitempty"` // to the first of them
	Shown       *time.Time `json:"shown,omitempty"`     // on the first of them
	Read        *time.Time `json:"read,omitempty"`      // not known of what was read before the server noted it
	// ReadOn is the name of the device on which it was marked as read, for the person it is for.
	ReadOn string `json:"readOn,omitempty"`
	// Devices are those that the person has, and those that had it and are registered no more; for that person alone.
	Devices []DeviceDelivery `json:"devices,omitempty"`
}

// DeviceDelivery is how far a notification has come on one device.
//
// Example: {"name":"Desk-12","delivered":"2026-11-21T14:32:08Z","shown":"2026-11-21T14:32:09Z"}.
type DeviceDelivery struct {
	Name      string     `json:"name,omitempty"` // empty: it has none, or is registered no more
	Delivered *time.Time `json:"delivered,omitempty"`
	Shown     *time.Time `json:"shown,omitempty"`
}

// SentPage is a run of what an account has sent, newest first. Next leads further into the past.
//
// Example: {"items":[…],"next":"1795271528000-7Jb0m3Zl3oWm4m0x0n9L9w","more":true}.
type SentPage struct {
	Items []Delivery `json:"items"` // without devices
	Next  Cursor     `json:"next"`
	More  bool       `json:"more"`
}

// Receipts says what this device has shown.
func (c *Client) Receipts(ctx context.Context, r Receipts) error {
	_, err := c.do(ctx, call{method: http.MethodPost, path: []string{"api", "notifications", "receipts"}, body: r})
	return err
}

// Status tells how far a notification has come that the caller has sent or received.
func (c *Client) Status(ctx context.Context, id ID) (Delivery, error) {
	var out Delivery
	err := c.json(ctx, call{method: http.MethodGet, path: []string{"api", "notifications", string(id), "status"}}, &out)
	if err == nil && out.ID != id {
		return Delivery{}, unknownServer(errShape)
	}
	return out, err
}

// Sent fetches a page of what the caller has sent, newest first. before is empty, or Next of the page before; limit may be 0.
func (c *Client) Sent(ctx context.Context, before Cursor, limit int) (SentPage, error) {
	v := url.Values{"before": {string(before)}}
	if limit > 0 {
		v.Set("limit", strconv.Itoa(limit))
	}
	var p SentPage
	if err := c.json(ctx, call{method: http.MethodGet, path: []string{"api", "sent"}, query: v, limit: maxPageBytes}, &p); err != nil {
		return SentPage{}, err
	}
	for i := range p.Items {
		if _, err := ParseID(string(p.Items[i].ID)); err != nil {
			return SentPage{}, unknownServer(err)
		}
	}
	return p, nil
}
