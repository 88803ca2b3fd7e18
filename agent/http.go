package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"securepush/agent/local"
	"securepush/api"
)

const (
	maxLocalBody = 1 << 20
	heartbeat    = 5 * time.Minute // how often a stream of changes proves that its reader is there
)

// Handler serves the local socket's protocol. Package local holds the contract.
func (a *Agent) Handler() http.Handler {
	mux := http.NewServeMux()
	routeSeat(a, mux, "GET /v1/status", func(ctx context.Context, st *seat, _ *http.Request, _ none) (local.Status, error) {
		for _, other := range a.members() {
			_ = other.ready(ctx) // what came of it stands in the status
		}
		_ = st.ready(ctx)
		return st.status(), nil
	})
	route(mux, "GET /v1/server", func(ctx context.Context, r *http.Request, _ none) (local.ServerInfo, error) {
		return a.checkServer(ctx, r.URL.Query().Get("url"))
	})
	routeSeat(a, mux, "POST /v1/sign-in", func(ctx context.Context, st *seat, _ *http.Request, in local.SignInRequest) (local.Account, error) {
		return a.signIn(ctx, st, in)
	})
	routeSeat(a, mux, "POST /v1/sign-out", func(ctx context.Context, st *seat, _ *http.Request, _ none) (none, error) {
		return none{}, a.signOut(ctx, st)
	})
	routeSeat(a, mux, "POST /v1/unlock", func(ctx context.Context, st *seat, _ *http.Request, _ none) (none, error) {
		return none{}, st.unlock(ctx)
	})
	routeSeat(a, mux, "GET /v1/notifications", func(ctx context.Context, st *seat, r *http.Request, _ none) (local.Inbox, error) {
		return st.inbox(ctx, inboxQuery(r.URL.Query()))
	})
	routeSeat(a, mux, "POST /v1/notifications", func(ctx context.Context, st *seat, r *http.Request, in api.SendRequest) (api.SendResult, error) {
		return st.send(ctx, in, r.URL.Query().Get("once"))
	})
	routeSeat(a, mux, "POST /v1/notifications/read", func(ctx context.Context, st *seat, _ *http.Request, in api.ReadRequest) (none, error) {
		return none{}, st.setRead(ctx, in)
	})
	routeSeat(a, mux, "GET /v1/notifications/{id}", func(ctx context.Context, st *seat, r *http.Request, _ none) (api.Notification, error) {
		return withID(r, func(id api.ID) (api.Notification, error) { return st.notification(ctx, id) })
	})
	routeSeat(a, mux, "PATCH /v1/notifications/{id}", func(ctx context.Context, st *seat, r *http.Request, in api.ReadRequest) (none, error) {
		return withID(r, func(id api.ID) (none, error) {
			return none{}, st.setRead(ctx, api.ReadRequest{IDs: []api.ID{id}, Read: in.Read})
		})
	})
	routeSeat(a, mux, "DELETE /v1/notifications/{id}", func(ctx context.Context, st *seat, r *http.Request, _ none) (none, error) {
		return withID(r, func(id api.ID) (none, error) { return none{}, st.remove(ctx, id) })
	})
	routeSeat(a, mux, "GET /v1/notifications/{id}/status", func(ctx context.Context, st *seat, r *http.Request, _ none) (api.Delivery, error) {
		return withID(r, func(id api.ID) (api.Delivery, error) { return st.delivery(ctx, id) })
	})
	routeSeat(a, mux, "GET /v1/sent", func(ctx context.Context, st *seat, r *http.Request, _ none) (api.SentPage, error) {
		q := inboxQuery(r.URL.Query())
		return st.sent(ctx, q.Before, q.Limit)
	})
	routeSeat(a, mux, "POST /v1/test", func(ctx context.Context, st *seat, _ *http.Request, _ none) (api.SendResult, error) {
		return st.test(ctx)
	})
	route(mux, "GET /v1/settings", func(context.Context, *http.Request, none) (local.Settings, error) { return a.settings.get(), nil })
	route(mux, "PUT /v1/settings", func(_ context.Context, _ *http.Request, in local.Settings) (none, error) {
		return none{}, a.saveSettings(in)
	})
	routeSeat(a, mux, "POST /v1/pause", func(_ context.Context, st *seat, _ *http.Request, in local.PauseRequest) (local.Status, error) {
		err := a.pause(in.Until)
		return st.status(), err
	})
	routeSeat(a, mux, "POST /v1/resume", func(_ context.Context, st *seat, _ *http.Request, _ none) (local.Status, error) {
		err := a.resume()
		return st.status(), err
	})
	route(mux, "POST /v1/window", func(ctx context.Context, r *http.Request, in local.OpenRequest) (none, error) {
		change, err := a.toOpen(r, in)
		if err != nil {
			return none{}, err
		}
		return none{}, a.openWindow(ctx, change)
	})
	route(mux, "GET /v1/doctor", func(ctx context.Context, r *http.Request, _ none) ([]local.Check, error) {
		seats, err := a.examined(r.Header.Get(local.AccountHeader))
		if err != nil {
			return nil, err
		}
		return a.doctor(ctx, seats...), nil
	})
	a.routeConnection(mux)
	mux.HandleFunc("GET /v1/changes", a.streamChanges)
	return a.guard(mux)
}

