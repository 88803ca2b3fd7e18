package backend

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/hub/tagexpr"
	"securepush/backend/store"
)

const (
	testLife = 10 * time.Minute
	testKey  = "securepush.test"
)

func (s *Server) send(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	if err := noQuery(r); err != nil {
		return err
	}
	var in api.SendRequest
	if err := readJSON(r, sendFields(&in)); err != nil {
		return err
	}
	if err := validateSend(&in, s.limits, s.now()); err != nil {
		return err
	}
	once, err := idempotency(r, in, who)
	if err != nil {
		return err
	}
	if err := setSender(&in, who); err != nil {
		return err
	}
	to, sent, err := s.sendOnce(r.Context(), in, who, once)
	if err != nil {
		return err
	}
	devices, err := s.pushSent(r.Context(), to, sent)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, api.SendResult{IDs: idsFor(to, sent), Devices: devices})
}

// sendOnce stores what is to be sent, unless that was done already: then it returns what was sent to whom at that time, since
// other people may have the tags now.
func (s *Server) sendOnce(ctx context.Context, in api.SendRequest, who store.Principal, once *store.Idempotency) (to []recipient, sent store.Sent, err error) {
	if once != nil {
		sent, err = s.store.Sent(ctx, *once)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, sent, err
		}
	}
	if !sent.Replayed {
		if to, err = s.recipients(ctx, in.To, who); err != nil {
			return nil, sent, err
		}
		if sent, err = s.storeSend(ctx, in, to, who.Account+who.Key, once); err != nil {
			return nil, sent, err
		}
	}
	if sent.Replayed {
		to, err = s.recipientsOf(ctx, in.To, sent)
	}
	return to, sent, err
}

// pushSent tells the recipients' devices what was stored, and what it took the place of. It returns how many devices they have.
func (s *Server) pushSent(ctx context.Context, to []recipient, sent store.Sent) (devices int, err error) {
	names := make(map[string]string, len(to))
	for _, t := range to {
		names[t.account] = t.name
	}
	accounts := make([]string, 0, len(sent.Items))
	for _, item := range sent.Items {
		for _, old := range item.Replaced {
			s.pusher.add(userTag+names[item.Account], old)
		}
		s.pusher.add(userTag+names[item.Account], item.ID)
		accounts = append(accounts, item.Account)
	}
	return s.store.CountInstallations(context.WithoutCancel(ctx), accounts)
}

func sendFields(in *api.SendRequest) fields {
	return fields{
		"to": &in.To, "title": &in.Title, "payload": &in.Payload, "sender": &in.Sender, "priority": &in.Priority,
		"url": &in.URL, "expiresAt": &in.ExpiresAt, "key": &in.Key,
	}
}

// setSender keeps people from writing under another's name: only those who may send to everybody choose what is shown.
func setSender(in *api.SendRequest, who store.Principal) error {
	switch {
	case in.Sender == "":
		in.Sender = who.Name
	case strings.EqualFold(in.Sender, who.Name):
	case !who.Has(api.ClaimSend):
		p := api.NewProblem(api.CodeForbidden, "You may send under your own name only.")
		p.Field = "sender"
		return p
	}
	return nil
}

// idempotency reads the Idempotency-Key, nil when there is none. The hash is of what the request means, so that a program
// that writes the same JSON in another way repeats itself all the same.
func idempotency(r *http.Request, in api.SendRequest, who store.Principal) (*store.Idempotency, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return nil, nil
	}
	key := values[0]
	printable := func(c rune) bool { return c <= ' ' || c > '~' }
	if len(values) > 1 || key == "" || len(key) > maxIdempotencyKey || strings.ContainsFunc(key, printable) {
		return nil, invalid("Idempotency-Key", "The header must hold one key of up to 128 printable ASCII characters.")
	}
	b, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return &store.Idempotency{Sender: who.Account + who.Key, Key: key, Hash: sha256.Sum256(b)}, nil
}

// storeSend stores one notification for each person, however often the request names that person. by is who may ask what
// became of it.
func (s *Server) storeSend(ctx context.Context, in api.SendRequest, to []recipient, by string, once *store.Idempotency) (store.Sent, error) {
	seen := make(map[string]bool, len(to))
	rows := make([]store.Recipient, 0, len(to))
	for _, t := range to {
		if !seen[t.account] {
			seen[t.account] = true
			rows = append(rows, store.Recipient{Account: t.account, ID: api.NewID()})
		}
	}
	sent, err := s.store.Send(ctx, store.Message{
		Title: in.Title, Payload: in.Payload, Sender: in.Sender, Priority: in.Priority, URL: in.URL, Key: in.Key, ExpiresAt: in.ExpiresAt,
		By: by,
	}, rows, once)
	if errors.Is(err, store.ErrNotFound) { // removed since it was looked up
		return sent, api.NewProblem(api.CodeUnknownRecipient, "One of the recipients does not exist.").Because(err)
	}
	if err == nil && !sent.Replayed {
		s.metrics.sent.Add(float64(len(sent.Items)))
	}
	return sent, err
}

// idsFor gives the IDs in the order of the request.
func idsFor(to []recipient, sent store.Sent) []api.ID {
	byAccount := make(map[string]api.ID, len(sent.Items))
	for _, item := range sent.Items {
		byAccount[item.Account] = item.ID
	}
	ids := make([]api.ID, 0, len(to))
	for _, t := range to {
		if id, ok := byAccount[t.account]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// test sends a notification to one device of the caller. It expires soon, as the other devices find it in the inbox.
func (s *Server) test(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	if err := noQuery(r); err != nil {
		return err
	}
	id := who.Installation
	if err := readJSON(r, fields{"installationId": &id}); err != nil {
		return err
	}
	if id == "" {
		return invalid("installationId", "Say which device to send to.")
	}
	if _, err := s.ownInstallation(r, who, id); err != nil {
		return err
	}
	expires := s.now().Add(testLife)
	in := api.SendRequest{
		Title: "Test notification", Payload: "Notifications from " + s.cfg.Name + " arrive on this device.", Sender: s.cfg.Name,
		Priority: api.PriorityNormal, Key: testKey, ExpiresAt: &expires,
	}
	to := []recipient{{who.Account, who.Name}}
	sent, err := s.storeSend(r.Context(), in, to, "", nil)
	if err != nil {
		return err
	}
	// With the user's tag: another's ID may differ in case only, which tags do not tell apart.
	s.pusher.add(userTag+who.Name+" && "+tagexpr.InstallationTag(id), sent.Items[0].ID)
	return writeJSON(w, http.StatusCreated, api.SendResult{IDs: idsFor(to, sent), Devices: 1})
}
