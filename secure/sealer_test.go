package secure_test

import (
	"bytes"
	"errors"
	"testing"

	"securepush/api"
	"securepush/secure"
)

const itemID = api.ID("7Jb0m3Zl3oWm4m0x0n9L9w")

func TestSealedContentOpensInTheNextProcessAndOnlyUnderItsID(t *testing.T) {
	v := &vault{Memory: secure.NewMemory()}
	first, err := secure.NewSealer(t.Context(), v, alice)
	must(t, err)
	plain := []byte("Potassium 4.1")
	sealed, err := first.Seal(itemID, plain)
	must(t, err)
	again, err := first.Seal(itemID, plain)
	must(t, err)
	if bytes.Contains(sealed, plain) || bytes.Equal(sealed, again) || len(sealed) != len(plain)+28 {
		t.Fatal("not sealed as it should be")
	}
	next, err := secure.NewSealer(t.Context(), v, alice)
	must(t, err)
	got, err := next.Open(itemID, sealed)
	must(t, err)
	if !bytes.Equal(got, plain) || next.MemoryOnly() || v.sets.Load() != 1 {
		t.Fatalf("%q, %d keys made", got, v.sets.Load())
	}
	for name, c := range map[string]struct {
		id     api.ID
		sealed []byte
	}{
		"another ID":  {api.NewID(), sealed},
		"a bit off":   {itemID, append([]byte{sealed[0] ^ 1}, sealed[1:]...)},
		"cut":         {itemID, sealed[:len(sealed)-1]},
		"nothing":     {itemID, nil},
		"half a head": {itemID, sealed[:5]},
	} {
		if _, err := next.Open(c.id, c.sealed); !errors.Is(err, secure.ErrUnsealable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, secure.ForgetSealer(t.Context(), v, alice))
	other, err := secure.NewSealer(t.Context(), v, alice)
	must(t, err)
	if _, err := other.Open(itemID, sealed); !errors.Is(err, secure.ErrUnsealable) {
		t.Error("a forgotten key still opens")
	}
}

func TestAKeyThatCannotBeReadNowIsNeitherReplacedNorGuessed(t *testing.T) {
	for _, cause := range []error{locked, hung} {
		v := &vault{Memory: secure.NewMemory()}
		_, err := secure.NewSealer(t.Context(), v, alice)
		must(t, err)
		v.fail(cause, nil, nil)
		if _, err := secure.NewSealer(t.Context(), v, alice); !errors.Is(err, cause) || v.sets.Load() != 1 {
			t.Errorf("%v, %d writes", err, v.sets.Load())
		}
	}
}

func TestWithoutAKeyringTheKeyIsInMemoryAndSaysSo(t *testing.T) {
	absent := &secure.VaultError{State: secure.VaultAbsent}
	for _, c := range []struct{ get, set error }{{unavailable, unavailable}, {full, full}, {absent, notStored}, {absent, full}} {
		v := &vault{Memory: secure.NewMemory()}
		v.fail(c.get, c.set, nil)
		s, err := secure.NewSealer(t.Context(), v, alice)
		must(t, err)
		sealed, err := s.Seal(itemID, []byte("x"))
		must(t, err)
		if _, err := s.Open(itemID, sealed); err != nil || !s.MemoryOnly() {
			t.Errorf("%v: %v", c.get, err)
		}
	}
	v := &vault{Memory: secure.NewMemory()}
	v.fail(absent, hung, nil) // it may have been stored
	if _, err := secure.NewSealer(t.Context(), v, alice); !errors.Is(err, hung) {
		t.Error(err)
	}
}

func TestAValueThatIsNoKeyIsReplaced(t *testing.T) {
	v := &vault{Memory: secure.NewMemory()}
	must(t, v.Set(t.Context(), alice+".journal", api.NewSecret("planted")))
	s, err := secure.NewSealer(t.Context(), v, alice)
	must(t, err)
	if s.MemoryOnly() {
		t.Error("not stored")
	}
}
