package backend

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/hub/installation"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
	"securepush/backend/store"
)

// Rules that the back end has beside those of the database. Nobody is given their keys.
const (
	ownRule    = "SecurePushBackEnd"
	deviceRule = "SecurePushDevice"
)

// listenLife is how long a listen token is good for.
const listenLife = time.Hour

// Parameters that carry, within what a listen token signs, the account that it was given to and the sign-in that it ends with.
const (
	ownerParameter  = "account"
	signInParameter = "session"
)

// deviceKey is the key of the tokens for devices: the same after a restart, and for every process of a site.
func (s *Server) deviceKey(ctx context.Context) (api.Secret, error) {
	b, err := s.store.Secret(ctx, "listen tokens", random32)
	return api.NewSecret(base64.StdEncoding.EncodeToString(b)), err
}

// listenToken gives a device of the caller the right to keep its installation at the hub itself.
func (s *Server) listenToken(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	if s.embedded == nil {
		return api.NewProblem(api.CodeNotFound, "This server uses a hub that cannot hold a device to its own tags. Register the device at /api/installations.")
	}
	q, err := query(r, "installationId")
	if err != nil {
		return err
	}
	id := q.Get("installationId")
	if !installationID.MatchString(id) || strings.Trim(id, ".") == "" { // which would be another path
		return invalid("installationId", "Say for which device: 64 letters, digits and _ @ # . : = - at the most.")
	}
	if err := s.ownsInstallation(r.Context(), who.Account, id); err != nil {
		return err
	}
	u := s.cfg.PublicURL.JoinPath(s.cfg.HubName, "installations", id)
	signed := *u
	signed.RawQuery = url.Values{ownerParameter: {who.Account}, signInParameter: {who.Session}}.Encode()
	expires := s.now().Add(listenLife)
	token := sas.Sign(signed.String(), deviceRule, s.listenKey, expires)
	u.RawQuery = "api-version=2020-06"
	return writeJSON(w, http.StatusOK, api.ListenToken{Token: token.Reveal(), URL: u.String(), ExpiresAt: expires.UTC().Truncate(time.Second)})
}

// ownsInstallation says whether an account may have a device of an ID: it has it, or nobody does, neither here nor at the hub.
func (s *Server) ownsInstallation(ctx context.Context, account, id string) error {
	_, err := s.store.Installation(ctx, account, id)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	owner, err := s.store.Account(ctx, account)
	if err != nil {
		return err
	}
	return hubProblem(s.registrar.mayRegister(ctx, api.Installation{InstallationID: id, UserID: owner.Name}))
}

// allowDevice says whether the bearer of a token for a resource may still touch an installation: it may not when the sign-in
// has ended since, or the installation has become somebody else's.
func (s *Server) allowDevice(ctx context.Context, resource *url.URL, id string) error {
	owner, err := s.ownerOf(ctx, resource)
	if err == nil {
		err = s.ownsInstallation(ctx, owner.ID, id)
	}
	return deviceProblem(err)
}

// admitDevice returns an installation as it is to be stored at the hub, and notes in the directory whose it is.
func (s *Server) admitDevice(ctx context.Context, resource *url.URL, doc *installation.Document) (*installation.Document, error) {
	owner, err := s.ownerOf(ctx, resource)
	if err != nil {
		return nil, deviceProblem(err)
	}
	in, err := s.checkDevice(owner.Name, doc)
	if err != nil {
		return nil, deviceProblem(err)
	}
	admitted, err := doc.WithUser(in.UserID, in.Tags)
	if err != nil {
		return nil, err
	}
	return admitted, deviceProblem(s.noteDevice(ctx, owner.ID, in))
}

// checkDevice checks a device of a user as a PUT of it at the back end would, and what the hub would refuse after that.
func (s *Server) checkDevice(user string, doc *installation.Document) (api.Installation, error) {
	channel := doc.Channel()
	in := api.Installation{
		InstallationID: doc.ID(), Platform: "browser", Tags: ownTags(doc.Tags()),
		PushChannel: api.PushChannel{Endpoint: channel.Handle, P256DH: channel.P256DH, Auth: channel.Auth},
	}
	if doc.Platform() != record.Browser {
		return in, invalid("platform", "The platform must be browser.")
	}
	if _, err := s.checkTags(ownTags(doc.AllTags()), user); err != nil { // those of templates, and their names, too
		return in, err
	}
	now := s.now()
	if expires := doc.Record(now).Expires; !expires.IsZero() && !expires.After(now) {
		return in, invalid("expirationTime", "This time has passed.")
	}
	return s.checkInstallation(in, user)
}

// noteDevice stores a device in the directory that the hub is about to store.
func (s *Server) noteDevice(ctx context.Context, account string, in api.Installation) error {
	if err := s.registrar.mayRegister(ctx, in); err != nil {
		return err
	}
	before, err := s.store.Installation(ctx, account, in.InstallationID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	in.Name = before.Name // the hub knows none
	if err := s.store.PutInstallation(ctx, account, in); err != nil {
		return err
	}
	put, err := s.store.Installation(ctx, account, in.InstallationID)
	if err != nil {
		return err
	}
	if err := s.store.SettleInstallation(ctx, in.InstallationID, put.Version); err != nil { // the hub is to have more than we know
		return err
	}
	return s.makeRoom(ctx, account, in.InstallationID)
}

// ownTags leaves out what the hub adds by itself.
func ownTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if !strings.HasPrefix(t, "$") {
			out = append(out, t)
		}
	}
	return out
}

// ownerOf is the account that a token was given to, if it may still sign in and has not signed out since.
func (s *Server) ownerOf(ctx context.Context, resource *url.URL) (store.Account, error) {
	signed := resource.Query()
	account, err := s.store.Account(ctx, signed.Get(ownerParameter))
	if err != nil {
		return account, err
	}
	live, err := s.store.Sessions(ctx, account.ID)
	if err != nil {
		return account, err
	}
	if account.Disabled || !slices.ContainsFunc(live, func(one store.Session) bool { return one.ID == signed.Get(signInParameter) }) {
		return account, store.ErrNotFound
	}
	return account, nil
}

// deviceProblem is an error as the hub tells it to a device.
func deviceProblem(err error) error {
	if err == nil {
		return nil
	}
	return asProblem(installationError(err))
}
