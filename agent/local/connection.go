package local

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"securepush/api"
)

// Device is one of the account's.
//
// Example: {"id":"9d1e…","name":"Desk-12","lastUpdate":"2026-11-21T14:02:00Z","this":true}.
type Device struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	LastUpdate *time.Time `json:"lastUpdate,omitempty"` // when it registered last
	This       bool       `json:"this,omitempty"`       // the one that the agent runs on
}

// Outcome is what came of a push. The codes are stable; words are in assets/words, section outcome.
type Outcome string

// The outcomes. The first ones are not final.
const (
	OutcomeArriving       Outcome = "arriving"        // it has just come
	OutcomeWaitingServer  Outcome = "waiting_server"  // the server cannot be asked for the content
	OutcomeWaitingSignIn  Outcome = "waiting_sign_in" // the sign-in has ended
	OutcomeWaitingKeyring Outcome = "waiting_keyring" // the keyring is locked
	OutcomeWaitingDesktop Outcome = "waiting_desktop" // the desktop shows no toasts
	OutcomeQuiet          Outcome = "quiet"           // held back until quiet hours or a pause end
	OutcomeLocked         Outcome = "locked"          // held back until the screen is unlocked
	OutcomeLater          Outcome = "later"           // left to the next catch-up

	OutcomeShown         Outcome = "shown"
	OutcomeDigest        Outcome = "digest"        // shown with others in one toast
	OutcomeGeneric       Outcome = "generic"       // shown without content
	OutcomeRead          Outcome = "read"          // read elsewhere
	OutcomeDismissed     Outcome = "dismissed"     // read or removed on this device
	OutcomeExpired       Outcome = "expired"       //
	OutcomeGone          Outcome = "gone"          // the server has it no more
	OutcomeRefused       Outcome = "refused"       // the server does not give it to this account
	OutcomeKnown         Outcome = "known"         // it had been dealt with, and nothing was new
	OutcomeNobody        Outcome = "nobody"        // nobody was signed in
	OutcomeNotAnID       Outcome = "not_an_id"     // the push held something else
	OutcomeUndecryptable Outcome = "undecryptable" // the push did not open
)

// Push is one line of the history, without content.
//
// Example: {"id":"7Jb0m3","at":"2026-11-21T14:32:08Z","outcome":"shown","latencyMs":14}.
type Push struct {
	ID      string    `json:"id,omitempty"` // the beginning of the ID, to tell it from others
	At      time.Time `json:"at"`
	Found   bool      `json:"found,omitempty"` // no push: a catch-up found it
	Outcome Outcome   `json:"outcome"`
	Since   time.Time `json:"since"` // when that came of it
	// LatencyMS is the time from the push to its toast in milliseconds; 0: there was none, or it had been held back.
	LatencyMS int64 `json:"latencyMs,omitempty"`
}

// History is what came of the last pushes, newest first, since the agent started.
//
// Example: {"pushes":[…],"latencies":[14,12]}.
type History struct {
	Pushes    []Push  `json:"pushes"`    // at most 50
	Latencies []int64 `json:"latencies"` // milliseconds of the last ten that were shown at once, newest first
}

// TestStage is a step of the test run. The codes are stable; words are in assets/words, section step.
type TestStage string

// The steps, in order.
const (
	TestServer   TestStage = "server"   // the server answers
	TestAccepted TestStage = "accepted" // it has taken the test
	TestArrived  TestStage = "arrived"  // the push has come
	TestFetched  TestStage = "fetched"  // its content has been fetched
	TestShown    TestStage = "shown"    // the desktop has taken the toast
)

// TestStages are all steps, in order.
func TestStages() []TestStage {
	return []TestStage{TestServer, TestAccepted, TestArrived, TestFetched, TestShown}
}

// TestResult says how a step ended.
type TestResult string

// The results.
const (
	TestOK     TestResult = "ok"
	TestHeld   TestResult = "held"   // works, and the toast waits, because the person wants it so
	TestFailed TestResult = "failed" // the last step of a run
)

// TestStep is one step of a test run that has ended.
//
// Example: {"stage":"arrived","result":"ok","tookMs":9,"afterMs":31}.
type TestStep struct {
	Stage   TestStage  `json:"stage"`
	Result  TestResult `json:"result"`
	TookMS  int64      `json:"tookMs"`  // since the step before
	AfterMS int64      `json:"afterMs"` // since the beginning
	// Words say why it is not ok, and Advice what to do.
	Words  string `json:"words,omitempty"`
	Advice string `json:"advice,omitempty"`
}

// Diagnostics is a report to be copied: about the program and its surroundings, without content, names and secrets.
//
// Example: {"text":"SecurePush 0.1.0 …"}.
type Diagnostics struct {
	Text string `json:"text"`
}

// Autostart says whether the agent starts at login.
//
// Example: {"supported":true,"enabled":true,"way":"systemd"}.
type Autostart struct {
	Supported bool   `json:"supported"` // it can be set up on this system
	Enabled   bool   `json:"enabled"`
	Way       string `json:"way,omitempty"` // systemd: a unit of the session; desktop: an entry that the desktop starts
}

// AutostartRequest asks to start at login, or not to.
//
// Example: {"enabled":true}.
type AutostartRequest struct {
	Enabled bool `json:"enabled"`
}

// Devices are the account's, this one first and then the one that was heard of last.
func (c *Client) Devices(ctx context.Context) ([]Device, error) {
	var out []Device
	return out, c.call(ctx, http.MethodGet, "/v1/devices", nil, &out)
}

// SignOutDevice ends another device's sign-in and sends no more pushes to it. What it keeps, sealed, stays on it. For this device
// there is SignOut.
func (c *Client) SignOutDevice(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/v1/devices/"+url.PathEscape(id), nil, nil)
}

// History tells what came of the last pushes.
func (c *Client) History(ctx context.Context) (History, error) {
	var out History
	return out, c.call(ctx, http.MethodGet, "/v1/history", nil, &out)
}

// Diagnostics writes the report that can be given to others.
func (c *Client) Diagnostics(ctx context.Context) (Diagnostics, error) {
	var out Diagnostics
	return out, c.call(ctx, http.MethodGet, "/v1/diagnostics", nil, &out)
}

// Autostart asks whether the agent starts at login.
func (c *Client) Autostart(ctx context.Context) (Autostart, error) {
	var out Autostart
	return out, c.call(ctx, http.MethodGet, "/v1/autostart", nil, &out)
}

// SetAutostart makes the agent start at login, or not.
func (c *Client) SetAutostart(ctx context.Context, enabled bool) (Autostart, error) {
	var out Autostart
	return out, c.call(ctx, http.MethodPut, "/v1/autostart", AutostartRequest{Enabled: enabled}, &out)
}

// TestRun sends a test notification to this device, follows it, and calls f for each step that has ended, in order. It returns when
// the toast is shown, a step failed, or after 20 seconds. The error is about the agent; a step that failed is none.
func (c *Client) TestRun(ctx context.Context, f func(TestStep)) error {
	resp, err := c.send(ctx, http.MethodPost, "/v1/test/run", nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		var step TestStep
		if err := json.Unmarshal(lines.Bytes(), &step); err != nil {
			return api.NewProblem(api.CodeInternal, "").Because(err)
		}
		f(step)
	}
	switch err := lines.Err(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return noAgent(err)
	}
	return nil
}
