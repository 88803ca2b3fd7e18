package agent

import (
	"context"
	"net/http"

	"securepush/agent/local"
)

// routeConnection adds what the connection page shows and does.
func (a *Agent) routeConnection(mux *http.ServeMux) {
	routeSeat(a, mux, "GET /v1/devices", func(ctx context.Context, st *seat, _ *http.Request, _ none) ([]local.Device, error) {
		return st.devices(ctx)
	})
	routeSeat(a, mux, "DELETE /v1/devices/{id}", func(ctx context.Context, st *seat, r *http.Request, _ none) (none, error) {
		return none{}, st.signOutDevice(ctx, r.PathValue("id"))
	})
	mux.HandleFunc("POST /v1/test/run", a.streamTestRun)
	routeSeat(a, mux, "GET /v1/history", func(_ context.Context, st *seat, _ *http.Request, _ none) (local.History, error) {
		return st.toldHistory(), nil
	})
	routeSeat(a, mux, "GET /v1/diagnostics", func(ctx context.Context, st *seat, _ *http.Request, _ none) (local.Diagnostics, error) {
		return a.diagnostics(ctx, st), nil
	})
	route(mux, "GET /v1/autostart", func(context.Context, *http.Request, none) (local.Autostart, error) { return a.autostart(), nil })
	route(mux, "PUT /v1/autostart", func(ctx context.Context, _ *http.Request, in local.AutostartRequest) (local.Autostart, error) {
		return a.setAutostart(ctx, in.Enabled)
	})
}
