package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// errShape says that a JSON text is not what was asked for.
var errShape = errors.New("api: unexpected JSON")

// DecodeStrict reads exactly one JSON value other than null from b into v. Unknown fields are ignored, so that a newer
// server does not break an older client; trailing data is an error.
func DecodeStrict(b []byte, v any) error {
	if t := bytes.TrimSpace(b); len(t) == 0 || bytes.Equal(t, []byte("null")) {
		return errShape
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errShape, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errShape
	}
	return nil
}

// MarshalJSON writes a single recipient as a string and several as a list.
func (r Recipients) MarshalJSON() ([]byte, error) {
	if len(r) == 1 {
		return json.Marshal(r[0])
	}
	return json.Marshal([]string(r))
}

// UnmarshalJSON reads a string or a list of strings.
func (r *Recipients) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err == nil {
		*r = nil
		if one != "" {
			*r = Recipients{one}
		}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return fmt.Errorf("to must be a string or a list of strings: %w", err)
	}
	*r = many
	return nil
}

// tutorialNotification is the shape of the older tutorial's back end.
//
// Example: {"Id":3,"Payload":"Secure confirmation.","Read":false}.
type tutorialNotification struct {
	ID      *json.Number `json:"Id"`
	Payload *string      `json:"Payload"`
	Read    bool         `json:"Read"`
}

// decodeNotification reads one notification and checks that it is the one asked for. The older tutorial's shape, with
// its number for an ID, is told by the case of its keys.
func decodeNotification(b []byte, want ID) (Notification, error) {
	var keys map[string]json.RawMessage
	if err := DecodeStrict(b, &keys); err != nil {
		return Notification{}, err
	}
	if _, old := keys["Id"]; old {
		var t tutorialNotification
		if err := DecodeStrict(b, &t); err != nil {
			return Notification{}, err
		}
		if t.ID == nil || t.Payload == nil || ID(t.ID.String()) != want {
			return Notification{}, errShape
		}
		return Notification{ID: want, Payload: *t.Payload, Read: t.Read, Priority: PriorityNormal}, nil
	}
	var n Notification
	if err := DecodeStrict(b, &n); err != nil {
		return Notification{}, err
	}
	if n.ID != want {
		return Notification{}, errShape
	}
	n.normalise()
	return n, nil
}

func (n *Notification) normalise() {
	if n.Priority == "" || !n.Priority.Valid() {
		n.Priority = PriorityNormal
	}
}

// ParseTutorialID checks the number that a back end made from the older tutorial uses as an ID: up to 19 digits.
func ParseTutorialID(s string) (ID, error) {
	if len(s) == 0 || len(s) > 19 {
		return "", ErrBadID
	}
	if _, err := strconv.ParseUint(s, 10, 64); err != nil {
		return "", ErrBadID
	}
	return ID(s), nil
}
