package hub

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
	"securepush/backend/hub/tagexpr"
)

const (
	maxDocument = 256 << 10 // bytes of a registration or an installation
	maxPage     = 100       // registrations; what official clients ask for
	maxTags     = 60        // of a registration, those apart that the hub adds
	maxID       = 200       // bytes of a registration's ID
)

// accountOperations are the rows of the table that keep registrations and installations.
func accountOperations() []operation {
	return []operation{
		{http.MethodPost, "registrationids", record.Listen, (*Hub).newRegistrationID, ""},
		{http.MethodPost, "registrations", record.Listen, (*Hub).createRegistration, ""},
		{http.MethodGet, "registrations", record.Listen, (*Hub).listByHandle, "$filter"},
		{http.MethodGet, "registrations", record.Manage, (*Hub).listAll, ""},
		{http.MethodPut, "registrations/{id}", record.Listen, (*Hub).putRegistration, ""},
		{http.MethodGet, "registrations/{id}", record.Listen, (*Hub).readRegistration, ""},
		{http.MethodDelete, "registrations/{id}", record.Listen, (*Hub).deleteRegistration, ""},
		{http.MethodGet, "tags/{tag}/registrations", record.Manage, (*Hub).listByTag, ""},
		{http.MethodPut, installationPattern, record.Listen, (*Hub).putInstallation, ""},
		{http.MethodGet, installationPattern, record.Listen, (*Hub).readInstallation, ""},
		{http.MethodPatch, installationPattern, record.Listen, (*Hub).patchInstallation, ""},
		{http.MethodDelete, installationPattern, record.Listen, (*Hub).deleteInstallation, ""},
	}
}

// newRegistrationID is "Create a registration ID". Nothing is kept: an ID exists when somebody registers under it.
func (h *Hub) newRegistrationID(c *call) error {
	c.w.Header().Set("Location", h.location(c, "registrationids", record.NewRegistrationID()))
	return c.empty(http.StatusCreated)
}

// createRegistration is "Create a registration".
func (h *Hub) createRegistration(c *call) error {
	r, err := h.registration(c, record.NewRegistrationID())
	if err != nil {
		return err
	}
	if r, err = h.o.Store.PutRegistration(c.r.Context(), r, ""); err != nil {
		return err
	}
	c.w.Header().Set("Content-Location", h.location(c, "registrations", r.ID))
	return h.replyEntry(c, r, atom.Reply)
}

// putRegistration is "Create or update a registration", and with If-Match "Update a registration". A registration that follows
// from an installation is changed through that alone: the next write of the installation would undo every other change.
func (h *Hub) putRegistration(c *call) error {
	id := c.path[1]
	if !validID(id) {
		return refuse(http.StatusBadRequest, "The registration ID is not valid.")
	}
	r, err := h.registration(c, id)
	if err != nil {
		return err
	}
	old, err := h.o.Store.Registration(c.r.Context(), id)
	switch {
	case err == nil && old.Installation != "":
		return refuse(http.StatusBadRequest, "This registration belongs to an installation. Update the installation.")
	case err != nil && !errors.Is(err, record.ErrNotFound):
		return err
	}
	if r, err = h.o.Store.PutRegistration(c.r.Context(), r, c.ifMatch()); err != nil {
		return err
	}
	return h.replyEntry(c, r, atom.Reply)
}

// registration reads the one in the body of a request.
func (h *Hub) registration(c *call, id string) (record.Registration, error) {
	body, err := c.body(maxDocument)
	if err != nil {
		return record.Registration{}, err
	}
	r, err := atom.DecodeRegistration(body)
	if err != nil {
		return r, err
	}
	if err := checkTags(r.Tags); err != nil {
		return r, err
	}
	r.ID, r.Created = id, h.now()
	r.Updated = r.Created
	return r, nil
}

// checkTags says what is wrong with the tags that a client wants. Those with a dollar sign say to whom an installation belongs:
// the hub alone sets them.
func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return refuse(http.StatusBadRequest, "There are more than "+strconv.Itoa(maxTags)+" tags.")
	}
	for _, tag := range tags {
		if strings.HasPrefix(tag, "$") {
			return refuse(http.StatusBadRequest, "Tags can not start with $")
		}
		if !tagexpr.Valid(tag) {
			return refuse(http.StatusBadRequest, fmt.Sprintf("An invalid tag '%.120s' was supplied. "+
				"Valid tag characters are alphanumeric, _, @, -, ., : and #, at most 120 of them", tag))
		}
	}
	return nil
}

