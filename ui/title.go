package ui

import (
	"strconv"

	"securepush/assets/words"
	"securepush/ui/present"
)

// titleOf is the window's title: how many are unread first, for a taskbar with little room, and what the window shows.
// It holds no content: others may see it.
func titleOf(say *words.Words, page present.Page, pane present.Pane, unread int) string {
	name := pageName(say, page, pane)
	switch {
	case name == "":
		return say.CommonApp()
	case unread > 0 && page == present.PageInbox:
		return say.InboxWindowTitle(strconv.Itoa(unread), name)
	default:
		return say.InboxPageTitle(name)
	}
}

// pageName names what the window shows. While nothing is known yet it has no name.
func pageName(say *words.Words, page present.Page, pane present.Pane) string {
	if pane == present.PaneSettings {
		return say.CommonSettings()
	}
	if pane == present.PaneConnection {
		return say.ConnectionTitle()
	}
	if pane == present.PaneAdd {
		return say.AccountAddTitle()
	}
	switch page {
	case present.PageNoAgent:
		return say.AgentTitle()
	case present.PageLocked:
		return say.KeyringTitle()
	case present.PageSignIn:
		return say.CommonSignIn()
	case present.PageInbox:
		return paneName(say, pane)
	default:
		return ""
	}
}

func paneName(say *words.Words, pane present.Pane) string {
	switch pane {
	case present.PaneCompose:
		return say.ComposeTitle()
	case present.PaneSent:
		return say.SentTitle()
	default:
		return say.ItemBack()
	}
}
