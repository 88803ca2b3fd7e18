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
func (a *Agent) inbox(ctx context.Context, q local.InboxQuery) (local.Inbox, error) {
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = pageItems
	}
	c, err := a.connected(ctx)
	if err != nil {
		return local.Inbox{}, err
	}
	page, err := c.Notifications(ctx, api.Query{Newest: true, Before: q.Before, Limit: q.Limit, Unread: q.Unread, Text: q.Text})
	if a.judge(err) == nil {
		return local.Inbox{Page: page}, nil
	}
	if !offline(err) || q.Unread || q.Text != "" {
		return local.Inbox{}, err
	}
	sealer := a.keptSealer(ctx)
	if sealer == nil {
		return local.Inbox{}, err
	}
	page, asOf, keptErr := a.journal.Kept(ctx, sealer, q.Limit, q.Before)
	if keptErr != nil {
		return local.Inbox{}, err
	}
	return local.Inbox{Page: page, Offline: true, AsOf: &asOf}, nil
}

// keptSealer opens what is kept here. A command that acts alone fetches the key only when it is needed.
func (a *Agent) keptSealer(ctx context.Context) pushlistener.Sealer {
	if s, p := a.session.State(), a.readProfile(); s.Account == nil || p.Account == nil || s.Account.ID != p.Account.ID {
		return nil // the account is changing: what is kept is the last one's
	}
	if a.present() == nil && a.currentSealer() == nil {
		a.unseal(ctx)
	}
	return a.currentSealer()
}

// connected is the client of a session that has its sign-in.
func (a *Agent) connected(ctx context.Context) (*api.Client, error) {
	c, err := a.client()
	if err != nil {
		return nil, err
	}
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

func (a *Agent) notification(ctx context.Context, id api.ID) (api.Notification, error) {
	c, err := a.connected(ctx)
	if err != nil {
		return api.Notification{}, err
	}
	n, err := c.Notification(ctx, id)
	if a.judge(err) == nil || !offline(err) {
		return n, err
	}
	if sealer := a.keptSealer(ctx); sealer != nil {
		if kept, ok, keptErr := a.journal.KeptByID(ctx, sealer, id); keptErr == nil && ok {
			return kept, nil
		}
	}
	return api.Notification{}, err
}

func (a *Agent) setRead(ctx context.Context, r api.ReadRequest) error {
	c, err := a.connected(ctx)
	if err != nil {
		return err
	}
	if err := a.judge(c.SetRead(ctx, r)); err != nil {
		return err
	}
	if r.Read {
		a.tell(pushlistener.MarkedRead{IDs: r.IDs, All: len(r.IDs) == 0})
	} else {
		a.tell(pushlistener.MarkedUnread{IDs: r.IDs})
	}
	a.tell(pushlistener.Refresh{}) // for how many are unread now
	a.changes.publish(local.Change{Kind: local.ChangeInbox})
	return nil
}

func (a *Agent) remove(ctx context.Context, id api.ID) error {
	c, err := a.connected(ctx)
	if err != nil {
		return err
	}
	if err := a.judge(c.Delete(ctx, id)); err != nil {
		return err
	}
	a.tell(pushlistener.Deleted{IDs: []api.ID{id}})
	a.tell(pushlistener.Refresh{})
	a.changes.publish(local.Change{Kind: local.ChangeInbox})
	return nil
}

// send sends with the caller's key or one of its own, so that a repeat after a lost answer makes nothing new.
func (a *Agent) send(ctx context.Context, r api.SendRequest, key string) (api.SendResult, error) {
	c, err := a.connected(ctx)
	if err != nil {
		return api.SendResult{}, err
	}
	key = cmp.Or(key, string(api.NewID()))
	out, err := c.Send(ctx, r, key)
	if api.CodeOf(err) == api.CodeUnreachable && ctx.Err() == nil {
		out, err = c.Send(ctx, r, key)
	}
	return out, a.judge(err)
}

func (a *Agent) test(ctx context.Context) (api.SendResult, error) {
	c, err := a.connected(ctx)
	if err != nil {
		return api.SendResult{}, err
	}
	out, err := c.Test(ctx, a.readProfile().Installation)
	return out, a.judge(err)
}
