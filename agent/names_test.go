package agent

import (
	"slices"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/agent/tray"
	"securepush/api"
	"securepush/secure"
)

func TestWhatAccountsAreCalled(t *testing.T) {
	account := func(server, name, user string) secure.Account {
		return secure.Account{ID: server + user, Server: "https://" + server, ServerName: name, User: user}
	}
	for _, row := range []struct {
		name string
		list []namedAccount
		want []string
	}{
		{"as the server calls itself", []namedAccount{{account: account("a.example", "Clinic", "anna")}}, []string{"Clinic"}},
		{"a server without a name", []namedAccount{{account: account("a.example:8443", "", "anna")}}, []string{"a.example:8443"}},
		{"as the person chose", []namedAccount{{account: account("a.example", "Clinic", "anna"), chosen: local.AccountSettings{Name: "Work"}}}, []string{"Work"}},
		{
			"two at one server",
			[]namedAccount{{account: account("a.example", "Clinic", "anna")}, {account: account("a.example", "Clinic", "bob")}},
			[]string{"anna · Clinic", "bob · Clinic"},
		},
		{
			"two of the same name at servers of the same name",
			[]namedAccount{{account: account("a.example", "Clinic", "anna")}, {account: account("b.example", "Clinic", "anna")}},
			[]string{"anna@a.example", "anna@b.example"},
		},
		{
			"one that was named like another's server",
			[]namedAccount{{account: account("a.example", "Clinic", "anna")}, {account: account("b.example", "Lab", "bob"), chosen: local.AccountSettings{Name: "Clinic"}}},
			[]string{"anna · Clinic", "Clinic"},
		},
	} {
		if got := accountNames(row.list); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestTheColoursOfAccounts(t *testing.T) {
	chosen := func(c string) local.AccountSettings { return local.AccountSettings{Colour: c} }
	for _, row := range []struct {
		name string
		list []namedAccount
		want []string
	}{
		{"from before there were colours", []namedAccount{{}, {}}, []string{"blue", "green"}},
		{"as noted, whoever has gone", []namedAccount{{noted: "green"}, {noted: "orange"}}, []string{"green", "orange"}},
		{"a choice goes first", []namedAccount{{noted: "blue"}, {noted: "green", chosen: chosen("blue")}}, []string{"green", "blue"}},
		{"two chose the same", []namedAccount{{chosen: chosen("red")}, {chosen: chosen("red")}, {}}, []string{"red", "red", "blue"}},
		{"more than there are", make([]namedAccount, 9), append(local.Colours(), "blue")},
	} {
		if got := accountColours(row.list); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestTheTrayShowsAllAccounts(t *testing.T) {
	item := func(id string, minute int) tray.Item {
		return tray.Item{ID: api.ID(id), At: noon.Add(time.Duration(minute) * time.Minute)}
	}
	for _, row := range []struct {
		name   string
		states []tray.State
		mode   tray.Mode
		unread int
		items  string
	}{
		{"one", []tray.State{{Mode: tray.Connecting, Unread: 2}}, tray.Connecting, 2, ""},
		{"all are well", []tray.State{{Mode: tray.Connected, Unread: 2}, {Mode: tray.Connected, Unread: 3}}, tray.Connected, 5, ""},
		{"one that connects", []tray.State{{Mode: tray.Connected}, {Mode: tray.Connecting}}, tray.Connecting, 0, ""},
		{"a pause is of all", []tray.State{{Mode: tray.Paused}, {Mode: tray.Paused}}, tray.Paused, 0, ""},
		{"one offline in a pause", []tray.State{{Mode: tray.Offline}, {Mode: tray.Paused}}, tray.Offline, 0, ""},
		{"an ended sign-in is worse than a lost connection", []tray.State{{Mode: tray.Offline}, {Mode: tray.SignInEnded}, {Mode: tray.Connected}}, tray.SignInEnded, 0, ""},
		{
			"the newest of all, and not more than fit",
			[]tray.State{
				{Mode: tray.Connected, Unread: 4, Items: []tray.Item{item("a", 9), item("b", 6), item("c", 2), item("d", 1)}},
				{Mode: tray.Connected, Unread: 3, Items: []tray.Item{item("x", 8), item("y", 7), item("z", 3)}},
			},
			tray.Connected, 7, "axybz",
		},
	} {
		got := trayOfAll(row.states)
		ids := ""
		for _, i := range got.Items {
			ids += string(i.ID)
		}
		if got.Mode != row.mode || got.Unread != row.unread || ids != row.items {
			t.Errorf("%s: mode %d, %d unread, items %q", row.name, got.Mode, got.Unread, ids)
		}
	}
}

func TestTheSenderLineNamesTheAccountFirst(t *testing.T) {
	for _, row := range [][3]string{{"", "Lab", "Lab"}, {"Clinic", "", "Clinic"}, {"Clinic", "Lab", "Clinic · Lab"}, {"Lab", "Lab", "Lab"}, {"", "", ""}} {
		if got := senderLine(row[0], row[1]); got != row[2] {
			t.Errorf("%q", got)
		}
	}
}
