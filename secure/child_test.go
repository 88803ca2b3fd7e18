package secure

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"securepush/api"
)

// shelf is a keyring whose items lie one behind the other, as a program of the session can put them.
type shelf struct {
	items []string
	err   error
	panic bool
}

func (s *shelf) Get(string) (string, error) {
	if s.panic {
		panic("interface conversion")
	}
	if s.err != nil || len(s.items) == 0 {
		return "", errors.Join(s.err, keyring.ErrNotFound)
	}
	return s.items[0], nil
}

func (s *shelf) Set(_, value string) error { s.items = append(s.items, value); return s.err }

func (s *shelf) Delete(string) error {
	if len(s.items) > 0 {
		s.items = s.items[1:]
	}
	return s.err
}

func TestTheChildVerifiesWhatItDoes(t *testing.T) {
	for _, c := range []struct {
		name  string
		shelf shelf
		req   request
		want  failure
	}{
		{"get nothing", shelf{}, request{Op: opGet}, failNotFound},
		{"get ours", shelf{items: []string{"ours"}}, request{Op: opGet}, ""},
		{"get an empty value", shelf{items: []string{""}}, request{Op: opGet}, failForeign},
		{"get a value over the limit", shelf{items: []string{strings.Repeat("x", MaxValue+1)}}, request{Op: opGet}, failForeign},
		{"get a binary value", shelf{items: []string{"a\x00b"}}, request{Op: opGet}, failForeign},
		{"set", shelf{}, request{Op: opSet, Value: "v"}, ""},
		{"set behind another item", shelf{items: []string{"planted"}}, request{Op: opSet, Value: "v"}, failNotStored},
		{"delete one", shelf{items: []string{"a"}}, request{Op: opDelete}, ""},
		{"delete nothing", shelf{}, request{Op: opDelete}, ""},
		{"delete several", shelf{items: []string{"a", "b", "c"}}, request{Op: opDelete}, ""},
		{"delete twins", shelf{items: []string{"a", "a"}}, request{Op: opDelete}, failNotRemoved},
		{"a panic", shelf{panic: true}, request{Op: opGet}, failNonsense},
		{"an unknown call", shelf{}, request{Op: "x"}, failDefect},
	} {
		if got := perform(&c.shelf, c.req); got.Failure != c.want {
			t.Errorf("%s: %+v, want %q", c.name, got, c.want)
		}
	}
	many := &shelf{}
	for i := range 100 {
		many.items = append(many.items, strings.Repeat("x", i+1))
	}
	if got := perform(many, request{Op: opDelete}); got.Failure != failNotRemoved || len(many.items) != 100-maxRemoves {
		t.Errorf("went on without end: %+v, %d left", got, len(many.items))
	}
}

func TestTheLibrarysErrorsAreToldApart(t *testing.T) {
	for _, c := range []struct {
		err  error
		want failure
	}{
		{keyring.ErrNotFound, failNotFound},
		{keyring.ErrSetDataTooBig, failDefect},
		{keyring.ErrUnsupportedPlatform, failNoService},
		{&exec.Error{Name: "dbus-launch", Err: exec.ErrNotFound}, failNoService},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'"), failLocked},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"), failNotSetUp},
		{errors.New("anything else"), failOther},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
	notSetUp := answer{Failure: failNotSetUp}
	if StateOf(notSetUp.err(Report{})) != VaultUnavailable || StateOf(notSetUp.err(Report{Collection: "x"})) != VaultLocked {
		t.Error("a default collection that the probe has seen was not unlocked; one that is not there is not set up")
	}
}

func FuzzTheRequestOfTheChild(f *testing.F) {
	f.Add([]byte(`{"op":"get","key":"6f1c0c1e-8a55-4e0b-9d52-0d9b7d1f2a33"}`))
	f.Add([]byte(`{"op":"set","key":"a","value":"b"}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, line []byte) {
		var req request
		if api.DecodeStrict(line, &req) != nil {
			return
		}
		a := perform(&shelf{}, req)
		if a.Failure == "" && req.Op != opSet && req.Op != opDelete {
			t.Errorf("%+v answered %+v", req, a)
		}
	})
}

func FuzzAStoredSignIn(f *testing.F) {
	account := Account{ID: "6f1c0c1e-8a55-4e0b-9d52-0d9b7d1f2a33", Server: "https://push.example.org"}
	good, err := encodeSignIn(account, api.NewSecret("token"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good.Reveal())
	f.Add("eyJ2IjoxfQ")
	f.Add("")
	f.Fuzz(func(t *testing.T, value string) {
		refresh, err := decodeSignIn(api.NewSecret(value), account)
		if err != nil {
			return
		}
		again, err := encodeSignIn(account, refresh)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeSignIn(again, account); err != nil || !got.Equal(refresh) {
			t.Errorf("does not survive a round trip: %v", err)
		}
	})
}

func TestOnlyAWholeSignInOfThisAccountIsAccepted(t *testing.T) {
	account := Account{ID: "6f1c0c1e-8a55-4e0b-9d52-0d9b7d1f2a33", Server: "https://push.example.org"}
	value, err := encodeSignIn(account, api.NewSecret(strings.Repeat("r", 1000)))
	if err != nil || checkValue(value) != nil {
		t.Fatalf("%v: a token of 1,000 bytes does not fit", err)
	}
	for _, other := range []Account{{ID: account.ID, Server: "https://other.example"}, {ID: "x", Server: account.Server}} {
		if _, err := decodeSignIn(value, other); !errors.Is(err, errForeign) {
			t.Errorf("accepted for %+v", other)
		}
	}
}

func TestAnswersBeyondTheCapAreCut(t *testing.T) {
	c := &capped{left: 10}
	for range 3 {
		if n, err := c.Write(bytes.Repeat([]byte("x"), 7)); n != 7 || err != nil {
			t.Fatal(n, err)
		}
	}
	if c.Len() != 10 {
		t.Fatal(c.Len())
	}
}