// none stands for an empty body.
type none struct{}

// route decodes the request, calls f, and writes its answer or its problem.
func route[In, Out any](mux *http.ServeMux, pattern string, f func(context.Context, *http.Request, In) (Out, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if _, empty := any(in).(none); !empty {
			b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLocalBody))
			if err == nil {
				err = api.DecodeStrict(b, &in)
			}
			if err != nil {
				writeProblem(w, api.NewProblem(api.CodeBadRequest, "The request cannot be read.").Because(err))
				return
			}
		}
		out, err := f(r.Context(), r, in)
		if err != nil {
			writeProblem(w, err)
			return
		}
		if _, empty := any(out).(none); empty {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out) // a client that went away is its own affair
	})
}

// routeSeat is route for what is done for one account.
func routeSeat[In, Out any](a *Agent, mux *http.ServeMux, pattern string, f func(context.Context, *seat, *http.Request, In) (Out, error)) {
	route(mux, pattern, func(ctx context.Context, r *http.Request, in In) (Out, error) {
		st, err := a.addressed(r)
		if err != nil {
			var zero Out
			return zero, err
		}
		return f(ctx, st, r, in)
	})
}

// addressed is the seat of the account that a request is for.
func (a *Agent) addressed(r *http.Request) (*seat, error) {
	return a.named(r.Header.Get(local.AccountHeader))
}

func withID[Out any](r *http.Request, f func(api.ID) (Out, error)) (Out, error) {
	id, err := api.ParseID(r.PathValue("id"))
	if err != nil {
		var zero Out
		return zero, api.NewProblem(api.CodeNotFound, "There is no such notification.").Because(err)
	}
	return f(id)
}

func inboxQuery(v url.Values) local.InboxQuery {
	limit, _ := strconv.Atoi(v.Get("limit")) // what is not a number is the default
	return local.InboxQuery{
		Before: api.Cursor(v.Get("before")), Limit: limit, Unread: v.Get("unread") == "true", Text: v.Get("q"),
	}
}

// writeProblem writes an error as a problem document. A cause stays here.
func writeProblem(w http.ResponseWriter, err error) {
	p := api.NewProblem(api.CodeOf(err), api.Words(err))
	if p.Code == "" {
		p = api.NewProblem(api.CodeInternal, api.Words(err))
	}
	if q := new(api.Problem); asProblem(err, &q) {
		p.Field = q.Field
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// guard refuses what can only come from a web page that was led to the socket, or from another version.
func (a *Agent) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(local.VersionHeader, strconv.Itoa(local.Version))
		if r.Host != "agent" || r.Header.Get("Origin") != "" {
			writeProblem(w, api.NewProblem(api.CodeForbidden, "This socket is for SecurePush only."))
			return
		}
		if r.Header.Get(local.VersionHeader) != strconv.Itoa(local.Version) {
			writeProblem(w, api.NewProblem(api.CodeBadRequest, "The running agent is of another version. Restart it: securepush service restart."))
			return
		}
		if _, err := a.addressed(r); err != nil || len(r.Header.Values(local.AccountHeader)) > 1 {
			writeProblem(w, cmp.Or(err, error(api.NewProblem(api.CodeBadRequest, "A call is for one account."))))
			return
		}
		start := time.Now()
		next.ServeHTTP(w, r)
		a.log.Debug("local call", slog.String("route", routeName(r)), slog.Duration("took", time.Since(start)))
	})
}

// routeName is the pattern, which holds no ID.
func routeName(r *http.Request) string {
	_, path, _ := strings.Cut(r.Pattern, " ")
	return path
}

// streamChanges writes changes as lines of JSON until the client goes away or the agent stops.
func (a *Agent) streamChanges(w http.ResponseWriter, r *http.Request) {
	window := r.URL.Query().Get("window") == "true"
	var first *local.Change
	if window {
		first = a.takeOpen()
	}
	watch := a.changes.watch(window, first)
	defer a.changes.drop(watch)
	w.Header().Set("Content-Type", "application/x-ndjson")
	account := r.Header.Get(local.AccountHeader)
	encode := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	next := local.Change{Kind: local.ChangeStatus}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		if next.Kind == local.ChangeStatus {
			s := a.statusOf(account)
			next.Status = &s
		}
		if encode.Encode(next) != nil || flush.Flush() != nil {
			return
		}
		select {
		case next = <-watch.c:
		case <-beat.C:
			next = local.Change{Kind: local.ChangeStatus}
		case <-r.Context().Done():
			return
		case <-a.stopping:
			return
		}
	}
}
