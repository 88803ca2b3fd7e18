package backend

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/store"
	"securepush/webpush"
)

// maxDevices is how many devices a person may have; the one that was not heard of for the longest time makes room.
const maxDevices = 50

// maxTags is the limit of Notification Hubs, with the user's own.
const maxTags = 60

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
	if err == nil && (in.Gone || s.registrar.expired(r.Context(), in)) {
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
	if in, err = s.checkInstallation(in, who.Name); err != nil {
		return err
	}
	if err := s.register(r.Context(), who.Account, in); err != nil {
		return installationError(err)
	}
	if err := s.makeRoom(r.Context(), who.Account, in.InstallationID); err != nil { // only now: a device that is refused must cost none
		return err
	}
	if err := s.learnDevice(r.Context(), who, in.InstallationID); err != nil {
		return err
	}
	stored, err := s.ownInstallation(r, who, in.InstallationID)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, stored)
}

// register notes a device in the directory and tells the hub.
func (s *Server) register(ctx context.Context, account string, in api.Installation) error {
	ctx, cancel := context.WithTimeout(ctx, registerTime) // for all of it: there has to be time for an answer
	defer cancel()
	err := s.registrar.mayRegister(ctx, in)
	if errors.Is(err, store.ErrNotFound) && s.registrar.waits(ctx, account, in.InstallationID) {
		err = nil
	}
	if err != nil {
		return hubProblem(err)
	}
	if err := s.store.PutInstallation(ctx, account, in); err != nil {
		return err
	}
	return hubProblem(s.registrar.settle(ctx, in.InstallationID))
}

// unregister forgets a device in the directory and tells the hub. When the hub does not answer, it is told later.
func (s *Server) unregister(ctx context.Context, account, id string) error {
	if err := s.store.ForgetInstallation(ctx, account, id); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, unregisterTime)
	defer cancel()
	if err := s.registrar.settle(ctx, id); err != nil {
		s.log.WarnContext(ctx, "hub is to be told of a forgotten device later", "installation", api.ID(id), "err", err)
	}
	return nil
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

// checkInstallation returns a device of a user as it is to be registered: with the tag of its user, and with no other that it
// may not ask for.
func (s *Server) checkInstallation(in api.Installation, user string) (api.Installation, error) {
	if !strings.EqualFold(in.Platform, "browser") {
		return in, invalid("platform", "The platform must be browser.")
	}
	in.Platform, in.UserID, in.LastUpdate = "browser", user, nil
	if err := (textField{name: "name", max: maxInstallationName}).check(in.Name); err != nil {
		return in, err
	}
	if err := s.checkChannel(in.PushChannel); err != nil {
		return in, err
	}
	tags, err := s.checkTags(in.Tags, user)
	in.Tags = tags
	return in, err
}

func (s *Server) checkChannel(c api.PushChannel) error {
	if err := s.checks.CheckEndpoint(c.Endpoint); err != nil {
		return invalid("pushChannel.endpoint", "Pushes cannot be sent to this endpoint. It must be an https address on the Internet "+
			"with 1000 bytes at the most, or the push service of this server.").Because(err)
	}
	const anySecret = "AAAAAAAAAAAAAAAAAAAAAA"
	if err := webpush.CheckSubscription(c.P256DH, anySecret); err != nil {
		return invalid("pushChannel.p256dh", "The key is not a P-256 public key in base64url.").Because(err)
	}
	if err := webpush.CheckSubscription(c.P256DH, c.Auth); err != nil {
		return invalid("pushChannel.auth", "The secret is not 16 bytes in base64url.").Because(err)
	}
	return nil
}

// checkTags returns the tags with the user's own at the end. A device may send that one back, but not another's.
func (s *Server) checkTags(tags []string, user string) ([]string, error) {
	own := userTag + user
	out := make([]string, 0, len(tags)+1)
	seen := map[string]bool{record.Fold(own): true} // tags compare without case
	for _, tag := range tags {
		switch {
		case !validTag(tag):
			return nil, invalid("tags", "A tag may have 120 letters, digits and _ @ # . : - at the most.")
		case strings.EqualFold(tag, own), seen[record.Fold(tag)]:
			continue
		case isUserTag(tag), !s.cfg.Tags.MatchString(tag):
			p := api.NewProblem(api.CodeForbidden, "This server does not let a device ask for the tag "+tag+".")
			p.Field = "tags"
			return nil, p
		}
		seen[record.Fold(tag)] = true
		out = append(out, tag)
	}
	if len(out) >= maxTags {
		return nil, invalid("tags", "A device may have 60 tags at the most.")
	}
	return append(out, own), nil
}

// isUserTag says whether a tag could be taken for a person's, also where it is written with letters such as ſ, which differs
// from s in nothing but case.
func isUserTag(tag string) bool {
	before, _, found := strings.Cut(tag, ":")
	return found && strings.EqualFold(before+":", userTag)
}

// makeRoom removes the devices that were not heard of for the longest time when there are too many with the new one.
func (s *Server) makeRoom(ctx context.Context, account, added string) error {
	found, err := s.store.Installations(ctx, account)
	if err != nil {
		return err
	}
	for _, in := range found[min(maxDevices, len(found)):] {
		if in.InstallationID == added { // two of one millisecond
			continue
		}
		if err := s.unregister(ctx, account, in.InstallationID); err != nil && !errors.Is(err, store.ErrNotFound) {
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
	if err := s.unregister(r.Context(), who.Account, id); err != nil {
		return err
	}
	// Or the device would register itself again. Whoever asks signs out by revoking.
	if err := s.store.EndSessionsOn(r.Context(), who.Account, id, who.Session); err != nil {
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
