package hub

import (
	"net/http"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

// sendOperations are the rows of the table that send: "Notification Hubs REST API, REST API methods".
func sendOperations() []operation {
	return []operation{
		{method: http.MethodPost, pattern: "messages", right: record.Send, handle: (*Hub).send},
		{method: http.MethodPost, pattern: "messages/$batch", right: record.Send, handle: (*Hub).batch},
		{method: http.MethodGet, pattern: "messages/{id}", right: record.Send, handle: (*Hub).details},
		{method: http.MethodGet, pattern: "messages/$batch/{id}", right: record.Send, handle: (*Hub).details},
		{method: http.MethodPost, pattern: "schedulednotifications", right: record.Send, handle: (*Hub).schedule},
		{method: http.MethodDelete, pattern: "schedulednotifications/{id}", right: record.Send, handle: (*Hub).cancel},
		{method: http.MethodGet, pattern: "feedbackcontainer", right: record.Manage, handle: (*Hub).feedbackContainer},
		{method: http.MethodGet, pattern: feedbackPattern, right: record.Manage, handle: (*Hub).feedbackList},
		{method: http.MethodGet, pattern: feedbackDayPattern, right: record.Manage, handle: (*Hub).feedbackDocument},
		{method: http.MethodPost, pattern: "jobs", right: record.Manage, handle: (*Hub).submitJob},
		{method: http.MethodGet, pattern: "jobs", right: record.Manage, handle: (*Hub).jobs},
		{method: http.MethodGet, pattern: "jobs/{id}", right: record.Manage, handle: (*Hub).job},
	}
}

// send takes a notification to tags, to everybody or to one handle, and sends it or tries it out at once: "Notification Hubs
// REST API, Send; Direct send; Test send".
func (h *Hub) send(c *call) error {
	body, err := c.body(maxBody)
	if err != nil {
		return err
	}
	n, err := readNotification(c.r.Header, body)
	if err != nil {
		return err
	}
	if c.has("direct") || c.r.Header.Get(headerHandle) != "" {
		to, err := directHandle(c.r.Header, n.Format)
		if err != nil {
			return err
		}
		n.Direct, n.Handles, n.Tags = true, []record.Handle{to}, ""
	}
	if c.has("test") {
		return h.test(c, n)
	}
	id, err := h.sender.submit(c.r.Context(), c, n)
	if err != nil {
		return err
	}
	return h.created(c, h.location(c, "messages", id))
}

// batch takes a notification to many handles: "Notification Hubs REST API, Direct batch send".
func (h *Hub) batch(c *call) error {
	body, err := c.body(maxBatchBody)
	if err != nil {
		return err
	}
	text, to, err := readBatch(c.r.Header.Get("Content-Type"), body, readFormat(c.r.Header))
	if err != nil {
		return err
	}
	n, err := readNotification(c.r.Header, text)
	if err != nil {
		return err
	}
	n.Direct, n.Handles, n.Tags = true, to, ""
	id, err := h.sender.submit(c.r.Context(), c, n)
	if err != nil {
		return err
	}
	return h.created(c, h.location(c, "messages", "$batch", id)+"&direct") // as the service has it
}

// created answers that something was accepted and where it is.
func (h *Hub) created(c *call, location string) error {
	c.w.Header().Set("Location", location)
	c.w.Header().Set("Content-Type", typeXML)
	return c.empty(http.StatusCreated)
}

// details tells what became of a notification: "Notification Hubs REST API, Get notification message telemetry".
func (h *Hub) details(c *call) error {
	id := c.path[len(c.path)-1]
	a := h.sender.ledger.find(id, h.now())
	if a == nil {
		return refuse(http.StatusNotFound, "There is no such notification, or no more.")
	}
	r := a.report()
	return c.reply(http.StatusOK, typeXML, atom.AppendDetails(nil, atom.Details{
		ID: r.id, Location: h.location(c, "messages", r.id), State: r.state, Enqueued: r.enqueued, Started: r.started, Ended: r.ended,
		Tags: r.tags, Platforms: r.platforms, Counts: r.counts,
	}))
}
