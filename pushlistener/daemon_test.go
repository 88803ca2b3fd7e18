package pushlistener

import (
	"context"
	"testing"
	"time"
)

func TestADaemonThatAnswersAgainGetsWhatWaitsAtOnce(t *testing.T) {
	w := up(t)
	w.send("a")
	w.toastErr = context.DeadlineExceeded
	w.send("b")
	w.send("c")
	w.want("show a")
	w.toastErr = nil
	w.tell(DaemonAnswers{})
	w.want("show b", "show c")
	if n := w.s.snapshot(); n.Toasts != (Trouble{}) || n.Waiting != 0 {
		t.Errorf("snapshot %+v", n)
	}
	w.read("a") // its toast stood all the time
	w.push("a")
	w.want("withdraw a")
	w.tell(DaemonAnswers{})
	w.pass(time.Hour)
	w.want()
}
