package present

import (
	"maps"

	"securepush/agent/local"
)

// FieldAccounts is the choice for single accounts, by its name in the agent's settings.
const FieldAccounts = "accounts"

// FieldOf is where in Wrong a choice for an account stands.
func FieldOf(account string) string { return FieldAccounts + "." + account }

// Account are the choices for one account.
func (s *Settings) Account(id string) local.AccountSettings { return s.Values.Accounts[id] }

// SetAccount shows and saves other ones.
func (s *Settings) SetAccount(id string, a local.AccountSettings) {
	v := s.Values
	v.Accounts = maps.Clone(v.Accounts)
	if v.Accounts == nil {
		v.Accounts = make(map[string]local.AccountSettings)
	}
	if v.Accounts[id] = a; a == (local.AccountSettings{}) {
		delete(v.Accounts, id)
	}
	s.Apply(v)
}

// changedAccounts names the accounts for which both differ.
func changedAccounts(a, b map[string]local.AccountSettings) (out []string) {
	for id := range a {
		if a[id] != b[id] {
			out = append(out, FieldOf(id))
		}
	}
	for id := range b {
		if _, known := a[id]; !known && b[id] != (local.AccountSettings{}) {
			out = append(out, FieldOf(id))
		}
	}
	return out
}
