package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"securepush/api"
)

// postJSON sends as any program would: one request with a key.
func postJSON(ctx context.Context, url string, key api.Secret, body string) (api.ID, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+key.Reveal())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("send: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if resp.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("send: %s: %s", resp.Status, answer)
	}
	var sent api.SendResult
	if err := api.DecodeStrict(answer, &sent); err != nil || len(sent.IDs) != 1 {
		return "", fmt.Errorf("send: unexpected answer: %w", err)
	}
	return sent.IDs[0], nil
}
