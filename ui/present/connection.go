package present

import (
	"context"
	"slices"

	"securepush/agent/local"
	"securepush/assets/words"
)

// Connector tells how pushes reach this device, and acts on the account's devices.
type Connector interface {
	Devices(ctx context.Context) ([]local.Device, error)
	SignOutDevice(ctx context.Context, id string) error
	History(ctx context.Context) (local.History, error)
	Diagnostics(ctx context.Context) (local.Diagnostics, error)
	// TestRun calls f for each step as it ends, on the goroutine of the call.
	TestRun(ctx context.Context, f func(local.TestStep)) error
}

// ConnectionPage presents how pushes reach this device: what came of the last ones, the account's devices, and a test. It asks
// while somebody looks, and not otherwise.
type ConnectionPage struct {
	Changed func()
	Clip    func(text string) // puts a text into the clipboard

	SignedIn bool // devices can be asked for, and a test be sent

	Devices       []local.Device
	DevicesLoaded bool
	DevicesBad    string
	Leaving       string // the ID of the device that is being signed out
	LeaveBad      string
	LeaveBadOf    string // which device was not signed out
	Left          string // the name of the one that was

	History       local.History
	HistoryLoaded bool
	HistoryBad    string

	Test TestRun

	Copying bool
	Copied  bool
	CopyBad string

	agent   Connector
	work    *Work
	w       *words.Words
	looking bool
	link    local.Link
	devices reading
	history reading
	turn    int // answers to what was asked in an earlier one are dropped
}

// reading is a question that is asked once more when there was a reason to while the answer was on its way.
type reading struct{ busy, again bool }

// begin says whether to ask now.
func (r *reading) begin() bool {
	if r.busy {
		r.again = true
		return false
	}
	r.busy = true
	return true
}

// end says whether to ask once more.
func (r *reading) end() (again bool) {
	again = r.again
	*r = reading{}
	return again
}

// NewConnectionPage makes one.
func NewConnectionPage(agent Connector, work *Work, w *words.Words) *ConnectionPage {
	return &ConnectionPage{Changed: func() {}, Clip: func(string) {}, agent: agent, work: work, w: w}
}

// Look says whether somebody looks. Whoever begins to sees what is known, and soon what is so now. A test ends with the look.
func (p *ConnectionPage) Look(looking bool) {
	if p.looking == looking {
		return
	}
	p.looking = looking
	p.drop()
	if looking {
		p.Reload()
	}
}

// Reset forgets everything: another account.
func (p *ConnectionPage) Reset() {
	p.drop()
	p.Devices, p.DevicesLoaded, p.DevicesBad = nil, false, ""
	p.History, p.HistoryLoaded, p.HistoryBad = local.History{}, false, ""
	if p.looking {
		p.Reload()
	}
}

// drop forgets what was done and said on the page, and the answers that are on their way.
func (p *ConnectionPage) drop() {
	p.turn++
	p.devices, p.history = reading{}, reading{}
	p.Leaving, p.LeaveBad, p.LeaveBadOf, p.Left = "", "", "", ""
	p.Copying, p.Copied, p.CopyBad = false, false, ""
	p.Test.drop()
}

// tell follows the status. back: the agent has been away.
func (p *ConnectionPage) tell(s local.Status, back bool) {
	in := s.SignIn == local.SignInActive
	changed := in != p.SignedIn || s.Link != p.link || back
	p.SignedIn, p.link = in, s.Link
	switch {
	case !p.looking:
	case changed:
		p.Reload()
	default:
		p.ReadHistory()
	}
}

// arrived follows the inbox: something has come, or was read.
func (p *ConnectionPage) arrived() {
	if p.looking {
		p.ReadHistory()
	}
}

// Reload asks for everything again.
func (p *ConnectionPage) Reload() {
	p.ReadHistory()
	p.ReadDevices()
}

// ReadHistory asks what came of the last pushes.
func (p *ConnectionPage) ReadHistory() {
	if !p.history.begin() {
		return
	}
	turn := p.turn
	p.work.Go(func(ctx context.Context) func() {
		h, err := p.agent.History(ctx)
		return func() {
			if turn != p.turn {
				return
			}
			if err != nil {
				p.HistoryBad = problemWords(p.w, err)
			} else {
				p.History, p.HistoryLoaded, p.HistoryBad = h, true, ""
			}
			if p.history.end() {
				p.ReadHistory()
			}
			p.Changed()
		}
	})
}

// ReadDevices asks for the account's devices. Without a sign-in it does nothing.
func (p *ConnectionPage) ReadDevices() {
	if !p.SignedIn || !p.devices.begin() {
		return
	}
	turn := p.turn
	p.work.Go(func(ctx context.Context) func() {
		found, err := p.agent.Devices(ctx)
		return func() {
			if turn != p.turn {
				return
			}
			again := p.devices.end()
			switch {
			case again: // it may be an old list
			case err != nil:
				p.DevicesBad = problemWords(p.w, err)
			default:
				p.Devices, p.DevicesLoaded, p.DevicesBad = found, true, ""
			}
			if again {
				p.ReadDevices()
			}
			p.Changed()
		}
	})
}

// SignOutDevice ends another device's sign-in. It cannot be undone: the person has been asked.
func (p *ConnectionPage) SignOutDevice(id string) {
	if p.Leaving != "" || id == "" {
		return
	}
	p.Leaving, p.LeaveBad, p.LeaveBadOf, p.Left = id, "", "", ""
	turn := p.turn
	p.work.Go(func(ctx context.Context) func() {
		err := p.agent.SignOutDevice(ctx, id)
		return func() {
			if turn != p.turn {
				return
			}
			p.Leaving = ""
			if err != nil {
				p.LeaveBad, p.LeaveBadOf = problemWords(p.w, err), id
			} else {
				p.left(id)
			}
			p.Changed()
		}
	})
	p.Changed()
}

// left takes a device off the list, and then looks at what the server has.
func (p *ConnectionPage) left(id string) {
	is := func(d local.Device) bool { return d.ID == id }
	if i := slices.IndexFunc(p.Devices, is); i >= 0 {
		p.Left = DeviceName(p.w, p.Devices[i])
		p.Devices = slices.DeleteFunc(slices.Clone(p.Devices), is)
	}
	p.ReadDevices()
}

// Copy puts the report into the clipboard.
func (p *ConnectionPage) Copy() {
	if p.Copying {
		return
	}
	p.Copying, p.Copied, p.CopyBad = true, false, ""
	turn := p.turn
	p.work.Go(func(ctx context.Context) func() {
		d, err := p.agent.Diagnostics(ctx)
		return func() {
			if turn != p.turn {
				return
			}
			p.Copying = false
			if err != nil {
				p.CopyBad = problemWords(p.w, err)
			} else {
				p.Clip(d.Text)
				p.Copied = true
			}
			p.Changed()
		}
	})
	p.Changed()
}
