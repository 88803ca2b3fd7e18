package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"securepush/agent/local"
	"securepush/api"
)

// outcome is what a run of a command left.
type outcome struct {
	code        int
	out, errOut string
}

// command runs a command in folders of its own, without a keyring, a bus or a display.
func command(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return commandIn(t, t.TempDir(), stdin, args...)
}

// commandIn runs one in the folders below dir.
func commandIn(t *testing.T, dir, stdin string, args ...string) outcome {
	t.Helper()
	env := map[string]string{
		"XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_STATE_HOME": filepath.Join(dir, "state"), "XDG_RUNTIME_DIR": filepath.Join(dir, "run"),
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "no-bus"))
	var out, errOut bytes.Buffer
	code := Run(t.Context(), Env{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errOut, Executable: os.Args[0], Version: "1.2.3",
		Getenv: func(name string) string { return env[name] },
	})
	return outcome{code, out.String(), errOut.String()}
}

func TestTheExitCode(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  []string
		stdin string
		code  int
		words string // in standard error
	}{
		{"is 0 for a version", []string{"version"}, "", ExitDone, ""},
		{"is 0 for help", []string{"--help"}, "", ExitDone, ""},
		{"is 0 for a completion", []string{"completion", "bash"}, "", ExitDone, ""},
		{"is 0 for a status of nobody", []string{"status"}, "", ExitDone, ""},
		{"is 1 for a doctor who finds something", []string{"doctor"}, "", ExitFailed, "✗"},
		{"is 2 for an unknown command", []string{"frobnicate"}, "", ExitUsage, "unknown command"},
		{"is 2 for an unknown flag", []string{"status", "--frobnicate"}, "", ExitUsage, "unknown flag"},
		{"is 0 for a group of commands alone", []string{"service"}, "", ExitDone, "restart"},
		{"is 2 for an unknown command of the service", []string{"service", "frobnicate"}, "", ExitUsage, "unknown command"},
		{"is 2 for an unknown command of the accounts", []string{"user", "frobnicate"}, "", ExitUsage, "unknown command"},
		{"is 2 for an unknown command of the keys", []string{"key", "frobnicate"}, "", ExitUsage, "unknown command"},
		{"is 2 for an argument too many", []string{"status", "x"}, "", ExitUsage, "--help"},
		{"is 2 for a login without a server", []string{"login"}, "", ExitUsage, "--server"},
		{"is 2 for a login without a password", []string{"login", "--server", "localhost:1", "--user", "a"}, "", ExitUsage, "--password-stdin"},
		{"is 2 for an empty password", []string{"login", "--server", "localhost:1", "--user", "a", "--password-stdin"}, "\n", ExitUsage, "empty"},
		{"is 2 for plain http to another machine", []string{"login", "--server", "http://clinic.example", "--user", "a", "--password-stdin"}, "x\n", ExitUsage, "not encrypted"},
		{"is 2 for sending nothing", []string{"send"}, "", ExitUsage, "standard input"},
		{"is 2 for a window without a window", nil, "", ExitUsage, "no window"},
		{"is 2 for a back end without a folder", []string{"serve", "--listen", "127.0.0.1:0"}, "", ExitUsage, "folder"},
		{"is 2 for a back end in clear on all addresses", []string{"serve", "--data", "x", "--listen", ":0"}, "", ExitUsage, "TLS"},
		{"is 2 for tags that are no expression", []string{"serve", "--data", "x", "--tags", "("}, "", ExitUsage, "--tags"},
		{"is 2 for an administration without a folder", []string{"user", "list"}, "", ExitUsage, "--data"},
		{"is 3 without a sign-in", []string{"inbox"}, "", ExitSignInNeeded, "securepush login"},
		{"is 3 for sending without a sign-in", []string{"send"}, "text", ExitSignInNeeded, "securepush login"},
		{"is 2 for asking for too many that were sent", []string{"sent", "--limit", "201"}, "", ExitUsage, "200"},
		{"is 3 for what was sent without a sign-in", []string{"sent"}, "", ExitSignInNeeded, "securepush login"},
		{"is 4 for a server that nobody is", []string{"login", "--server", "http://127.0.0.1:1", "--user", "a", "--password-stdin"}, "x\n", ExitUnreachable, "cannot be reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := command(t, c.stdin, c.args...)
			if got.code != c.code || !strings.Contains(got.errOut+got.out, c.words) {
				t.Errorf("code %d\nout: %s\nerr: %s", got.code, got.out, got.errOut)
			}
		})
	}
}

