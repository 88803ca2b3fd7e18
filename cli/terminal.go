package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	"securepush/api"
)

// maxPassword bounds what is read as a password, in bytes.
const maxPassword = 1024

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// password reads a password from standard input or asks for it on the terminal. It never comes from argv.
func (p *program) password(fromStdin bool, prompt string) (api.Secret, error) {
	if fromStdin {
		return readSecretLine(p.Stdin)
	}
	f, ok := terminalOf(p.Stdin)
	if !ok {
		return api.Secret{}, usage("there is no terminal to ask for the password: use --password-stdin")
	}
	_, _ = fmt.Fprint(p.Stderr, prompt)
	b, err := term.ReadPassword(int(f.Fd()))
	_, _ = fmt.Fprintln(p.Stderr)
	if err != nil {
		return api.Secret{}, fmt.Errorf("read the password: %w", err)
	}
	return checkPassword(string(b))
}

func readSecretLine(r io.Reader) (api.Secret, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxPassword+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return api.Secret{}, fmt.Errorf("read the password: %w", err)
	}
	return checkPassword(strings.TrimRight(line, "\r\n"))
}

func checkPassword(s string) (api.Secret, error) {
	switch {
	case s == "":
		return api.Secret{}, usage("the password is empty")
	case len(s) > maxPassword:
		return api.Secret{}, usage("the password is longer than %d bytes", maxPassword)
	}
	return api.NewSecret(s), nil
}

// ask reads a line from the person, with a default.
func (p *program) ask(prompt, preset string) (string, error) {
	if _, ok := terminalOf(p.Stdin); !ok {
		return "", nil
	}
	if preset != "" {
		prompt += " [" + preset + "]"
	}
	_, _ = fmt.Fprint(p.Stderr, prompt+": ")
	line, err := bufio.NewReader(p.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimSpace(line); line == "" {
		return preset, nil
	}
	return line, nil
}

// logger writes to standard error. level is a slog level name; SECUREPUSH_LOG overrides it.
func (p *program) logger(level string) *slog.Logger {
	if set := p.Getenv("SECUREPUSH_LOG"); set != "" {
		level = set
	}
	var l slog.Level
	if l.UnmarshalText([]byte(level)) != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: l}))
}

// clean makes text from elsewhere safe to print on a terminal: no control or formatting characters but line breaks.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || (r >= 0x7f && r < 0xa0) || r == 0xfffd:
			return -1
		case r == 0x200e || r == 0x200f || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069):
			return -1 // they reorder what stands around them
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// oneLine is clean without line breaks, cut to n runes.
func oneLine(s string, n int) string {
	r := []rune(strings.Join(strings.Fields(clean(s)), " "))
	if len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return string(r)
}
