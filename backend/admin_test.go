package backend

import (
	"log/slog"
	"strings"
	"testing"

	"securepush/api"
)

func discardLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestAdministrationOfUsers(t *testing.T) {
	a, err := OpenAdmin(t.Context(), t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	password := api.NewSecret(testPassword)
	if _, err := a.AddUser(t.Context(), "anna", password, []string{api.ClaimSend}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, password string
		claims         []string
		code           api.Code
	}{
		{"Anna", testPassword, nil, api.CodeConflict},
		{"", testPassword, nil, api.CodeInvalidField},
		{"-x", testPassword, nil, api.CodeInvalidField},
		{"a b", testPassword, nil, api.CodeInvalidField},
		{"a:b", testPassword, nil, api.CodeInvalidField},
		{"ännä", testPassword, nil, api.CodeInvalidField},
		{strings.Repeat("a", 65), testPassword, nil, api.CodeInvalidField},
		{"ben", "short", nil, api.CodeInvalidField},
		{"ben", strings.Repeat("a", 1025), nil, api.CodeInvalidField},
		{"ben", "not UTF-8 \xff", nil, api.CodeInvalidField},
		{"ben", testPassword, []string{"root"}, api.CodeInvalidField},
	} {
		if _, err := a.AddUser(t.Context(), tt.name, api.NewSecret(tt.password), tt.claims); api.CodeOf(err) != tt.code || api.Words(err) == "" {
			t.Errorf("%.10s %.10s %v: %v", tt.name, tt.password, tt.claims, err)
		}
	}
	users, err := a.ListUsers(t.Context())
	if err != nil || len(users) != 1 || users[0].Name != "anna" || users[0].Claims[0] != api.ClaimSend {
		t.Errorf("%+v %v", users, err)
	}
	if err := a.SetPassword(t.Context(), "zoe", password); api.CodeOf(err) != api.CodeNotFound {
		t.Error(err)
	}
	if err := a.SetPassword(t.Context(), "anna", api.NewSecret("x")); api.CodeOf(err) != api.CodeInvalidField {
		t.Error(err)
	}
	if err := a.SetDisabled(t.Context(), "zoe", true); api.CodeOf(err) != api.CodeNotFound {
		t.Error(err)
	}
}

func TestAdministrationOfKeys(t *testing.T) {
	a, err := OpenAdmin(t.Context(), t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if _, secret, err := a.AddKey(t.Context(), "plant", []string{api.ClaimSend}); err != nil || secret.Empty() {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		claims []string
		code   api.Code
	}{
		"Plant": {[]string{api.ClaimSend}, api.CodeConflict}, "": {[]string{api.ClaimSend}, api.CodeInvalidField},
		"none": {nil, api.CodeInvalidField}, "odd": {[]string{"x"}, api.CodeInvalidField}, "a\nb": {[]string{api.ClaimSend}, api.CodeInvalidField},
	} {
		if _, _, err := a.AddKey(t.Context(), name, tt.claims); api.CodeOf(err) != tt.code {
			t.Errorf("%q: %v", name, err)
		}
	}
	if keys, err := a.ListKeys(t.Context()); err != nil || len(keys) != 1 || keys[0].Name != "plant" {
		t.Errorf("%+v %v", keys, err)
	}
	if err := a.RevokeKey(t.Context(), "plant"); err != nil {
		t.Error(err)
	}
	if err := a.RevokeKey(t.Context(), "plant"); api.CodeOf(err) != api.CodeNotFound {
		t.Error(err)
	}
}
