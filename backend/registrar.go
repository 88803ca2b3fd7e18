package backend

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"securepush/api"
	"securepush/backend/hubclient"
	"securepush/backend/store"
)

const (
	// registerTime bounds telling the hub of one device.
	registerTime = 20 * time.Second
	// unregisterTime bounds telling the hub of a device that signs out: it need not wait, as the hub can be told later.
	unregisterTime = 5 * time.Second
	// registerEvery is how often the hub is told again of what it could not be told of before.
	registerEvery = time.Minute
	// registerAtOnce is how many devices the hub is told of at the same time after a change of the hub.
	registerAtOnce = 8
	registerPage   = 200
)

// registrar keeps the hub's devices as the directory has them. The directory is written first, with a note of what the hub
// does not know yet, and the note goes when it does: whatever dies in between, it is told again.
type registrar struct {
	store *store.Store
	hub   *hubclient.Client
	log   *slog.Logger

	seed  maphash.Seed
	turns [64]chan struct{} // one teller for each device, or an older state could arrive last
}

func newRegistrar(st *store.Store, hub *hubclient.Client, log *slog.Logger) *registrar {
	r := &registrar{store: st, hub: hub, log: log, seed: maphash.MakeSeed()}
	for i := range r.turns {
		r.turns[i] = make(chan struct{}, 1)
	}
	return r
}

// settle tells the hub what is due of one device, and returns when it knows. Nothing due is no error.
func (r *registrar) settle(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, registerTime)
	defer cancel()
	turn := r.turns[maphash.String(r.seed, id)%uint64(len(r.turns))]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	in, err := r.store.DueInstallation(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if in.Due == store.DueDelete {
		err = r.hub.DeleteInstallation(ctx, id)
	} else {
		err = r.put(ctx, in)
	}
	if err != nil {
		return err
	}
	return r.store.SettleInstallation(ctx, id, in.Version)
}

func (r *registrar) put(ctx context.Context, in store.Installation) error {
	account, err := r.store.Account(ctx, in.Account)
	if err != nil {
		return err
	}
	return r.hub.PutInstallation(ctx, hubclient.Installation{
		ID: in.InstallationID, UserID: account.Name, Channel: in.PushChannel, Tags: in.Tags,
	})
}

// run tells the hub what it has not been told, at the start and whenever that failed, until ctx ends.
func (r *registrar) run(ctx context.Context) error {
	tick := time.NewTicker(registerEvery)
	defer tick.Stop()
	for {
		if err := r.settleAll(ctx); err != nil && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "hub could not be told of all devices", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// settleAll goes through all that is due once. What the hub does not take for one device does not keep it from the others; a hub
// that is away is not asked for each.
func (r *registrar) settleAll(ctx context.Context) error {
	var failures atomic.Int64
	for after := ""; ; {
		due, err := r.store.DueInstallations(ctx, after, registerPage)
		if err != nil || len(due) == 0 {
			return err
		}
		g, all := errgroup.WithContext(ctx)
		g.SetLimit(registerAtOnce)
		for _, in := range due {
			g.Go(func() error {
				err := r.settle(all, in.InstallationID)
				if err == nil || all.Err() != nil {
					return err
				}
				r.log.WarnContext(ctx, "hub could not be told of a device", "installation", api.ID(in.InstallationID), "err", err)
				if isOwnRefusal(err) || failures.Add(1) < registerAtOnce {
					return nil
				}
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		after = due[len(due)-1].InstallationID
	}
}

// isOwnRefusal says whether the hub's answer is about the one device or push, and will be the same next time.
func isOwnRefusal(err error) bool {
	e, ok := errors.AsType[*hubclient.Error](err)
	return ok && e.Status >= 400 && e.Status < 500 && e.Status != http.StatusRequestTimeout &&
		!e.Is(hubclient.ErrNotFound) && !e.Is(hubclient.ErrRefused) && !e.Is(hubclient.ErrThrottled)
}

// waits says whether the hub is only not told yet that a device is this account's: what it has under the ID may be taken over.
func (r *registrar) waits(ctx context.Context, account, id string) bool {
	in, err := r.store.DueInstallation(ctx, id)
	return err == nil && (in.Due == store.DueDelete || in.Account == account)
}

// mayRegister says whether an account may have a device of this ID with this channel: the ID may be another program's at the
// hub, and the hub may know the channel as dead.
func (r *registrar) mayRegister(ctx context.Context, in api.Installation) error {
	there, err := r.hub.Installation(ctx, in.InstallationID)
	switch {
	case errors.Is(err, hubclient.ErrNotFound):
		return nil
	case err != nil:
		return err
	case !strings.EqualFold(there.UserID, in.UserID):
		return store.ErrNotFound
	case there.Expired && there.Channel.Endpoint == in.PushChannel.Endpoint:
		return store.ErrGone
	}
	return nil
}

// expired says whether the hub knows a device's channel as dead. A hub that does not answer knows nothing.
func (r *registrar) expired(ctx context.Context, in store.Installation) bool {
	ctx, cancel := context.WithTimeout(ctx, registerTime/4)
	defer cancel()
	there, err := r.hub.Installation(ctx, in.InstallationID)
	if err != nil || !there.Expired || there.Channel.Endpoint != in.PushChannel.Endpoint {
		return false
	}
	if err := r.store.MarkInstallationGone(ctx, in.InstallationID, in.PushChannel.Endpoint); err != nil {
		r.log.WarnContext(ctx, "dead channel could not be noted", "err", err)
	}
	return true
}

// hubProblem gives a failure of the hub its words. It is never the device's fault.
func hubProblem(err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrGone):
		return err
	case errors.Is(err, hubclient.ErrRefused):
		return tryLater(api.CodeUnavailable, "The server's notification hub refuses it. Whoever runs the server finds the cause in its log.", time.Minute).Because(err)
	}
	if errors.Is(err, hubclient.ErrUnavailable) || errors.Is(err, hubclient.ErrThrottled) || errors.Is(err, context.DeadlineExceeded) {
		var wait time.Duration
		if e, ok := errors.AsType[*hubclient.Error](err); ok {
			wait = e.RetryAfter
		}
		return tryLater(api.CodeUnavailable, "The server's notification hub cannot be used right now. Try again in a moment.", wait).Because(err)
	}
	return err
}
