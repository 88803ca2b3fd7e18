package presenttest

import (
	"context"
	"slices"

	"securepush/agent/local"
)

// Connection is what Agent knows of devices, pushes and starting at login.
type Connection struct {
	Devices []local.Device
	History local.History
	Steps   []local.TestStep // of a test; at one without a stage it waits for the end of its context
	Report  string
	Start   local.Autostart
}

// Devices answers with those of Way. Its name in Fail and Block is "devices".
func (f *Agent) Devices(ctx context.Context) ([]local.Device, error) {
	if err := f.enter(ctx, "devices"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.Way.Devices), nil
}

// SignOutDevice removes one of Way. Its name in Fail and Block is "sign-out-device ID".
func (f *Agent) SignOutDevice(ctx context.Context, id string) error {
	if err := f.enter(ctx, "sign-out-device "+id); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Way.Devices = slices.DeleteFunc(slices.Clone(f.Way.Devices), func(d local.Device) bool { return d.ID == id })
	return nil
}

// History answers with that of Way. Its name in Fail and Block is "history".
func (f *Agent) History(ctx context.Context) (local.History, error) {
	if err := f.enter(ctx, "history"); err != nil {
		return local.History{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Way.History, nil
}

// TestRun reports the steps of Way. Its name in Fail and Block is "test-run".
func (f *Agent) TestRun(ctx context.Context, do func(local.TestStep)) error {
	if err := f.enter(ctx, "test-run"); err != nil {
		return err
	}
	f.mu.Lock()
	steps := slices.Clone(f.Way.Steps)
	f.mu.Unlock()
	for _, s := range steps {
		if s.Stage == "" {
			<-ctx.Done()
			f.Do(func(f *Agent) { f.calls = append(f.calls, "test-ended") })
			return ctx.Err()
		}
		do(s)
	}
	return nil
}

// Diagnostics answers with the report of Way. Its name in Fail and Block is "diagnostics".
func (f *Agent) Diagnostics(ctx context.Context) (local.Diagnostics, error) {
	if err := f.enter(ctx, "diagnostics"); err != nil {
		return local.Diagnostics{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return local.Diagnostics{Text: f.Way.Report}, nil
}

// Autostart answers with that of Way. Its name in Fail and Block is "autostart".
func (f *Agent) Autostart(ctx context.Context) (local.Autostart, error) {
	if err := f.enter(ctx, "autostart"); err != nil {
		return local.Autostart{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Way.Start, nil
}

// SetAutostart changes that of Way. Its name in Fail and Block is "set-autostart".
func (f *Agent) SetAutostart(ctx context.Context, enabled bool) (local.Autostart, error) {
	if err := f.enter(ctx, "set-autostart"); err != nil {
		return local.Autostart{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Way.Start.Enabled = enabled
	return f.Way.Start, nil
}
