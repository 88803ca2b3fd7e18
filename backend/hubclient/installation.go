package hubclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"securepush/api"
)

const (
	opPut    = "put installation"
	opGet    = "get installation"
	opDelete = "delete installation"
	opSend   = "send"

	maxInstallationID = 256 // bytes
	platform          = "browser"
)

// Installation is a browser, or what speaks like one, in a hub.
type Installation struct {
	ID      string
	UserID  string
	Channel api.PushChannel
	Tags    []string
	Expired bool // the push service has declared the channel dead; never written
}

// installation is the body of requests and answers ("Create or overwrite an installation", "Get an installation").
//
// Example: {"installationId":"9d1e…","userId":"anna","platform":"browser","pushChannel":{"endpoint":"https://…","p256dh":"B…",
// "auth":"k…"},"tags":["username:anna"]}.
type installation struct {
	InstallationID string          `json:"installationId"`
	UserID         string          `json:"userId,omitempty"`
	Platform       string          `json:"platform"`
	PushChannel    json.RawMessage `json:"pushChannel"`
	Tags           []string        `json:"tags,omitempty"`
	Expired        bool            `json:"pushChannelExpired,omitempty"`
	OldExpired     bool            `json:"expiredPushChannel,omitempty"` // as the documentation has it
}

// PutInstallation stores a device, in place of what the hub had under its ID.
func (c *Client) PutInstallation(ctx context.Context, in Installation) error {
	path, err := installationPath(in.ID)
	if err != nil {
		return err
	}
	channel, err := json.Marshal(in.Channel)
	if err != nil {
		return fmt.Errorf("hubclient: %w", err)
	}
	body, err := json.Marshal(installation{InstallationID: in.ID, UserID: in.UserID, Platform: platform, PushChannel: channel, Tags: in.Tags})
	if err != nil {
		return fmt.Errorf("hubclient: %w", err)
	}
	_, err = c.do(ctx, call{
		op: opPut, method: http.MethodPut, path: path, body: body, twice: true,
		header: map[string]string{"Content-Type": "application/json"},
	})
	return err
}

// Installation reads a device. The error is ErrNotFound when the hub has none of that ID. The channel is empty when the
// device is of another platform.
func (c *Client) Installation(ctx context.Context, id string) (Installation, error) {
	path, err := installationPath(id)
	if err != nil {
		return Installation{}, err
	}
	a, err := c.do(ctx, call{op: opGet, method: http.MethodGet, path: path, twice: true})
	if err != nil {
		return Installation{}, err
	}
	return decodeInstallation(a.body)
}

func decodeInstallation(body []byte) (Installation, error) {
	if len(body) > maxAnswer {
		return Installation{}, errors.New("hubclient: the hub's answer is too large")
	}
	var in installation
	if err := json.Unmarshal(body, &in); err != nil {
		return Installation{}, errors.New("hubclient: the hub's answer is not an installation") // the cause may repeat some of it
	}
	return Installation{
		ID: in.InstallationID, UserID: in.UserID, Tags: in.Tags, Expired: in.Expired || in.OldExpired,
		Channel: decodeChannel(in.PushChannel),
	}, nil
}

// decodeChannel reads both forms in use: an object, and a string that holds one. Other platforms have other strings.
func decodeChannel(raw json.RawMessage) (channel api.PushChannel) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	if json.Unmarshal(raw, &channel) != nil {
		return api.PushChannel{}
	}
	return channel
}

// DeleteInstallation forgets a device. It succeeds when there is none.
func (c *Client) DeleteInstallation(ctx context.Context, id string) error {
	path, err := installationPath(id)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, call{op: opDelete, method: http.MethodDelete, path: path, twice: true})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

func installationPath(id string) (string, error) {
	if !validName(id, maxInstallationID) {
		return "", errors.New("hubclient: this is not the ID of an installation")
	}
	return "/installations/" + url.PathEscape(id), nil
}
