package secure_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"securepush/api"
	"securepush/secure"
)

// renewForEver is the program of the tests with several processes: it renews RENEWALS times, or until it is killed, and
// prints one line for each.
func renewForEver() int {
	var account secure.Account
	if err := json.Unmarshal([]byte(os.Getenv("ACCOUNT")), &account); err != nil {
		return 2
	}
	s := secure.OpenSession(secure.SessionOptions{
		Vault:   secure.NewKeyring(secure.KeyringOptions{Timeout: patience}),
		Account: &account, LockFile: os.Getenv("LOCK"),
		Client: func(base *url.URL) *api.Client { return &api.Client{Base: base, HTTP: &http.Client{}} },
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n, err := strconv.Atoi(os.Getenv("RENEWALS"))
	var token api.Secret
	for i := 0; err == nil && (n == 0 || i < n); i++ {
		if token, err = s.Renew(ctx, token); err == nil {
			fmt.Println("renewed")
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}
