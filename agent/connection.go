package agent

import (
	"context"
	"net/http"

	"securepush/agent/local"
)

// routeConnection adds what the connection page shows and does.
func (a *Agent) routeConnection(mux *http.ServeMux) {
	route(mux, "GET /v1/devices", func(ctx context.Context, _ *http.Request, _ none) ([]local.Device, error) { return a.devices(ctx) })
	route(mux, "DELETE /v1/devices/{id}", func(ctx context.Context, r *http.Request, _ none) (none, error) {
		return none{}, a.signOutDevice(ctx, r.PathValue("id"))
	})
	mux.HandleFunc("POST /v1/test/run", a.streamTestRun)
	route(mux, "GET /v1/history", func(context.Context, *http.Request, none) (local.History, error) { return a.toldHistory(), nil })
	route(mux, "GET /v1/diagnostics", func(ctx context.Context, _ *http.Request, _ none) (local.Diagnostics, error) {
		return a.diagnostics(ctx), nil
	})
	route(mux, "GET /v1/autostart", func(context.Context, *http.Request, none) (local.Autostart, error) { return a.autostart(), nil })
	route(mux, "PUT /v1/autostart", func(ctx context.Context, _ *http.Request, in local.AutostartRequest) (local.Autostart, error) {
		return a.setAutostart(ctx, in.Enabled)
	})
}
