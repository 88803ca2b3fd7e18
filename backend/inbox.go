package backend

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"securepush/api"
	"securepush/backend/hub/tagexpr"
	"securepush/backend/store"
)

const (
	defaultPage = 50
	// maxChangePushes is for how many notifications of one change the other devices are told. Toasts stand for the newest
	// ones only; what is older, a device sees when it looks.
	maxChangePushes = 200
)

func pathID(r *http.Request) (api.ID, error) {
	id, err := api.ParseID(r.PathValue("id"))
	if err != nil {
		return "", api.NewProblem(api.CodeNotFound, notFoundWords).Because(err)
	}
	return id, nil
}

func (s *Server) notification(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	n, err := s.store.Notification(r.Context(), who.Account, id)
	if err != nil {
		return err
	}
	s.noteDelivered(who, n)
	return writeJSON(w, http.StatusOK, n)
}

func (s *Server) notifications(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	q, ids, err := s.readQuery(r)
	if err != nil {
		return err
	}
	if ids != nil {
		return s.several(w, r, who, ids)
	}
	page, err := s.store.Page(r.Context(), who.Account, q)
	if errors.Is(err, store.ErrBadCursor) {
		return invalid(cursorName(q.Newest), "This is not a cursor of this server.").Because(err)
	}
	if err != nil {
		return err
	}
	if page.Items == nil {
		page.Items = []api.Notification{}
	}
	if !q.Newest { // backwards, a person looks back over what the device has had
		s.noteDelivered(who, page.Items...)
	}
	return writeJSON(w, http.StatusOK, page)
}

// several answers a request with ids=. Those that are unknown or gone are left out.
func (s *Server) several(w http.ResponseWriter, r *http.Request, who store.Principal, ids []api.ID) error {
	items, err := s.store.NotificationsByID(r.Context(), who.Account, ids)
	if err != nil {
		return err
	}
	unread, err := s.store.Unread(r.Context(), who.Account)
	if err != nil {
		return err
	}
	if items == nil {
		items = []api.Notification{}
	}
	s.noteDelivered(who, items...)
	return writeJSON(w, http.StatusOK, api.Page{Items: items, Unread: unread})
}

func cursorName(newest bool) string {
	if newest {
		return "before"
	}
	return "after"
}

// readQuery reads the parameters of a page. ids is nil when there are none.
func (s *Server) readQuery(r *http.Request) (q store.PageQuery, ids []api.ID, err error) {
	v, err := query(r, "after", "before", "limit", "unread", "q", "ids")
	if err != nil {
		return q, nil, err
	}
	if v.Has("after") && v.Has("before") && v.Get("after") != "" {
		return q, nil, invalid("before", "Ask either for what came after or for what came before.")
	}
	q.Newest = v.Has("before")
	q.Cursor = api.Cursor(v.Get(cursorName(q.Newest)))
	if q.Limit, err = s.pageLimit(v); err != nil {
		return q, nil, err
	}
	switch v.Get("unread") {
	case "", "false":
	case "true":
		q.Unread = true
	default:
		return q, nil, invalid("unread", "This must be true or false.")
	}
	q.Text = v.Get("q")
	if err := (textField{name: "q", max: maxQueryText}).check(q.Text); err != nil {
		return q, nil, err
	}
	if text := v.Get("ids"); text != "" {
		ids, err = parseIDs(strings.Split(text, ","), "ids", s.limits.PageItems)
	}
	return q, ids, err
}

// pageLimit reads how many items a page may have.
func (s *Server) pageLimit(v url.Values) (int, error) {
	text := v.Get("limit")
	if text == "" {
		return min(defaultPage, s.limits.PageItems), nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > s.limits.PageItems {
		return 0, invalid("limit", "The limit must be a number from 1 to "+strconv.Itoa(s.limits.PageItems)+".")
	}
	return limit, nil
}

// decodeIDs reads a field that is a list of IDs.
func decodeIDs(value json.RawMessage, name string, most int) ([]api.ID, error) {
	var texts []string
	if err := json.Unmarshal(value, &texts); err != nil {
		return nil, invalid(name, "This field must be a list of strings.").Because(err)
	}
	return parseIDs(texts, name, most)
}

func parseIDs(texts []string, name string, most int) ([]api.ID, error) {
	if len(texts) > most {
		return nil, invalid(name, "This may be "+strconv.Itoa(most)+" IDs at the most.")
	}
	ids := make([]api.ID, len(texts))
	for i, text := range texts {
		id, err := api.ParseID(text)
		if err != nil {
			return nil, invalid(name, "One of these is not an ID.").Because(err)
		}
		ids[i] = id
	}
	return ids, nil
}

// query reads the parameters of an address. Others than the known ones, and those that stand twice, are refused.
func query(r *http.Request, known ...string) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, api.NewProblem(api.CodeBadRequest, "The parameters of the address cannot be read.").Because(err)
	}
	for name, values := range v {
		if !slices.Contains(known, name) {
			return nil, invalid(strings.ToValidUTF8(name, "?"), "There is no such parameter.")
		}
		if len(values) > 1 {
			return nil, invalid(name, "This parameter stands twice.")
		}
		if strings.ToValidUTF8(values[0], "?") != values[0] {
			return nil, invalid(name, "This parameter is not valid UTF-8.")
		}
	}
	return v, nil
}

func noQuery(r *http.Request) error {
	_, err := query(r)
	return err
}

// readOne sets the read state of one notification.
func (s *Server) readOne(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	read, err := readState(r, fields{})
	if err != nil {
		return err
	}
	changed, err := s.store.SetRead(r.Context(), who.Account, id, read, who.Installation)
	if err != nil {
		return err
	}
	if changed {
		s.tellOthers(r.Context(), who, id)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readMany sets the read state of several notifications, or of all.
func (s *Server) readMany(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	if err := noQuery(r); err != nil {
		return err
	}
	var ids []api.ID
	read, err := readState(r, fields{"ids": func(v json.RawMessage) (err error) {
		ids, err = decodeIDs(v, "ids", s.limits.PageItems)
		return err
	}})
	if err != nil {
		return err
	}
	changed, err := s.store.SetReadMany(r.Context(), who.Account, ids, read, who.Installation)
	if err != nil {
		return err
	}
	s.tellOthers(r.Context(), who, changed[max(0, len(changed)-maxChangePushes):]...)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readState reads the field read, which has no default: to forget it must not mean unread.
func readState(r *http.Request, others fields) (bool, error) {
	var read *bool
	others["read"] = &read
	if err := readJSON(r, others); err != nil {
		return false, err
	}
	if read == nil {
		return false, invalid("read", "Say true or false.")
	}
	return *read, nil
}

func (s *Server) deleteNotification(w http.ResponseWriter, r *http.Request, who store.Principal) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := s.store.DeleteNotification(r.Context(), who.Account, id); err != nil {
		return err
	}
	s.tellOthers(r.Context(), who, id)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// tellOthers pushes IDs to the person's devices, all but the one that made the change.
func (s *Server) tellOthers(_ context.Context, who store.Principal, ids ...api.ID) {
	to := userTag + who.Name
	if who.Installation != "" {
		to += " && !" + tagexpr.InstallationTag(who.Installation)
	}
	for _, id := range ids {
		s.pusher.add(to, id)
	}
}
