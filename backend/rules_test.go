package backend

import (
	"sync"
	"testing"

	"securepush/api"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
)

func openAdmin(t *testing.T) *Admin {
	t.Helper()
	a, err := OpenAdmin(t.Context(), t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestAdministrationOfRules(t *testing.T) {
	a := openAdmin(t)
	added, err := a.AddRule(t.Context(), "plant", record.Send)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		rights record.Rights
		code   api.Code
	}{
		"PLANT": {record.Send, api.CodeConflict}, "none": {0, api.CodeInvalidField}, "": {record.Send, api.CodeInvalidField},
		"a;b": {record.Send, api.CodeInvalidField}, "ä": {record.Send, api.CodeInvalidField}, "securepushdevice": {record.Listen, api.CodeInvalidField},
	} {
		if _, err := a.AddRule(t.Context(), name, tt.rights); api.CodeOf(err) != tt.code {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, secondary := range []bool{false, true} {
		before, err := a.Rule(t.Context(), "Plant")
		if err != nil {
			t.Fatal(err)
		}
		after, err := a.RotateRule(t.Context(), "Plant", secondary)
		if err != nil || after.Name != "plant" || after.Primary.Equal(before.Primary) == !secondary || after.Secondary.Equal(before.Secondary) == secondary {
			t.Errorf("secondary %v: %v", secondary, err)
		}
		if stored, err := a.Rule(t.Context(), "plant"); err != nil || stored != after {
			t.Errorf("what is stored is not what was told: %v", err)
		}
	}
	if added.Rights != record.Send {
		t.Error(added.Rights)
	}
	if err := a.RemoveRule(t.Context(), "plant"); err != nil {
		t.Error(err)
	}
	if _, err := a.RotateRule(t.Context(), "plant", false); api.CodeOf(err) != api.CodeNotFound {
		t.Error(err)
	}
}

func TestTwoWhoRotateDoNotBringAnOldKeyBack(t *testing.T) {
	a := openAdmin(t)
	for range 20 {
		before, err := a.Rule(t.Context(), record.DefaultFullRule)
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for _, secondary := range []bool{false, true} {
			both.Go(func() {
				if _, err := a.RotateRule(t.Context(), record.DefaultFullRule, secondary); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		after, err := a.Rule(t.Context(), record.DefaultFullRule)
		if err != nil || after.Primary.Equal(before.Primary) || after.Secondary.Equal(before.Secondary) {
			t.Fatalf("an old key counts again: %v", err)
		}
	}
}

func TestAConnectionStringBeforeTheServerHasRun(t *testing.T) {
	a := openAdmin(t)
	rule, err := a.Rule(t.Context(), record.DefaultListenRule)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.ConnectionString(t.Context(), rule, false, nil); api.CodeOf(err) != api.CodeInvalidField {
		t.Errorf("without an address: %v", err)
	}
	text, hub, err := a.ConnectionString(t.Context(), rule, true, mustURL(t, "https://push.example:8443"))
	if err != nil || hub != defaultHubName {
		t.Fatalf("%q %v", hub, err)
	}
	c, err := sas.ParseConnectionString(api.NewSecret(text))
	if err != nil || c.Endpoint.Host != "push.example:8443" || c.Rule != rule.Name || !c.Key.Equal(rule.Secondary) {
		t.Errorf("%v %v", c.Endpoint, err)
	}
}
