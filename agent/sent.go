package agent

import (
	"context"

	"securepush/api"
)

// Report tells which notifications this device has shown.
func (b backEnd) Report(ctx context.Context, shown []api.ID) error {
	_, err := ask(b.st, func(c *api.Client) (none, error) {
		return none{}, c.Receipts(ctx, api.Receipts{InstallationID: b.st.readProfile().Installation, Shown: shown})
	})
	return err
}

// delivery asks how far a notification has come.
func (st *seat) delivery(ctx context.Context, id api.ID) (api.Delivery, error) {
	c, err := st.connected(ctx)
	if err != nil {
		return api.Delivery{}, err
	}
	out, err := c.Status(ctx, id)
	return out, st.judge(err)
}

// sent asks for what the account has sent.
func (st *seat) sent(ctx context.Context, before api.Cursor, limit int) (api.SentPage, error) {
	c, err := st.connected(ctx)
	if err != nil {
		return api.SentPage{}, err
	}
	if limit <= 0 || limit > 200 {
		limit = pageItems
	}
	out, err := c.Sent(ctx, before, limit)
	switch api.CodeOf(st.judge(err)) {
	case api.CodeNotFound, api.CodeMethodNotAllowed: // a back end of somebody's own
		return api.SentPage{}, api.NewProblem(api.CodeNotFound, "This server does not tell what was sent.").Because(err)
	}
	return out, err
}
