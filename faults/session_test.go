//go:build linux

package faults

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// sessions are sign-ins that end.
func sessions() []fault {
	return []fault{
		{name: "access tokens live for a second", runs: 10, short: 1, run: (*world).shortTokens},
		{name: "account disabled, enabled, signed in again", runs: 20, short: 2, prompts: 1, run: (*world).disabled},
		{name: "password changed, signed in again", runs: 10, short: 1, prompts: 1, run: (*world).passwordChanges},
	}
}

// shortTokens refuses every access token that the proxy has seen for over a second. A renewal makes another.
func (w *world) shortTokens(int) {
	const life = time.Second
	var mu sync.Mutex
	first := map[string]time.Time{}
	w.proxy.set(weather{answer: func(rw http.ResponseWriter, r *http.Request) bool {
		token := r.Header.Get("Authorization")
		if !strings.HasPrefix(r.URL.Path, "/api/") || token == "" {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if first[token].IsZero() {
			first[token] = time.Now()
		}
		if time.Since(first[token]) < life {
			return false
		}
		rw.Header().Set("Content-Type", "application/problem+json")
		rw.WriteHeader(http.StatusUnauthorized)
		_, _ = rw.Write([]byte(`{"title":"Sign in.","status":401,"code":"unauthorized"}`))
		return true
	}})
	for range few {
		w.send(1)
		w.settled(time.Now())
		w.pause(life)
	}
	w.send(1)
	w.clears()
}

// disabled ends every sign-in of the person.
func (w *world) disabled(int) {
	w.site.admin("", "user", "disable", user)
	w.site.admin("", "user", "enable", user)
	w.prompted(func() { w.send(few) })
	w.signIn(password)
	w.settled(time.Now())
}

// passwordChanges makes it another one each time.
func (w *world) passwordChanges(i int) {
	changed := fmt.Sprint(password, i)
	w.site.admin(changed+"\n", "user", "passwd", user, "--password-stdin")
	w.prompted(func() { w.send(few) })
	w.signIn(changed)
	w.settled(time.Now())
}
