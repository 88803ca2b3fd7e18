package cli

import (
	"bytes"
	"testing"
	"time"

	"securepush/api"
)

func TestHowFarANotificationHasComeIsSaidInWords(t *testing.T) {
	at := func(second int) *time.Time {
		when := time.Date(2026, 11, 21, 14, 32, second, 0, time.Local)
		return &when
	}
	whole := api.Delivery{
		ID: "7Jb0m3Zl3oWm4m0x0n9L9w", To: "anna", Title: "Potassium\x1b[31m result", CreatedAt: *at(8), State: api.StageRead,
		DeliveredTo: 2, ShownOn: 1, Delivered: at(9), Shown: at(10), Read: at(11), ReadOn: "Desk-12",
		Devices: []api.DeviceDelivery{{Name: "Desk-12", Delivered: at(9), Shown: at(10)}, {Delivered: at(12)}, {Name: "Phone"}},
	}
	for _, c := range []struct {
		name, line, text string
		d                api.Delivery
	}{
		{
			"what was just sent", "7Jb0m3Zl3oWm4m0x0n9L9w  2026-11-21  bob  Door  sent\n", `To     bob
Title  Door
Sent   2026-11-21 14:32:08
`, api.Delivery{ID: whole.ID, To: "bob", Title: "Door", CreatedAt: *at(8), State: api.StageSent},
		},
		{
			"what was read on a device of one's own", "7Jb0m3Zl3oWm4m0x0n9L9w  2026-11-21  anna  Potassium[31m result  read\n", `To                         anna
Title                      Potassium[31m result
Sent                       2026-11-21 14:32:08
Delivered                  2026-11-21 14:32:09, to 2 devices
Shown                      2026-11-21 14:32:10, on 1 device
Read                       2026-11-21 14:32:11, on Desk-12
  Desk-12                  shown 2026-11-21 14:32:10
  A device without a name  delivered 2026-11-21 14:32:12
  Phone                    not yet
`, whole,
		},
		{
			"what is gone before it was shown", "7Jb0m3Zl3oWm4m0x0n9L9w  2026-11-21  anna    delivered to 1 device, gone\n", `To         anna
Sent       2026-11-21 14:32:08
Delivered  2026-11-21 14:32:09, to 1 device
Gone       deleted, replaced or expired
`, api.Delivery{ID: whole.ID, To: "anna", CreatedAt: *at(8), State: api.StageDelivered, DeliveredTo: 1, Delivered: at(9), Gone: true},
		},
		{
			"what was read who knows when", "7Jb0m3Zl3oWm4m0x0n9L9w  2026-11-21  anna    read\n", `To    anna
Sent  2026-11-21 14:32:08
Read  at a time that is not known
`, api.Delivery{ID: whole.ID, To: "anna", CreatedAt: *at(8), State: api.StageRead},
		},
		{
			"what was shown", "7Jb0m3Zl3oWm4m0x0n9L9w  2026-11-21  anna    shown on 3 devices\n", `To     anna
Sent   2026-11-21 14:32:08
Shown  2026-11-21 14:32:10, on 3 devices
`, api.Delivery{ID: whole.ID, To: "anna", CreatedAt: *at(8), State: api.StageShown, ShownOn: 3, Shown: at(10)},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var line, text bytes.Buffer
			if err := writeSent(&line, api.SentPage{Items: []api.Delivery{c.d}}, at(8).AddDate(1, 0, 0)); err != nil || line.String() != c.line {
				t.Errorf("%v\ngot  %q\nwant %q", err, &line, c.line)
			}
			if err := writeDelivery(&text, c.d); err != nil || text.String() != c.text {
				t.Errorf("%v\ngot\n%s\nwant\n%s", err, &text, c.text)
			}
		})
	}
}
