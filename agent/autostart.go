package agent

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"securepush/agent/autostart"
	"securepush/agent/local"
	"securepush/api"
)

// autostartPatience bounds a call of the session's manager.
const autostartPatience = 10 * time.Second

// autostartPlace is beside the agent's own folders.
func (a *Agent) autostartPlace() autostart.Place {
	return autostart.Place{
		Executable: a.o.Executable, Config: filepath.Dir(a.o.Paths.ConfigDir), Runtime: filepath.Dir(a.o.Paths.RuntimeDir),
	}
}

// autostart says whether the agent starts at login.
func (a *Agent) autostart() local.Autostart {
	s := a.autostartPlace().Status()
	return local.Autostart{Supported: s.Supported, Enabled: s.Enabled, Way: string(s.Way)}
}

// setAutostart makes the agent start at login, or not. The one that runs goes on either way.
func (a *Agent) setAutostart(ctx context.Context, enabled bool) (local.Autostart, error) {
	ctx, cancel := context.WithTimeout(ctx, autostartPatience)
	defer cancel()
	var err error
	if place := a.autostartPlace(); enabled {
		_, err = place.Enable(ctx)
	} else {
		err = place.Disable(ctx)
	}
	switch {
	case errors.Is(err, autostart.ErrUnsupported):
		return a.autostart(), api.NewProblem(api.CodeUnavailable, "On this system SecurePush cannot set up that it starts at login.").Because(err)
	case err != nil:
		a.log.WarnContext(ctx, "starting at login cannot be changed", "error", err)
		return a.autostart(), api.NewProblem(api.CodeInternal, "Starting at login could not be changed. Try: securepush service install.").Because(err)
	}
	return a.autostart(), nil
}