// validID says whether a registration can have an ID. Clients make up their own, and read it without the space around.
func validID(id string) bool {
	return id != "" && len(id) <= maxID && strings.TrimSpace(id) == id && !strings.ContainsFunc(id, func(r rune) bool { return r == '/' || !unicode.IsGraphic(r) })
}

// readRegistration is "Read a registration".
func (h *Hub) readRegistration(c *call) error {
	r, err := h.o.Store.Registration(c.r.Context(), c.path[1])
	if err != nil {
		return err
	}
	return h.replyEntry(c, r, atom.Read)
}

// deleteRegistration is "Delete a registration". Without If-Match it deletes whatever there is.
func (h *Hub) deleteRegistration(c *call) error {
	if err := h.o.Store.DeleteRegistration(c.r.Context(), c.path[1], c.ifMatch()); err != nil {
		return err
	}
	return c.empty(http.StatusOK)
}

// ifMatch is the ETag that a client wants to meet: "7" in quotes, W/"7", or 7 alone; "*" for any; empty when it does not care.
func (c *call) ifMatch() string {
	value := strings.TrimSpace(c.r.Header.Get("If-Match"))
	inner := strings.TrimPrefix(value, "W/")
	if n := len(inner); n > 2 && inner[0] == '"' && inner[n-1] == '"' {
		return inner[1 : n-1]
	}
	return value
}

func (h *Hub) replyEntry(c *call, r record.Registration, form atom.Form) error {
	c.w.Header().Set("ETag", `W/"`+strconv.FormatInt(r.ETag, 10)+`"`)
	return c.reply(http.StatusOK, typeEntry, atom.AppendEntry(nil, r, h.links(c), form))
}

func (h *Hub) links(c *call) atom.Links {
	return atom.Links{Base: h.base, Version: c.version, Now: h.now()}
}

// listAll is "Read all registrations".
func (h *Hub) listAll(c *call) error { return h.list(c, record.Query{}) }

// listByTag is "Read all registrations with a tag".
func (h *Hub) listByTag(c *call) error { return h.list(c, record.Query{Tag: c.path[1]}) }

// listByHandle is "Read all registrations with a channel". Who knows a handle may see what is registered for it, and nothing
// else; a filter without one is refused, as it would show all.
func (h *Hub) listByHandle(c *call) error {
	q, err := atom.ParseFilter(c.query.Get("$filter"))
	if err != nil {
		return err
	}
	return h.list(c, q)
}

// list answers with a page of what a query asks for, and where the next one begins when there is more.
func (h *Hub) list(c *call, q record.Query) error {
	if err := c.readPage(&q); err != nil {
		return err
	}
	size := q.Limit
	q.Limit++ // one more tells whether there is more
	found, err := h.o.Store.Registrations(c.r.Context(), q)
	if err != nil {
		return err
	}
	address, _, _ := strings.Cut(h.location(c, c.path...), "?")
	var next string
	if len(found) > size {
		found = found[:size]
		token := base64.RawURLEncoding.EncodeToString([]byte(found[size-1].ID))
		c.w.Header().Set("x-ms-continuationtoken", token)
		next = address + "?" + c.nextPage(token)
	}
	self := address + "?" + c.r.URL.RawQuery
	return c.reply(http.StatusOK, typeFeed, atom.AppendFeed(nil, found, h.links(c), self, next))
}

// readPage reads which part of a list is wanted. After a continuation token $skip has done its work.
func (c *call) readPage(q *record.Query) error {
	number := func(name string, least int) (int, error) {
		n, err := strconv.Atoi(c.query.Get(name))
		if err != nil || n < least {
			return 0, refuse(http.StatusBadRequest, "The value of "+name+" is not valid.")
		}
		return n, nil
	}
	var err error
	q.Limit = maxPage
	if c.has("$top") {
		if q.Limit, err = number("$top", 1); err != nil {
			return err
		}
		q.Limit = min(q.Limit, maxPage)
	}
	if token := c.query.Get("continuationtoken"); token != "" {
		after, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(after) > maxID {
			return refuse(http.StatusBadRequest, "The continuation token is not valid.")
		}
		q.After = string(after)
		return nil
	}
	if c.has("$skip") {
		q.Skip, err = number("$skip", 0)
	}
	return err
}

// nextPage is the query for the page behind a continuation token.
func (c *call) nextPage(token string) string {
	values := url.Values{"api-version": {c.version}, "continuationtoken": {token}}
	for _, name := range []string{"$top", "$filter"} {
		if c.has(name) {
			values.Set(name, c.query.Get(name))
		}
	}
	return values.Encode()
}
