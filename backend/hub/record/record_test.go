package record_test

import (
	"encoding/base64"
	"regexp"
	"testing"

	"securepush/backend/hub/record"
)

func TestManageIncludesTheOtherRights(t *testing.T) {
	for _, tt := range []struct {
		has, want record.Rights
		ok        bool
	}{
		{record.Listen, record.Listen, true},
		{record.Listen, record.Send, false},
		{record.Listen, record.Manage, false},
		{record.Send, record.Listen, false},
		{record.Listen | record.Send, record.Send, true},
		{record.Listen | record.Send, record.Manage, false},
		{record.Manage, record.Listen | record.Send, true},
		{0, record.Listen, false},
	} {
		if got := tt.has.Has(tt.want); got != tt.ok {
			t.Errorf("%q has %q: %v", tt.has, tt.want, got)
		}
	}
}

func TestRightsAreNamedAsTheServiceNamesThem(t *testing.T) {
	all := record.Listen | record.Send | record.Manage
	if got := all.String(); got != "Listen,Manage,Send" {
		t.Error(got)
	}
	if r, ok := record.ParseRight("sEnD"); !ok || r != record.Send {
		t.Error(r, ok)
	}
	for _, name := range []string{"", "all", "listen,send"} {
		if r, ok := record.ParseRight(name); ok {
			t.Errorf("%q is %v", name, r)
		}
	}
}

func TestAnIDOfARegistrationHasTheFormOfTheService(t *testing.T) {
	form := regexp.MustCompile(`^\d{1,19}-\d{1,19}-1$`)
	if a, b := record.NewRegistrationID(), record.NewRegistrationID(); !form.MatchString(a) || a == b {
		t.Error(a, b)
	}
}

func TestAKeyIsTheTextOf32Bytes(t *testing.T) {
	key := record.NewRuleKey().Reveal()
	if b, err := base64.StdEncoding.DecodeString(key); err != nil || len(b) != 32 || key == record.NewRuleKey().Reveal() {
		t.Error(len(b), err)
	}
}

func TestFoldingMakesOneOfWhatDiffersInCaseOnly(t *testing.T) {
	for _, same := range [][]string{{"Änne", "ÄNNE", "änne"}, {"username:k", "USERNAME:K", "uſername:K"}, {"σ", "ς", "Σ"}} {
		for _, s := range same {
			if record.Fold(s) != record.Fold(same[0]) {
				t.Errorf("%q and %q", s, same[0])
			}
		}
	}
	if record.Fold("a") == record.Fold("ä") || record.Fold("ı") == record.Fold("i") {
		t.Error("different letters are one")
	}
}
