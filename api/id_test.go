package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestANewIDParsesAndIsNeverTheSame(t *testing.T) {
	seen := map[ID]bool{}
	for range 1000 {
		id := NewID()
		if _, err := ParseID(string(id)); err != nil || seen[id] || len(id) != 22 {
			t.Fatalf("id %q: %v", id, err)
		}
		seen[id] = true
	}
}

// hostileIDs are what an ID must not be, as it becomes part of a path.
var hostileIDs = []string{
	"42", "../users/me", "..%2fusers%2fme", "%2e%2e/users/me", "//evil.example/x", "@evil.example/x", "42?admin=1",
	"42#frag", "42\r\nHost: evil", "42/../../token", "", strings.Repeat("a", 44), "aaaaaaaaaaaaaaaaaaaaa\x00", "aaaaaaaaaaaaaaaaaaaaä",
}

func TestAHostileIDIsRefused(t *testing.T) {
	for _, s := range hostileIDs {
		if _, err := ParseID(s); !errors.Is(err, ErrBadID) {
			t.Errorf("ParseID(%q) = %v", s, err)
		}
	}
}

func TestAPushBody(t *testing.T) {
	const id = "7Jb0m3Zl3oWm4m0x0n9L9w"
	for _, c := range []struct {
		name, body string
		ok         bool
	}{
		{"is a bare ID", id, true},
		{"is the tutorial's object", `{"secureId":"` + id + `"}`, true},
		{"is an object with id", `{"id":"` + id + `"}`, true},
		{"may say the same twice", `{"id":"` + id + `","secureId":"` + id + `"}`, true},
		{"must not say two things", `{"id":"` + id + `","secureId":"aaaaaaaaaaaaaaaaaaaaaa"}`, false},
		{"must not be empty", "", false},
		{"must not be an empty object", "{}", false},
		{"must not be an array", `["` + id + `"]`, false},
		{"must not be long", id + strings.Repeat(" ", 200), false},
		{"must not have anything behind it", `{"id":"` + id + `"}x`, false},
		{"must not be a URL", "https://evil.example/" + id, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := DecodePush([]byte(c.body))
			if (err == nil) != c.ok || (c.ok && got != id) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func FuzzDecodePush(f *testing.F) {
	f.Add([]byte(`{"secureId":"7Jb0m3Zl3oWm4m0x0n9L9w"}`))
	f.Add([]byte("7Jb0m3Zl3oWm4m0x0n9L9w"))
	f.Fuzz(func(t *testing.T, b []byte) {
		id, err := DecodePush(b)
		if err != nil {
			return
		}
		if again, err := DecodePush(EncodePush(id)); err != nil || again != id {
			t.Fatalf("%q does not come back: %q, %v", id, again, err)
		}
	})
}

func TestASecretIsNeverPrinted(t *testing.T) {
	const value = "hunter2-canary"
	s := NewSecret(value)
	type holder struct {
		Named   Secret
		Pointer *Secret
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		for _, v := range []any{s, &s, holder{s, &s}, []Secret{s}, map[string]Secret{"a": s}} {
			_, _ = fmt.Fprintf(&out, verb, v)
		}
	}
	b, err := json.Marshal(holder{s, &s})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", s, "holder", holder{s, &s})
	text := out.String()
	if strings.Contains(text, value) || strings.Contains(text, fmt.Sprintf("%x", value)) {
		t.Errorf("printed: %s", text)
	}
	if s.Reveal() != value || !s.Equal(NewSecret(value)) || s.Equal(NewSecret("x")) || s.Empty() {
		t.Error("the secret is not what it was made of")
	}
}
