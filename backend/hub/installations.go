package hub

import (
	"errors"
	"net/http"
	"time"

	"securepush/backend/hub/installation"
	"securepush/backend/hub/record"
)

// installationPattern is the path of one installation.
const installationPattern = "installations/{id}"

// errAbsent is the recorded answer.
var errAbsent = refuse(http.StatusNotFound, "Installation not found")

// errOther is a defect of whoever admits.
var errOther = errors.New("hub: another installation was admitted than the one that was asked for")

// putInstallation is "Create or overwrite an installation". It is done when it is answered.
func (h *Hub) putInstallation(c *call) error {
	body, err := c.body(maxDocument)
	if err != nil {
		return err
	}
	doc, err := installation.Decode(c.path[1], body)
	if err != nil {
		return err
	}
	if doc, err = h.admit(c, doc); err != nil {
		return err
	}
	in, derived, err := kept(doc, h.now())
	if err != nil {
		return err
	}
	if err := h.o.Store.PutHubInstallation(c.r.Context(), in, derived); err != nil {
		return err
	}
	return h.written(c)
}

// written answers a write of an installation.
func (h *Hub) written(c *call) error {
	c.w.Header().Set("Content-Location", h.location(c, c.path...))
	return c.empty(http.StatusOK)
}

// admit lets the back end have its say on what a device of its own wants. It may change everything but whose it is.
func (h *Hub) admit(c *call, doc *installation.Document) (*installation.Document, error) {
	if c.device == nil {
		return doc, nil
	}
	admitted, err := h.o.Device.Admit(c.r.Context(), c.device, doc)
	if err == nil && admitted.ID() != doc.ID() {
		err = &failure{status: http.StatusInternalServerError, text: "The installation cannot be written.", cause: errOther}
	}
	return admitted, err
}

// kept is what the store has of an installation, with the registrations that follow from it. One whose time has passed would be
// gone at once, which whoever sends it cannot mean.
func kept(doc *installation.Document, now time.Time) (record.Installation, []record.Registration, error) {
	in := doc.Record(now)
	if !in.Expires.IsZero() && !in.Expires.After(now) {
		return in, nil, refuse(http.StatusBadRequest, "expirationTime has passed.")
	}
	derived, err := doc.Registrations()
	return in, derived, err
}

// stored reads an installation that was kept.
func stored(in record.Installation) (*installation.Document, error) {
	doc, err := installation.FromRecord(in)
	if err != nil { // a document that was once valid
		return nil, &failure{status: http.StatusInternalServerError, text: "The installation cannot be read.", cause: err}
	}
	return doc, nil
}

// readInstallation is "Read an installation".
func (h *Hub) readInstallation(c *call) error {
	in, err := h.o.Store.HubInstallation(c.r.Context(), c.path[1])
	if err != nil {
		return absent(err)
	}
	doc, err := stored(in)
	if err != nil {
		return err
	}
	return c.reply(http.StatusOK, typeJSON, doc.Encode(in.Expired))
}

// absent gives an installation that is not there its words.
func absent(err error) error {
	if errors.Is(err, record.ErrNotFound) {
		return errAbsent
	}
	return err
}

// patchInstallation is "Update an installation": all operations or none. A new channel is one that works.
func (h *Hub) patchInstallation(c *call) error {
	body, err := c.body(maxDocument)
	if err != nil {
		return err
	}
	err = h.o.Store.UpdateHubInstallation(c.r.Context(), c.path[1], func(before record.Installation) (record.Installation, []record.Registration, error) {
		old, err := stored(before)
		if err != nil {
			return before, nil, err
		}
		doc, err := old.Patch(body)
		if err != nil {
			return before, nil, err
		}
		doc, err = h.admit(c, doc)
		if err != nil {
			return before, nil, err
		}
		after, derived, err := kept(doc, h.now())
		after.Expired = before.Expired && doc.SameChannel(old)
		return after, derived, err
	})
	if err != nil {
		return absent(err)
	}
	return h.written(c)
}

// deleteInstallation is "Delete an installation". That there is none is no error, so that it can be repeated. Who is deleted
// gets nothing more, also not what is queued.
func (h *Hub) deleteInstallation(c *call) error {
	before, err := h.o.Store.HubInstallation(c.r.Context(), c.path[1])
	if errors.Is(err, record.ErrNotFound) {
		return c.empty(http.StatusNoContent)
	}
	if err != nil {
		return err
	}
	if err := h.o.Store.DeleteHubInstallation(c.r.Context(), c.path[1]); err != nil {
		return err
	}
	if doc, err := stored(before); err == nil && spoken(doc.Platform()) {
		h.o.Sender.Forget(doc.Channel().Handle)
	}
	return c.empty(http.StatusNoContent)
}
