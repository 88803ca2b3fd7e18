package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"securepush/agent/local"
	"securepush/ui/present"
)

// devicesView lists the account's devices.
type devicesView struct {
	content *fyne.Container
	shell   *present.Shell
	page    *present.ConnectionPage
	ask     func(local.Device)
	rows    *fyne.Container
	said    *prose
	done    *hint
	bad     *hint
	again   *fyne.Container // a button
}

func newDevicesView(shell *present.Shell, ask func(local.Device)) *devicesView {
	v := &devicesView{
		shell: shell, page: shell.Conn, ask: ask, rows: container.New(column{gap: gap3}), said: newProse("", sizeBody, colorMuted),
		done: newHint(), bad: newHint(),
	}
	v.again = container.New(&flow{}, newButton(shell.Words().InboxTryAgain(), nil, v.page.ReadDevices))
	v.content = container.New(column{gap: gap3}, v.bad, v.rows, v.said, v.done, v.again)
	return v
}

func (v *devicesView) render() {
	p, say := v.page, v.shell.Words()
	for i := range v.rows.Objects {
		setVisible(v.rows.Objects[i], i < len(p.Devices))
	}
	for i, d := range p.Devices {
		if i == len(v.rows.Objects) {
			v.rows.Add(newDeviceRow(v))
		}
		if r, ok := v.rows.Objects[i].(*deviceRow); ok {
			r.show(d)
		}
	}
	setVisible(v.rows, len(p.Devices) > 0)
	said := ""
	switch {
	case !p.DevicesLoaded && p.DevicesBad == "":
		said = say.CommonLoading()
	case p.DevicesLoaded && len(p.Devices) == 1 && p.Devices[0].This, p.DevicesLoaded && len(p.Devices) == 0:
		said = say.ConnectionNoOther()
	}
	v.said.say(said, colorMuted)
	v.bad.say(present.ToneBad, p.DevicesBad)
	setVisible(v.again, p.DevicesBad != "")
	done := ""
	if p.Left != "" {
		done = say.ConnectionOutDone(p.Left)
	}
	v.done.say(present.ToneGood, done)
}

// deviceRow is a device, with the way to sign it out.
type deviceRow struct {
	holder
	v          *devicesView
	name, when *prose
	bad        *hint
	out        *button
	device     local.Device
}

func newDeviceRow(v *devicesView) *deviceRow {
	r := &deviceRow{v: v, name: newProse("", sizeBody, colorText).strong(), when: newProse("", sizeMeta, colorMuted), bad: newHint()}
	r.out = newButton(v.shell.Words().CommonSignOut(), nil, func() { v.ask(r.device) })
	told := container.New(column{}, r.name, r.when)
	r.box = container.New(column{gap: gap1}, container.New(newShelf(gap3, told), told, r.out), r.bad)
	r.ExtendBaseWidget(r)
	return r
}

func (r *deviceRow) show(d local.Device) {
	p, say := r.v.page, r.v.shell.Words()
	r.device = d
	row := present.DeviceRowOf(say, d, r.v.shell.Now())
	r.name.set(row.Name, colorText)
	r.when.set(row.When, colorMuted)
	label := say.CommonSignOut()
	if p.Leaving == d.ID {
		label = say.StateSigningOut()
	}
	r.out.label(label)
	setVisible(r.out, row.CanOut)
	setEnabled(r.out, p.Leaving == "" && r.v.shell.CanSignOut())
	bad := ""
	if p.LeaveBadOf == d.ID {
		bad = p.LeaveBad
	}
	r.bad.say(present.ToneBad, bad)
}
