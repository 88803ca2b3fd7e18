//go:build linux

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"securepush/api"
)

// tokenSpy keeps the tokens that a back end hands out.
type tokenSpy struct {
	mu     sync.Mutex
	tokens []api.Tokens
}

// answer looks at an answer of the back end.
func (t *tokenSpy) answer(r *http.Response) error {
	if r.Request.URL.Path != "/oauth/token" || r.StatusCode != http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var tokens api.Tokens
	if err := json.Unmarshal(body, &tokens); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens = append(t.tokens, tokens)
	return nil
}

// all are the tokens so far, in order.
func (t *tokenSpy) all() []api.Tokens {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]api.Tokens(nil), t.tokens...)
}

func (t *tokenSpy) first() api.Tokens { return t.all()[0] }