func TestAnErrorIsJSONWhenAskedFor(t *testing.T) {
	got := command(t, "", "inbox", "--json")
	var e struct {
		Error struct{ Code, Detail string }
	}
	if err := json.Unmarshal([]byte(got.errOut), &e); err != nil || e.Error.Code != string(api.CodeSignInNeeded) || got.out != "" {
		t.Errorf("%v\nout: %s\nerr: %s", err, got.out, got.errOut)
	}
}

func TestTheStatusOfNobodyIsWholeJSON(t *testing.T) {
	got := command(t, "", "status", "--json")
	var s local.Status
	if err := json.Unmarshal([]byte(got.out), &s); err != nil || s.Listening || s.SignIn != local.SignInNever || s.Conditions == nil {
		t.Errorf("%v: %s", err, got.out)
	}
}

func TestAnIDThatBeginsWithADashIsNoFlag(t *testing.T) {
	const id = "-Jb0m3Zl3oWm4m0x0n9L9w"
	got := protectIDs([]string{"read", "--unread", id})
	if !slices.Equal(got, []string{"read", "--unread", "--", id}) {
		t.Errorf("%q", got)
	}
	if got := protectIDs([]string{"--json", "show", id, "--json"}); !slices.Equal(got, []string{"--json", "show", "--json", "--", id}) {
		t.Errorf("%q", got)
	}
	if got := protectIDs([]string{"sent", id}); !slices.Equal(got, []string{"sent", "--", id}) {
		t.Errorf("%q", got)
	}
	if got := protectIDs([]string{"show", "--json"}); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

func TestTextFromElsewhereCannotSteerTheTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mred\x07":      "a[31mred",
		"two\nlines":            "two\nlines",
		"exe.\u202egnp.txt":     "exe.gnp.txt",
		"\xff\xfebroken":        "broken",
		"nul\x00 and \u009bcsi": "nul and csi",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q", in, got)
		}
	}
	if got := oneLine("a  b\n\tc", 4); got != "a b…" {
		t.Errorf("%q", got)
	}
}

func TestAFlagComesFromTheCommandLineThenTheEnvironmentThenTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.toml")
	if err := os.WriteFile(file, []byte("listen = \"file\"\nname = \"file\"\ndata = \"file\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
	values := map[string]*string{}
	for _, name := range []string{"listen", "name", "data", "tls-key"} {
		values[name] = flags.String(name, "default", "")
	}
	if err := flags.Parse([]string{"--listen", "line"}); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SECUREPUSH_LISTEN": "env", "SECUREPUSH_NAME": "env"}
	if err := fillFlags(flags, func(n string) string { return env[n] }, file); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"listen": "line", "name": "env", "data": "file", "tls-key": "default"} {
		if *values[name] != want {
			t.Errorf("%s is %s", name, *values[name])
		}
	}
	if err := os.WriteFile(file, []byte("lisen = \"typo\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*usageError](fillFlags(flags, func(string) string { return "" }, file)); !ok {
		t.Error("an unknown key was taken")
	}
}

func TestAdministrationOfABackEnd(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	run := func(code int, stdin string, args ...string) string {
		t.Helper()
		got := command(t, stdin, append(args, "--data", data)...)
		if got.code != code {
			t.Fatalf("%v: code %d: %s", args, got.code, got.errOut)
		}
		return got.out
	}
	run(ExitDone, "correct horse\n", "user", "add", "anna", "--password-stdin", "--claims", "send")
	run(ExitFailed, "correct horse\n", "user", "add", "Anna", "--password-stdin")
	run(ExitDone, "battery staple\n", "user", "passwd", "anna", "--password-stdin")
	run(ExitDone, "", "user", "disable", "anna")
	if out := run(ExitDone, "", "user", "list"); !strings.Contains(out, "disabled") || !strings.Contains(out, "send") {
		t.Error(out)
	}
	run(ExitDone, "", "user", "enable", "anna")
	run(ExitFailed, "", "user", "disable", "nobody")
	key := strings.TrimSpace(run(ExitDone, "", "key", "add", "lab", "--claims", "send"))
	if strings.ContainsAny(key, " \n") || len(key) < 22 {
		t.Errorf("the key alone, on one line, was expected: %q", key)
	}
	if out := run(ExitDone, "", "key", "list"); !strings.Contains(out, "lab") || strings.Contains(out, key) {
		t.Error(out)
	}
	run(ExitDone, "", "key", "revoke", "lab")
	run(ExitFailed, "", "key", "revoke", "lab")
}

func TestAnInboxIsReadAtAGlance(t *testing.T) {
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, time.Local)
	in := local.Inbox{Page: api.Page{Items: []api.Notification{
		{ID: "7Jb0m3Zl3oWm4m0x0n9L9w", Title: "Potassium\x1b[2J result", Sender: "Lab", Priority: api.PriorityHigh, CreatedAt: now.Add(-time.Hour)},
		{ID: "8Jb0m3Zl3oWm4m0x0n9L9w", Payload: "Only text", Priority: api.PriorityNormal, CreatedAt: now.AddDate(0, 0, -1), Read: true},
	}}}
	var out strings.Builder
	if err := writeInbox(&out, in, now); err != nil {
		t.Fatal(err)
	}
	want := "● 7Jb0m3Zl3oWm4m0x0n9L9w  14:00       Lab  Potassium[2J result  high\n" +
		"  8Jb0m3Zl3oWm4m0x0n9L9w  2026-11-20       Only text            \n"
	if out.String() != want {
		t.Errorf("got\n%q\nwant\n%q", out.String(), want)
	}
}

