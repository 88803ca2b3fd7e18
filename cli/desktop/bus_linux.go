package desktop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/godbus/dbus/v5"
)

// bareBus lets everybody talk to everybody, as a session's bus does, and has no folder of services to start.
const bareBus = `<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen> <!-- required, and overruled -->
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// startBus starts the session bus. Its socket is in the desktop's folder: in the temporary folder it would be left behind.
func (d *Desktop) startBus(ctx context.Context, bare bool) (err error) {
	conf := "--session"
	if bare {
		file := filepath.Join(d.dir, "bus.conf")
		if err := os.WriteFile(file, []byte(bareBus), 0o600); err != nil {
			return fmt.Errorf("configure the session bus: %w", err)
		}
		conf = "--config-file=" + file
	}
	d.BusAddress, err = d.startAndRead(ctx, "dbus-daemon", conf, "--nofork", "--nopidfile", "--print-address=3",
		"--address=unix:path="+dbus.EscapeBusAddressValue(filepath.Join(d.dir, "run", "bus")))
	if err != nil {
		return err
	}
	if d.bus, err = dbus.Connect(d.BusAddress, dbus.WithContext(context.WithoutCancel(ctx))); err != nil {
		return fmt.Errorf("connect to the session bus: %w", err)
	}
	return nil
}
