package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"securepush/backend/hub/record"
)

// Limits of a direct batch.
const (
	maxBatch     = 1000            // handles
	maxBatchBody = maxBody + 4<<20 // bytes: the notification and a thousand handles of the longest kind
	maxParts     = 8               // of which two are looked at
)

// readBatch takes a direct batch apart into the notification's body and the devices' handles: "Notification Hubs REST API,
// Direct batch send". It refuses what lacks one of the two.
func readBatch(contentType string, body []byte, format string) (notification []byte, handles []record.Handle, err error) {
	parts, err := readParts(contentType, body)
	if err != nil {
		return nil, nil, &failure{status: http.StatusBadRequest, text: "The body is not multipart/mixed with the parts notification and devices.", cause: err}
	}
	notification, ok := parts["notification"]
	if !ok {
		return nil, nil, refuse(http.StatusBadRequest, "The part notification is missing.")
	}
	devices, ok := parts["devices"]
	if !ok {
		return nil, nil, refuse(http.StatusBadRequest, "The part devices is missing.")
	}
	handles, err = readHandles(devices, format)
	return notification, handles, err
}

// readParts returns the parts by name. Go's own FormName knows only parts of forms, while these are "inline".
func readParts(contentType string, body []byte) (map[string][]byte, error) {
	_, params, err := mime.ParseMediaType(contentType) // takes the spaces that Azure's client puts around "="
	if err != nil {
		return nil, err
	}
	if params["boundary"] == "" {
		return nil, errors.New("hub: a batch without boundary")
	}
	parts := make(map[string][]byte)
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range maxParts {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(p)
		if err != nil {
			return nil, err
		}
		name := partName(p.Header.Get("Content-Disposition"))
		if _, twice := parts[name]; twice {
			return nil, errors.New("hub: a batch with a part twice")
		}
		parts[name] = text
	}
	return nil, errors.New("hub: a batch with too many parts")
}

func partName(disposition string) string {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	return strings.ToLower(params["name"])
}

// browserHandle is how a browser stands in a list of handles.
type browserHandle struct {
	Endpoint string `json:"endpoint"` // Example: "https://push.example/abc"
	P256DH   string `json:"p256dh"`   // Example: "BPUB…"
	Auth     string `json:"auth"`     // Example: "AUTH…"
}

// readHandles reads a JSON array of handles. One of a browser is an object, or a string that holds it as JSON.
func readHandles(devices []byte, format string) ([]record.Handle, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(devices, &list); err != nil {
		return nil, &failure{status: http.StatusBadRequest, text: "The part devices is a JSON array of handles.", cause: err}
	}
	if len(list) == 0 || len(list) > maxBatch {
		return nil, refuse(http.StatusBadRequest, "A batch has 1 to 1000 devices.")
	}
	handles := make([]record.Handle, len(list))
	for i, text := range list {
		h, err := readHandle(text, format)
		if err != nil {
			return nil, &failure{status: http.StatusBadRequest, text: "A device of the batch has no handle.", cause: err}
		}
		if err := checkHandle(h, format); err != nil {
			return nil, err
		}
		handles[i] = h
	}
	return handles, nil
}

func readHandle(text json.RawMessage, format string) (record.Handle, error) {
	var handle string
	err := json.Unmarshal(text, &handle)
	if format != string(record.Browser) {
		return record.Handle{Handle: handle}, err
	}
	if err == nil {
		text = json.RawMessage(handle)
	}
	var b browserHandle
	err = json.Unmarshal(text, &b)
	return record.Handle{Handle: b.Endpoint, P256DH: b.P256DH, Auth: b.Auth}, err
}
