package agent

import (
	"context"
	"slices"

	"securepush/agent/local"
	"securepush/api"
)

// devices are those of the account.
func (st *seat) devices(ctx context.Context) ([]local.Device, error) {
	c, err := st.connected(ctx)
	if err != nil {
		return nil, err
	}
	found, err := c.Installations(ctx)
	if err := st.judge(err); err != nil {
		return nil, err
	}
	return listDevices(found, st.readProfile().Installation), nil
}

// listDevices puts this device first, and then the one that was heard of last. It is a pure function.
func listDevices(found []api.Installation, this string) []local.Device {
	out := make([]local.Device, len(found))
	for i, in := range found {
		out[i] = local.Device{ID: in.InstallationID, Name: in.Name, LastUpdate: in.LastUpdate, This: in.InstallationID == this}
	}
	slices.SortStableFunc(out, func(x, y local.Device) int {
		switch {
		case x.This != y.This && x.This, y.LastUpdate == nil && x.LastUpdate != nil:
			return -1
		case x.This != y.This, x.LastUpdate == nil && y.LastUpdate != nil:
			return 1
		case x.LastUpdate == nil:
			return 0
		}
		return y.LastUpdate.Compare(*x.LastUpdate)
	})
	return out
}

// signOutDevice takes another device off the server, which ends its sign-in. One that is gone already is no error.
func (st *seat) signOutDevice(ctx context.Context, id string) error {
	if id == st.readProfile().Installation {
		return api.NewProblem(api.CodeBadRequest, "This is the device that you are at. Sign out instead.")
	}
	c, err := st.connected(ctx)
	if err != nil {
		return err
	}
	return st.judge(c.DeleteInstallation(ctx, id))
}
