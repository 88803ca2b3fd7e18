package agent

import (
	"cmp"
	"context"

	"securepush/agent/local"
	"securepush/api"
	"securepush/pushlistener"
)

// pageItems is how many items a page has when the client does not say.
const pageItems = 50

// offline says whether an error means that the content kept here is the best there is.
func offline(err error) bool {
	switch api.CodeOf(err) {
	case api.CodeUnreachable, api.CodeUnavailable, api.CodeInternal, api.CodeTooManyRequests, api.CodeUnknownServer, api.CodeUntrusted:
		return true
	}
	return false
}

// inbox asks the back end, and falls back to what is kept when it cannot be reached.
func (st *seat) inbox(ctx context.Context, q local.InboxQuery) (local.Inbox, error) {
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = pageItems
	}
	c, err := st.connected(ctx)
	if err != nil {
		return local.Inbox{}, err
	}
	page, err := c.Notifications(ctx, api.Query{Newest: true, Before: q.Before, Limit: q.Limit, Unread: q.Unread, Text: q.Text})
	if st.judge(err) == nil {
		return local.Inbox{Page: page}, nil
	}
	if !offline(err) || q.Unread || q.Text != "" {
		return local.Inbox{}, err
	}
	sealer := st.keptSealer(ctx)
	if sealer == nil {
		return local.Inbox{}, err
	}
	page, asOf, keptErr := st.journal.Kept(ctx, sealer, q.Limit, q.Before)
	if keptErr != nil {
		return local.Inbox{}, err
	}
	return local.Inbox{Page: page, Offline: true, AsOf: &asOf}, nil
}

// keptSealer opens what is kept here. A command that acts alone fetches the key only when it is needed.
func (st *seat) keptSealer(ctx context.Context) pushlistener.Sealer {
	if s, p := st.session.State(), st.readProfile(); s.Account == nil || p.Account == nil || s.Account.ID != p.Account.ID {
		return nil // the account is changing: what is kept is the last one's
	}
	if st.present() == nil && st.currentSealer() == nil {
		st.unseal(ctx)
	}
	return st.currentSealer()
}

// connected is the client of a session that has its sign-in.
func (st *seat) connected(ctx context.Context) (*api.Client, error) {
	c, err := st.client()
	if err != nil {
		return nil, err
	}
	if err := st.ready(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

func (st *seat) notification(ctx context.Context, id api.ID) (api.Notification, error) {
	c, err := st.connected(ctx)
	if err != nil {
		return api.Notification{}, err
	}
	n, err := c.Notification(ctx, id)
	if st.judge(err) == nil || !offline(err) {
		return n, err
	}
	if sealer := st.keptSealer(ctx); sealer != nil {
		if kept, ok, keptErr := st.journal.KeptByID(ctx, sealer, id); keptErr == nil && ok {
			return kept, nil
		}
	}
	return api.Notification{}, err
}

func (st *seat) setRead(ctx context.Context, r api.ReadRequest) error {
	c, err := st.connected(ctx)
	if err != nil {
		return err
	}
	if err := st.judge(c.SetRead(ctx, r)); err != nil {
		return err
	}
	if r.Read {
		st.tell(pushlistener.MarkedRead{IDs: r.IDs, All: len(r.IDs) == 0})
	} else {
		st.tell(pushlistener.MarkedUnread{IDs: r.IDs})
	}
	st.tell(pushlistener.Refresh{}) // for how many are unread now
	st.publishInbox()
	return nil
}

func (st *seat) remove(ctx context.Context, id api.ID) error {
	c, err := st.connected(ctx)
	if err != nil {
		return err
	}
	if err := st.judge(c.Delete(ctx, id)); err != nil {
		return err
	}
	st.tell(pushlistener.Deleted{IDs: []api.ID{id}})
	st.tell(pushlistener.Refresh{})
	st.publishInbox()
	return nil
}

// send sends with the caller's key or one of its own, so that a repeat after a lost answer makes nothing new.
func (st *seat) send(ctx context.Context, r api.SendRequest, key string) (api.SendResult, error) {
	c, err := st.connected(ctx)
	if err != nil {
		return api.SendResult{}, err
	}
	key = cmp.Or(key, string(api.NewID()))
	out, err := c.Send(ctx, r, key)
	if api.CodeOf(err) == api.CodeUnreachable && ctx.Err() == nil {
		out, err = c.Send(ctx, r, key)
	}
	return out, st.judge(err)
}

func (st *seat) test(ctx context.Context) (api.SendResult, error) {
	c, err := st.connected(ctx)
	if err != nil {
		return api.SendResult{}, err
	}
	out, err := c.Test(ctx, st.readProfile().Installation)
	return out, st.judge(err)
}