func TestEveryCommandSaysWhatItDoes(t *testing.T) {
	got := command(t, "", "--help")
	for _, name := range strings.Fields("listen login logout status inbox show read send pause resume history doctor service serve user key demo version completion") {
		if !strings.Contains(got.out, "\n  "+name+" ") {
			t.Errorf("%s is not in the help:\n%s", name, got.out)
		}
	}
	if fmt.Sprint(got.code) != "0" {
		t.Error(got.code)
	}
}

func TestAPauseHasAnEnd(t *testing.T) {
	now := time.Date(2026, 11, 21, 14, 0, 0, 0, time.Local)
	for arg, want := range map[string]time.Time{
		"":         now.Add(time.Hour),
		"30m":      now.Add(30 * time.Minute),
		"2h30m":    now.Add(150 * time.Minute),
		"tomorrow": time.Date(2026, 11, 22, 8, 0, 0, 0, time.Local),
	} {
		args := []string{arg}
		if arg == "" {
			args = nil
		}
		if got, err := pauseEnd(args, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", arg, got, err)
		}
	}
	for _, arg := range []string{"", "1", "0s", "-1h", "yesterday", "9999999h"} {
		if got := command(t, "", "pause", "--", arg); got.code != ExitUsage || got.errOut == "" {
			t.Errorf("%q: code %d, %s", arg, got.code, got.errOut)
		}
	}
}

func TestAPauseIsSaidAndEnds(t *testing.T) {
	dir := t.TempDir()
	got := commandIn(t, dir, "", "pause", "tomorrow")
	if got.code != ExitDone || !strings.Contains(got.out, "Paused until") || !strings.Contains(got.out, "08:00. What comes meanwhile is shown then.") {
		t.Errorf("%+v", got)
	}
	if got = commandIn(t, dir, "", "status"); !strings.Contains(got.out, "Toasts") || strings.Count(got.out, "Paused until") != 1 {
		t.Errorf("status: %+v", got)
	}
	var said struct{ Quiet *local.Quiet }
	got = commandIn(t, dir, "", "pause", "30m", "--json")
	if err := json.Unmarshal([]byte(got.out), &said); err != nil || said.Quiet == nil || said.Quiet.Reason != local.QuietPause || said.Quiet.Until == nil {
		t.Errorf("%v: %+v", err, got)
	}
	if got = commandIn(t, dir, "", "resume"); got.code != ExitDone || got.out != "Notifications are shown again.\n" {
		t.Errorf("%+v", got)
	}
	if got = commandIn(t, dir, "", "resume", "--json"); strings.TrimSpace(got.out) != "{\n  \"quiet\": null\n}" {
		t.Errorf("%+v", got)
	}
}

func TestASettingThatCannotBeUsedIsSaidInTheStatus(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config", "securepush")
	if err := os.MkdirAll(config, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "config.toml"), []byte("keep_days = 400\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := commandIn(t, dir, "", "status"); !strings.Contains(got.out, "The setting keep_days cannot be used. Content is kept for 1 to 365 days.") {
		t.Errorf("%+v", got)
	}
	if got := commandIn(t, dir, "", "doctor"); !strings.Contains(got.out, "✗ settings") || !strings.Contains(got.out, "keep_days") {
		t.Errorf("%+v", got)
	}
}
