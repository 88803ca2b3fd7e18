package backend

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

// maxDevices is how many devices a person may have; the one that was not heard of for the longest time makes room.
const maxDevices = 50

// userTag begins the tag that every device of a user has.
const userTag = "username:"

func (s *Server) installations(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	if err := noQuery(r); err != nil {
		return err
	}
	found, err := s.store.Installations(r.Context(), who.Account)
	if err != nil {
		return err
	}
	out := make([]api.Installation, len(found))
	for i, in := range found {
		out[i] = in.Installation
		out[i].UserID = who.Name
	}
	return writeJSON(w, http.StatusOK, out)
}

func (s *Server) installation(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	in, err := s.ownInstallation(r, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, in)
}

// ownInstallation reads a device of the caller whose channel works.
func (s *Server) ownInstallation(r *http.Request, who store.Principal, id string) (api.Installation, error) {
	if !installationID.MatchString(id) {
		return api.Installation{}, api.NewProblem(api.CodeNotFound, notFoundWords)
	}
	in, err := s.store.Installation(r.Context(), who.Account, id)
	if err == nil && in.Gone {
		err = store.ErrGone
	}
	in.UserID = who.Name
	return in.Installation, installationError(err)
}

func (s *Server) putInstallation(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	in, err := readInstallation(r)
	if err != nil {
		return err
	}
	if err := s.validateInstallation(in, who); err != nil {
		return err
	}
	in.UserID, in.LastUpdate = who.Name, nil
	if err := s.hub.Put(r.Context(), who.Account, in); err != nil {
		return installationError(err)
	}
	if err := s.makeRoom(r, who, in.InstallationID); err != nil { // only now: a device that is refused must cost none
		return err
	}
	s.devices.set(who.Session, in.InstallationID)
	stored, err := s.ownInstallation(r, who, in.InstallationID)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, stored)
}

// readInstallation reads the device of a PUT. What only the server sets may be in it, so that a device can send back what
// it has read.
func readInstallation(r *http.Request) (api.Installation, error) {
	id := r.PathValue("id")
	if !installationID.MatchString(id) {
		return api.Installation{}, invalid("installationId", "The ID may have 64 letters, digits and _ @ # . : = - at the most.")
	}
	in := api.Installation{InstallationID: id}
	var lastUpdate *time.Time
	err := readJSON(r, fields{
		"installationId": &in.InstallationID, "userId": &in.UserID, "platform": &in.Platform, "tags": &in.Tags, "name": &in.Name,
		"lastUpdate": &lastUpdate, "pushChannel": func(v json.RawMessage) error { return readPushChannel(v, &in.PushChannel) },
	})
	if err == nil && in.InstallationID != id {
		err = invalid("installationId", "The ID must be the one of the address.")
	}
	return in, err
}

// readPushChannel takes both forms that are about: an object, and a string that holds one.
func readPushChannel(v json.RawMessage, c *api.PushChannel) error {
	var text string
	if json.Unmarshal(v, &text) == nil {
		v = json.RawMessage(text)
	}
	err := decodeObject(v, "pushChannel.", fields{"endpoint": &c.Endpoint, "p256dh": &c.P256DH, "auth": &c.Auth})
	if api.CodeOf(err) == api.CodeBadRequest {
		return invalid("pushChannel", "The push channel must be an object with endpoint, p256dh and auth.").Because(err)
	}
	return err
}

// validateInstallation checks what the hub does not: the name, and that the device may have the tags it asks for. The tag
// of its own user is no harm, as it gets that in any case.
func (s *Server) validateInstallation(in api.Installation, who store.Principal) error {
	if err := (textField{name: "name", max: maxInstallationName}).check(in.Name); err != nil {
		return err
	}
	for _, tag := range in.Tags {
		switch {
		case !validTag(tag):
			return invalid("tags", "A tag may have 120 letters, digits and _ @ # . : - at the most.")
		case strings.EqualFold(tag, userTag+who.Name):
		case isUserTag(tag), !s.cfg.Tags.MatchString(tag):
			p := api.NewProblem(api.CodeForbidden, "This server does not let a device ask for the tag "+tag+".")
			p.Field = "tags"
			return p
		}
	}
	return nil
}

// isUserTag says whether a tag could be taken for a person's, also where it is written with letters such as ſ, which differs
// from s in nothing but case.
func isUserTag(tag string) bool {
	before, _, found := strings.Cut(tag, ":")
	return found && strings.EqualFold(before+":", userTag)
}

// makeRoom removes the devices that were not heard of for the longest time when there are too many with the new one.
func (s *Server) makeRoom(r *http.Request, who store.Principal, added string) error {
	found, err := s.store.Installations(r.Context(), who.Account)
	if err != nil {
		return err
	}
	for _, in := range found[min(maxDevices, len(found)):] {
		if in.InstallationID == added { // two of one millisecond
			continue
		}
		if err := s.hub.Delete(r.Context(), who.Account, in.InstallationID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (s *Server) deleteInstallation(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	id := r.PathValue("id")
	if !installationID.MatchString(id) {
		return api.NewProblem(api.CodeNotFound, notFoundWords)
	}
	if err := s.hub.Delete(r.Context(), who.Account, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func installationError(err error) error {
	if errors.Is(err, store.ErrGone) {
		return api.NewProblem(api.CodeInstallationGone, "The push service no longer knows this device. Subscribe again.").Because(err)
	}
	return err
}
