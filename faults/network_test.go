//go:build linux

package faults

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

// networks are what lies between a device and its site.
func networks() []fault {
	return []fault{
		{name: "connections half-open: all goes silent", runs: 4, short: 1, prompts: 1, run: (*world).goesSilent},
		{name: "connections reset again and again", runs: 20, short: 2, prompts: 1, run: (*world).resets},
		{name: "network gone for some seconds", runs: 10, short: 1, prompts: 1, run: (*world).networkGoes},
		{name: "captive portal: HTML with 200", runs: 10, short: 2, prompts: 1, run: (*world).portal},
		{name: "redirected to another host", runs: 10, short: 1, prompts: 1, run: (*world).redirects},
		{name: "429 and 503 with Retry-After", runs: 12, short: 4, run: (*world).busy},
		{name: "answers drip byte by byte", runs: 10, short: 1, prompts: 1, run: (*world).drips},
		{name: "answers are gzip bombs", runs: 10, short: 1, prompts: 1, run: (*world).bombs},
		{name: "back end restarted, push service empty", runs: 40, short: 2, prompts: 1, run: (*world).restarts},
		{name: "WebSocket blocked", runs: 2, short: 1, run: (*world).socketBlocked},
	}
}

// goesSilent lets packets vanish on what is connected, as after a change of network or a suspend. Nobody sends a reset.
func (w *world) goesSilent(int) {
	w.until("the device listens", w.connected)
	w.pause(10 * time.Second) // until nothing is asked any more that would find out sooner
	w.proxy.silence()
	began := time.Now()
	w.send(few)
	w.settledWithin(began, 3*patience)
}

func (w *world) resets(i int) {
	posted := w.sending(few)
	again := time.NewTicker(time.Duration(20+w.seldom(80)) * time.Millisecond)
	defer again.Stop()
	for end := time.After(time.Duration(1+i%3) * time.Second); ; {
		w.proxy.cut()
		select {
		case <-again.C:
			continue
		case <-end:
		}
		break
	}
	posted()
	w.settled(time.Now())
}

func (w *world) networkGoes(i int) {
	w.proxy.set(weather{refuse: true})
	w.proxy.cut()
	w.send(few)
	w.pause(time.Duration(1+i%5) * time.Second)
	w.clears()
}

// clears ends the weather, with the connections that stem from it, and waits until all is shown.
func (w *world) clears() {
	w.Helper()
	w.proxy.set(weather{})
	w.settled(time.Now())
}

// storm is weather from one moment to the next: it begins with the device on its way back to the site.
func (w *world) storm(f weather, lasts time.Duration) {
	w.proxy.set(f)
	w.proxy.cut()
	w.send(few)
	w.pause(lasts)
	w.clears()
}

func (w *world) portal(i int) {
	w.storm(weather{answer: func(rw http.ResponseWriter, _ *http.Request) bool {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(rw, "<html><title>Welcome to our Wi-Fi</title><form>Your room number: <input></form></html>")
		return true
	}}, time.Duration(1+3*(i%2))*time.Second)
}

// redirects leads the device to a host of somebody else. It must not go there.
func (w *world) redirects(i int) {
	var visits atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer other.Close()
	codes := []int{301, 302, 303, 307, 308}
	w.storm(weather{answer: func(rw http.ResponseWriter, r *http.Request) bool {
		http.Redirect(rw, r, other.URL+r.URL.Path, codes[i%len(codes)])
		return true
	}}, 2*time.Second)
	if n := visits.Load(); n > 0 {
		w.Errorf("the device followed %d redirects", n)
	}
}

// busy asks the device to wait. It does, and tells nobody.
func (w *world) busy(i int) {
	w.until("the device listens", w.connected)
	code, wish := []int{429, 503}[i%2], 3*time.Second
	var refused atomic.Int64
	w.proxy.set(weather{answer: func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			return false
		}
		refused.Add(1)
		rw.Header().Set("Retry-After", "3")
		rw.WriteHeader(code)
		return true
	}})
	if i%4 > 1 { // what comes is missed, so the cursor is what is refused
		w.proxy.cut()
	}
	began := time.Now()
	w.send(few)
	w.until("the device was refused", func() bool { return refused.Load() > 0 })
	w.pause(wish * 2 / 3)
	if n, most := refused.Load(), int64(6*(1+time.Since(began)/wish)); n > most {
		w.Errorf("the device asked %d times in %s, though it was to wait %s each time", n, time.Since(began), wish)
	}
	w.clears()
}

func (w *world) drips(i int) {
	w.storm(weather{piece: 1 + i%8, pause: 50 * time.Millisecond}, time.Duration(2+3*(i%2))*time.Second)
}

// bombs answers every question for content with many megabytes that were compressed to some kilobytes.
func (w *world) bombs(int) {
	bomb := bomb()
	before := w.listener().anonymous(w)
	most := before
	w.until("the device listens", w.connected)
	w.proxy.set(weather{answer: func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			return false
		}
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write(bomb)
		return true
	}})
	w.send(few)
	for range 20 {
		w.pause(100 * time.Millisecond)
		most = max(most, w.listener().anonymous(w))
	}
	if grown := most - before; grown > 24<<20 {
		w.Errorf("the listener grew by %d MB", grown>>20)
	}
	w.clears()
}

// bomb is 256 megabytes of blanks in a string of JSON, compressed.
func bomb() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, `{"payload":"`)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range 256 {
		_, _ = z.Write(blanks)
	}
	_ = z.Close()
	return b.Bytes()
}

// restarts ends the site in good order: its push service forgets everybody.
func (w *world) restarts(i int) {
	w.site.running().stop()
	if i%2 == 0 {
		w.site.start()
	}
	posted := w.sending(few)
	if i%2 == 1 {
		w.site.start()
	}
	ended := time.Now()
	posted()
	w.settled(ended)
}

// socketBlocked is a firewall that lets HTTP through and WebSockets not. It lasts: what comes is found by asking.
func (w *world) socketBlocked(int) {
	w.until("the device listens", w.connected)
	w.pause(10 * time.Second) // until it asks for nothing any more by itself
	w.proxy.set(weather{answer: func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Upgrade") == "" {
			return false
		}
		http.Error(rw, "blocked by the firewall", http.StatusForbidden)
		return true
	}})
	w.proxy.cut()
	w.until("the device has lost its connection", func() bool { return !w.connected() })
	began := time.Now()
	w.send(few)
	w.settledWithin(began, 4*patience)
	w.until("the person is told that notifications come late", func() bool { return w.says("polling") })
	w.proxy.set(weather{})
	w.until("the device listens again", w.connected)
}
