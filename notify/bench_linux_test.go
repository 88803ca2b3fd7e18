package notify_test

import (
	"testing"

	"github.com/godbus/dbus/v5"

	"securepush/notify"
	"securepush/notify/notifytest"
)

// BenchmarkShow is a toast from Show to the daemon's answer; BenchmarkBareCall is what any sender has to pay: the same call
// by hand, with the same text.
func BenchmarkShow(b *testing.B) {
	bus := notifytest.StartBus(b)
	s := notifytest.StartDaemon(b, bus, notifytest.Normal)
	d := openDesktop(b, bus, notify.Options{})
	toast := notify.Toast{Tag: "a", Title: "Potassium result", Body: "K 4.1 mmol/l, within range.", Sender: "Lab", Actions: true}
	mustShow(b, d, toast)
	<-s.Arrived()
	b.ReportAllocs()
	for b.Loop() {
		mustShow(b, d, toast)
		<-s.Arrived()
	}
}

func BenchmarkBareCall(b *testing.B) {
	bus := notifytest.StartBus(b)
	s := notifytest.StartDaemon(b, bus, notifytest.Normal)
	daemon := bus.Dial(b).Object(notifytest.DaemonName, notifytest.DaemonPath)
	b.ReportAllocs()
	for b.Loop() {
		call := daemon.Call(notifytest.DaemonName+".Notify", 0, "bare", uint32(1), "", "Potassium result",
			"K 4.1 mmol/l, within range.\nLab", []string{}, map[string]dbus.Variant{}, int32(10_000))
		if call.Err != nil {
			b.Fatal(call.Err)
		}
		<-s.Arrived()
	}
}

// BenchmarkBareCallWithPixels is the bare call with a 48-pixel icon in it, for the choice of an icon file.
func BenchmarkBareCallWithPixels(b *testing.B) {
	type image struct {
		Width, Height, Stride int32
		Alpha                 bool
		Bits, Channels        int32
		Data                  []byte
	}
	bus := notifytest.StartBus(b)
	s := notifytest.StartDaemon(b, bus, notifytest.Normal)
	daemon := bus.Dial(b).Object(notifytest.DaemonName, notifytest.DaemonPath)
	pixels := image{48, 48, 48 * 4, true, 8, 4, make([]byte, 48*48*4)}
	for b.Loop() {
		call := daemon.Call(notifytest.DaemonName+".Notify", 0, "bare", uint32(1), "", "Potassium result",
			"K 4.1 mmol/l, within range.\nLab", []string{}, map[string]dbus.Variant{"image-data": dbus.MakeVariant(pixels)}, int32(10_000))
		if call.Err != nil {
			b.Fatal(call.Err)
		}
		<-s.Arrived()
	}
}

func BenchmarkSanitise(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		notify.Sanitise("Potassium result: K 4.1 mmol/l, within range. Größe ≥ 3.", 240)
	}
}
