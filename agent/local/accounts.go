package local

import (
	"context"
	"net/http"

	"securepush/api"
)

// AccountHeader says by its ID which account a call is for. A call without it is for the first account.
const AccountHeader = "SecurePush-Account"

// MaxAccounts is how many accounts one person may have on a device.
const MaxAccounts = 8

// Colours are those by which accounts are told apart, by name.
func Colours() []string {
	return []string{"blue", "green", "orange", "purple", "red", "teal", "pink", "grey"}
}

// AccountSettings are the person's choices for one account.
//
// Example: {"name":"Clinic","colour":"green","muted":false,"toastContent":"sender"}.
type AccountSettings struct {
	Name   string `json:"name,omitempty" toml:"name,omitempty"`     // what the person calls it; empty: as the server does
	Colour string `json:"colour,omitempty" toml:"colour,omitempty"` // one of [Colours]; empty: the first that is free
	// Muted shows no toasts and no prompts of this account. Its notifications stand in the inbox.
	Muted bool `json:"muted,omitempty" toml:"muted,omitempty"`
	// ToastContent is how much its toasts show; empty: as for all accounts.
	ToastContent ToastContent `json:"toastContent,omitempty" toml:"toast_content,omitempty"`
}

// AccountStatus is how one of the accounts is, for who looks at another one.
//
// Example: {"account":{"id":"6f1c…",…},"name":"Clinic","colour":"green","signIn":"active","link":"connected","unread":3}.
type AccountStatus struct {
	Account Account `json:"account"`
	Name    string  `json:"name"`   // never empty
	Colour  string  `json:"colour"` // one of [Colours]
	Muted   bool    `json:"muted,omitempty"`
	SignIn  SignIn  `json:"signIn"`
	Link    Link    `json:"link"`
	Unread  int     `json:"unread"`
	Waiting int     `json:"waiting"`
}

// For makes a client whose calls are for the account with the ID; "" means the first one. Both share their connections.
func (c *Client) For(account string) *Client {
	return &Client{Transport: c.Transport, account: account}
}

// AddAccount signs in to a further account, beside those that are there. One that is there already is signed in anew.
func (c *Client) AddAccount(ctx context.Context, server, user string, password api.Secret) (Account, error) {
	var out Account
	in := SignInRequest{Server: server, User: user, Password: password.Reveal(), Add: true}
	return out, c.call(ctx, http.MethodPost, "/v1/sign-in", in, &out)
}
