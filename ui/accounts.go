package ui

import (
	"fyne.io/fyne/v2"

	"securepush/agent/local"
	"securepush/api"
)

// accountKey is where the preferences of the window keep the account that was shown last.
const accountKey = "account"

// moved says whether the presenters are those of another account than the views.
func (w *window) moved() bool { return w.list != nil && w.list.inbox != w.shell.Inbox }

// connectAccounts makes the views about accounts follow what is chosen.
func (w *window) connectAccounts() {
	w.adding.cancel.OnTapped = w.cancelAdd
	w.header.account.open = w.openAccounts
	w.settings.accounts.signOut, w.settings.accounts.add = w.askSignOutOf, w.addAccount
}

// closeOverlays takes away menus and questions: they were about another account.
func (w *window) closeOverlays() {
	all := w.win.Canvas().Overlays()
	for top := all.Top(); top != nil; top = all.Top() {
		all.Remove(top)
	}
}

// openAccounts lists the accounts.
func (w *window) openAccounts() {
	c, s := w.win.Canvas(), w.shell
	if c.Overlays().Top() != nil || !s.Several() {
		return
	}
	var add func()
	if s.CanAdd() {
		add = w.addAccount
	}
	below := w.header.account
	at := w.app.Driver().AbsolutePositionForObject(below).AddXY(0, below.Size().Height+gap1)
	showAccountMenu(c, s.Words(), at, s.Accounts(), s.Switch, add)
}

func (w *window) addAccount() { w.shell.AddAccount() }

// cancelAdd leaves the page on which a further account is added.
func (w *window) cancelAdd() {
	w.adding.forget()
	w.shell.CancelAdd()
}

// accountKeys are the shortcuts that lead to an account.
func (w *window) accountKeys(add func(fyne.KeyName, func())) {
	keys := []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8}
	for i, key := range keys[:local.MaxAccounts] {
		add(key, func() { w.goAccount(i) })
	}
}

// goAccount shows the account at a place of the list. Where a question is open it is answered first.
func (w *window) goAccount(i int) {
	top := w.win.Canvas().Overlays().Top()
	menu, listed := top.(*accountMenu)
	if top != nil && !listed {
		return
	}
	if items := w.shell.Accounts(); w.shell.Several() && i < len(items) {
		if listed {
			menu.close()
		}
		w.shell.Switch(items[i].ID)
	}
}

// askSignOutOf signs out of one of several accounts, after a question.
func (w *window) askSignOutOf(id, name string) {
	say := w.shell.Words()
	title, text := say.SignoutAsk(), say.SignoutText()
	if w.shell.Several() {
		title, text = say.AccountSignOut(name), text+" "+say.AccountGoneOn()
	}
	showOverlay(w.win.Canvas(), question{
		title: title, text: text, action: say.SignoutAction(), danger: true,
		do: func() { w.shell.SignOutOf(id) }, cancel: say.CommonCancel(),
	})
}

// place is where somebody was in the list of an account.
type place struct {
	id api.ID
	dy float32
}

// keepPlace notes where the list of the account stands that was shown until now.
func (w *window) keepPlace() {
	if id, dy, held := w.list.anchor(); held {
		w.places[w.list.inbox] = place{id, dy}
	} else {
		delete(w.places, w.list.inbox)
	}
}

// findPlace goes to where the list of the account was that is shown now.
func (w *window) findPlace() {
	if at, known := w.places[w.shell.Inbox]; known {
		w.list.restore(at.id, at.dy)
	}
}
