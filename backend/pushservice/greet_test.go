package pushservice

import "testing"

func TestALateGreetingOfAnOldConnectionDoesNotSilenceTheNewOne(t *testing.T) {
	mem := memory{max: 1 << 20}
	first, second := &link{}, &link{}
	d := &device{link: first}
	if _, ok := d.attach(second, &mem); !ok {
		t.Fatal("the device is forgotten")
	}
	d.greet(first) // its answer to hello was slow
	if d.ready {
		t.Error("messages go to a connection that was not greeted")
	}
	d.greet(second)
	d.greet(first)
	if !d.ready {
		t.Error("messages wait though the device is connected")
	}
}
