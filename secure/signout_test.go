package secure_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"securepush/api"
	"securepush/secure"
)

func TestSignOutEndsTheSignInAtTheServerInMemoryAndInTheKeyring(t *testing.T) {
	for _, loaded := range []bool{true, false} {
		w, account := signedIn(t)
		if loaded {
			_, err := w.session.Token(t.Context())
			must(t, err)
		}
		r := w.session.SignOut(t.Context())
		if r.Pending() || r.Cause != nil {
			t.Fatalf("%+v", r)
		}
		w.wantState(t, secure.StateNever, false)
		if !w.server.families[0].over || w.vault.has(t, account.ID) || w.vault.has(t, account.ID+".revoke") {
			t.Fatal("something is left of the sign-in")
		}
		_, err := w.session.Token(t.Context())
		wantCode(t, api.CodeSignInNeeded, err)
	}
}

func TestASignOutWithoutTheServerIsFinishedLaterAlsoByAnotherProcess(t *testing.T) {
	w, account := signedIn(t)
	w.server.down = true
	r := w.session.SignOut(t.Context())
	if !r.Pending() || r.Revoked || !r.Removed || r.Cause == nil {
		t.Fatalf("%+v", r)
	}
	if w.vault.has(t, account.ID) || !w.vault.has(t, account.ID+".revoke") {
		t.Fatal("the sign-in is still there, or the token to revoke is lost")
	}
	w.restart(t, nil)
	if r := w.session.FinishSignOut(t.Context(), account); !r.Pending() {
		t.Fatal("done without a server")
	}
	w.server.down = false
	signedInAgain := w.signIn(t)
	if r := w.session.FinishSignOut(t.Context(), account); r.Pending() || r.Cause != nil {
		t.Fatalf("%+v", r)
	}
	if !w.server.families[0].over || w.server.families[1].over || w.vault.has(t, account.ID+".revoke") {
		t.Fatal("the earlier sign-in lives, or the new one does not")
	}
	if !w.vault.has(t, signedInAgain.ID) {
		t.Fatal("the new sign-in was removed")
	}
	if r := w.session.FinishSignOut(t.Context(), account); r.Pending() {
		t.Fatalf("there is nothing left to do: %+v", r)
	}
}

func TestASignOutWhileTheKeyringIsLockedForgetsAtOnceAndIsFinishedLater(t *testing.T) {
	for _, inMemory := range []bool{true, false} {
		w, account := signedIn(t)
		if inMemory {
			_, err := w.session.Token(t.Context())
			must(t, err)
		}
		w.vault.fail(locked, locked, locked)
		r := w.session.SignOut(t.Context())
		if !r.Pending() || r.Removed || r.Revoked != inMemory || secure.StateOf(r.Cause) != secure.VaultLocked {
			t.Fatalf("%+v", r)
		}
		w.wantState(t, secure.StateNever, false)
		w.vault.fail(nil, nil, nil)
		if r := w.session.FinishSignOut(t.Context(), account); r.Pending() {
			t.Fatalf("%+v", r)
		}
		if !w.server.families[0].over || w.vault.has(t, account.ID) {
			t.Fatal("something is left of the sign-in")
		}
	}
}

func TestATokenThatCouldNotBeReadIsNotThrownAwayUnrevoked(t *testing.T) {
	w, account := signedIn(t)
	w.vault.fail(hung, nil, nil)
	if r := w.session.SignOut(t.Context()); !r.Pending() || r.Removed {
		t.Fatalf("%+v", r)
	}
	w.vault.fail(nil, nil, nil)
	if r := w.session.FinishSignOut(t.Context(), account); r.Pending() || !w.server.families[0].over {
		t.Fatalf("%+v", r)
	}
}

func TestASignOutRemovesWhatAProgramPutInThePlaceOfTheSignIn(t *testing.T) {
	w, account := signedIn(t)
	must(t, w.vault.Set(t.Context(), account.ID, api.NewSecret("planted")))
	if r := w.session.SignOut(t.Context()); r.Pending() {
		t.Fatalf("%+v", r)
	}
	if w.vault.has(t, account.ID) {
		t.Fatal("the planted value is still there")
	}
}

func TestARenewalUnderWayDoesNotBringASignInBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, account := signedIn(t)
		w.vault.block = make(chan struct{})
		done := make(chan error, 1)
		go func() {
			_, err := w.session.Token(t.Context())
			done <- err
		}()
		synctest.Wait()
		out := make(chan secure.SignOutResult, 1)
		go func() { out <- w.session.SignOut(t.Context()) }()
		synctest.Wait()
		w.wantState(t, secure.StateNever, false) // forgotten before anything could be asked
		close(w.vault.block)
		if err := <-done; err == nil {
			t.Fatal("a token was given out")
		}
		if r := <-out; r.Pending() {
			t.Fatalf("%+v", r)
		}
		w.wantState(t, secure.StateNever, false)
		if w.vault.has(t, account.ID) {
			t.Fatal("the sign-in is stored again")
		}
	})
}

func TestASignOutEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := signedIn(t)
		w.vault.block = make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		if r := w.session.SignOut(ctx); !r.Pending() || time.Since(start) != 5*time.Second {
			t.Fatalf("%+v after %v", r, time.Since(start))
		}
		w.wantState(t, secure.StateNever, false)
	})
}

func TestASignOutAfterTheServerEndedTheSignInIsComplete(t *testing.T) {
	w, _ := signedIn(t)
	w.server.families[0].over = true
	_, err := w.session.Token(t.Context())
	wantCode(t, api.CodeSignInNeeded, err)
	if r := w.session.SignOut(t.Context()); r.Pending() {
		t.Fatalf("%+v", r)
	}
}
