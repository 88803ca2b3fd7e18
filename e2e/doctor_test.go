//go:build linux

package e2e

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"securepush/agent/local"
	"securepush/cli/desktop"
)

// examine runs the doctor and returns the names of the checks that failed, and the exit code.
func (s *stack) examine() (failed []string, code int) {
	s.Helper()
	out, code := s.run("", "doctor", "--json")
	checks := decode[[]local.Check](s, out)
	if len(checks) < 6 {
		s.Errorf("only %d checks", len(checks))
	}
	for _, c := range checks {
		if c.Detail == "" {
			s.Errorf("%s says nothing", c.Name)
		}
		if c.OK {
			continue
		}
		failed = append(failed, c.Name)
		if c.Advice == "" {
			s.Errorf("%s gives no advice", c.Name)
		}
	}
	slices.Sort(failed)
	return failed, code
}

func TestTheDoctorFindsNothingOnAHealthySetUp(t *testing.T) {
	s := newStack(t, desktop.Options{})
	c := s.signedIn()
	if failed, code := s.examine(); len(failed) != 0 || code != 0 {
		t.Errorf("exit code %d, failed: %q", code, failed)
	}
	if words := s.must("", "doctor"); strings.Contains(words, "✗") || strings.Count(words, "✓") < 9 {
		t.Errorf("the report for people:\n%s", words)
	}
	st := decode[local.Status](s, s.must("", "status", "--json"))
	if !st.Listening || st.SignIn != local.SignInActive || st.Link != local.LinkConnected || len(st.Conditions) != 0 {
		t.Errorf("status is %+v", st)
	}
	if st.Account == nil || st.Account.User != user || st.Account.Server != c.url {
		t.Errorf("the account is %+v", st.Account)
	}
}

func TestTheDoctorFindsWhatIsBroken(t *testing.T) {
	yesterday := func(r *http.Response) error {
		if r.StatusCode != http.StatusSwitchingProtocols {
			r.Header.Set("Date", time.Now().Add(-24*time.Hour).UTC().Format(http.TimeFormat))
		}
		return nil
	}
	for name, broken := range map[string]struct {
		options desktop.Options
		breaks  func(*stack)
		failed  []string // checks
		status  func(local.Status) bool
		words   string // in what doctor tells people
	}{
		"the server is down": {
			breaks: func(s *stack) {
				c := s.signedIn()
				c.backEnd.stop(syscall.SIGKILL)
			},
			failed: []string{"push", "server"},
			status: func(st local.Status) bool { return st.Link == local.LinkOffline && st.SignIn == local.SignInActive },
			words:  "cannot be reached",
		},
		"the keyring is locked": {
			breaks: func(s *stack) {
				s.signedIn()
				s.listener.stop(os.Interrupt)
				if err := s.desk.LockKeyring(s.Context()); err != nil {
					s.Fatal(err)
				}
				s.listen()
				s.connected()
			},
			failed: []string{"keyring", "registration", "sign-in"},
			status: func(st local.Status) bool {
				return st.SignIn == local.SignInLocked && has(st, "keyring_locked")
			},
			words: "The keyring is locked",
		},
		"no notification daemon": {
			options: desktop.Options{Bare: true},
			breaks: func(s *stack) {
				s.signedIn()
				s.signal(toastService, syscall.SIGTERM)
				s.until("dunst is gone", func() bool { return !s.owned(toastService) })
				s.connected()
			},
			failed: []string{"toasts"},
			status: func(st local.Status) bool { return st.Link == local.LinkConnected },
			words:  "no notification daemon answers",
		},
		"nobody is signed in": {
			breaks: func(s *stack) { s.listen() },
			failed: []string{"push", "sign-in"},
			status: func(st local.Status) bool {
				return st.SignIn == local.SignInNever && st.Link == local.LinkOff && st.Account == nil
			},
			words: "nobody is signed in",
		},
		"the file of the own authority is missing": {
			breaks: func(s *stack) {
				s.configure("ca_file = \"/nowhere/ca.pem\"\n")
				s.listen()
			},
			failed: []string{"push", "settings", "sign-in"},
			status: func(st local.Status) bool { return st.Listening },
			words:  "There is no certificate file",
		},
		"nothing listens": {
			breaks: func(s *stack) {
				s.signedIn()
				s.listener.stop(os.Interrupt)
			},
			failed: []string{"listener", "push"},
			status: func(st local.Status) bool { return !st.Listening && st.Account != nil },
			words:  "securepush listen",
		},
		"the clocks differ by a day": {
			breaks: func(s *stack) {
				c := s.behind(yesterday)
				s.listen()
				s.login(c.url)
				s.registered(c.url)
			},
			failed: []string{"clock"},
			status: func(st local.Status) bool { return st.Link == local.LinkConnected },
			words:  "differs from the server's by 24h0m0s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t, broken.options)
			broken.breaks(s)
			s.until("the status that goes with it", func() bool {
				return broken.status(decode[local.Status](s, s.must("", "status", "--json")))
			})
			failed, code := s.examine()
			if !slices.Equal(failed, broken.failed) || code != 1 {
				t.Errorf("exit code %d, failed: %q, want %q", code, failed, broken.failed)
			}
			if words, _ := s.run("", "doctor"); !strings.Contains(words, broken.words) || !strings.Contains(words, "→") {
				t.Errorf("the report for people:\n%s", words)
			}
		})
	}
}

func has(st local.Status, condition string) bool {
	return slices.ContainsFunc(st.Conditions, func(c local.Condition) bool { return c.Code == condition })
}
