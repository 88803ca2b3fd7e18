package agent

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"securepush/agent/local"
)

// Bounds of what is chosen for single accounts.
const (
	maxAccountName    = 40 // runes
	maxAccountEntries = 4 * local.MaxAccounts
	maxAccountID      = 64 // bytes
)

// accountsTrouble says in words what is wrong with the choices for single accounts.
func accountsTrouble(accounts map[string]local.AccountSettings) string {
	if len(accounts) > maxAccountEntries {
		return "There are settings for too many accounts."
	}
	for id, c := range accounts {
		switch {
		case id == "" || len(id) > maxAccountID || strings.ContainsFunc(id, unicode.IsControl):
			return "Settings for an account stand under its ID."
		case c.Colour != "" && !slices.Contains(local.Colours(), c.Colour):
			return "The colour of an account is one of " + strings.Join(local.Colours(), ", ") + "."
		case utf8.RuneCountInString(c.Name) > maxAccountName:
			return "The name of an account has at most 40 characters."
		case !utf8.ValidString(c.Name) || strings.ContainsFunc(c.Name, unicode.IsControl) || strings.TrimSpace(c.Name) != c.Name:
			return "The name of an account is one line, and neither begins nor ends with a space."
		case c.ToastContent != "" && !knownContent(c.ToastContent):
			return "A toast shows everything, the sender or nothing."
		}
	}
	return ""
}

func knownContent(c local.ToastContent) bool {
	return slices.Contains([]local.ToastContent{local.ToastEverything, local.ToastSender, local.ToastNothing}, c)
}

// takeAccounts returns s with what can be used of the choices for single accounts. Where it cannot be told how much an account's
// toasts may show, they show nothing.
func takeAccounts(s local.Settings, value any) local.Settings {
	accounts, _ := value.(map[string]any)
	good := map[string]local.AccountSettings{}
	for id, entry := range accounts {
		if len(good) == maxAccountEntries {
			break
		}
		fields, table := entry.(map[string]any)
		c := local.AccountSettings{}
		for name, field := range fields {
			next := c
			b, err := toml.Marshal(map[string]any{name: field})
			if err == nil {
				err = toml.Unmarshal(b, &next)
			}
			switch {
			case err == nil && accountsTrouble(map[string]local.AccountSettings{"-": next}) == "":
				c = next
			case name == "toast_content":
				c.ToastContent = local.ToastNothing
			}
		}
		if !table {
			c.ToastContent = local.ToastNothing
		}
		if accountsTrouble(map[string]local.AccountSettings{id: c}) == "" {
			good[id] = c
		}
	}
	if len(good) > 0 {
		s.Accounts = good
	}
	return s
}
