package backend

import (
	"slices"
	"testing"

	"securepush/api"
)

func TestARepeatedSendAnswersAsTheFirstOneWhoeverHasTheTagsNow(t *testing.T) {
	st := newSite(t)
	anna, ben, root := st.addUser("anna"), st.addUser("ben"), st.addUser("root", api.ClaimSend)
	st.addDevice(anna, "annas", "topic:ward")
	st.addDevice(ben, "bens", "topic:ward")
	in := api.SendRequest{To: api.Recipients{"topic:ward"}, Payload: "once"}
	first, err := root.Send(t.Context(), in, "k")
	if err != nil || len(first.IDs) != 2 {
		t.Fatalf("%+v %v", first, err)
	}
	want := []string{"annas " + string(first.IDs[0]), "bens " + string(first.IDs[1])}
	st.push.expect(want...)
	for _, change := range []func(){
		func() { st.addDevice(ben, "bens") }, // without the tag
		func() { st.addDevice(anna, "annas") },
		func() { st.addDevice(st.addUser("cleo"), "cleos", "topic:ward") },
	} {
		change()
		again, err := root.Send(t.Context(), in, "k")
		if err != nil || !slices.Equal(again.IDs, first.IDs) || again.Devices != 2 {
			t.Fatalf("%+v %v, want %v", again, err, first.IDs)
		}
		st.push.expect(want...)
	}
}

func TestARepeatedSendToAListNamesTheSameIDs(t *testing.T) {
	st := newSite(t)
	root := st.addUser("root", api.ClaimSend)
	st.addUser("anna")
	st.addUser("ben")
	in := api.SendRequest{To: api.Recipients{"ben", "username:ANNA", "Ben"}, Payload: "once"}
	first, err := root.Send(t.Context(), in, "k")
	if err != nil || len(first.IDs) != 3 || first.IDs[0] != first.IDs[2] {
		t.Fatalf("%+v %v", first, err)
	}
	if err := st.admin.SetDisabled(t.Context(), "anna", true); err != nil {
		t.Fatal(err)
	}
	if again, err := root.Send(t.Context(), in, "k"); err != nil || !slices.Equal(again.IDs, first.IDs) {
		t.Errorf("%+v %v, want %v", again, err, first.IDs)
	}
	in.To = nil
	if mine, err := root.Send(t.Context(), in, "mine"); err != nil || len(mine.IDs) != 1 {
		t.Errorf("%+v %v", mine, err)
	} else if again, err := root.Send(t.Context(), in, "mine"); err != nil || !slices.Equal(again.IDs, mine.IDs) {
		t.Errorf("%+v %v, want %v", again, err, mine.IDs)
	}
}
