package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"securepush/api"
	"securepush/assets/words"
	"securepush/ui/present"
)

// What may be pasted into the fields at once, in bytes: more than any server takes.
const (
	mostServerBytes   = 4 << 10
	mostUserBytes     = 1 << 10
	mostPasswordBytes = 4 << 10
)

// signInView is the page on which a person signs in.
type signInView struct {
	content *fyne.Container

	page     *present.SignIn
	w        *words.Words
	why      *panel
	whyWords *prose
	server   *entry
	user     *entry
	password *entry
	fields   struct{ server, user, password *field }
	settings *button
	facts    *factsView
	bad      *hint
	submit   *button
	cancel   *button // where a further account is added
	outer    *fyne.Container
	scroll   *container.Scroll
}

func newSignInView(page *present.SignIn, w *words.Words, settings func()) *signInView {
	v := &signInView{page: page, w: w}
	v.server = newEntry("push.example.org")
	v.server.OnChanged = page.SetServer
	v.user = newEntry("")
	v.user.OnChanged = page.SetUser
	v.password = newEntry("")
	v.password.Password = true
	v.password.OnChanged = func(string) { page.PasswordTyped() }
	v.server.bound(mostServerBytes, page.ServerTooMuch)
	v.user.bound(mostUserBytes, func(n int) { page.TooMuch(&page.UserBad, n) })
	v.password.bound(mostPasswordBytes, func(n int) { page.TooMuch(&page.PasswordBad, n) })
	for _, e := range []*entry{v.server, v.user, v.password} {
		e.OnSubmitted = func(string) { v.send() }
		typed := e.OnChanged
		e.OnChanged = func(s string) {
			if typed(s); e.focused() {
				reveal(e)
			}
		}
	}
	v.fields.server = newField(w.SigninServer(), v.server)
	v.fields.user = newField(w.SigninUser(), v.user)
	v.fields.password = newField(w.SigninPassword(), v.password)
	v.settings = newButton(w.SigninAddAuthority(), theme.SettingsIcon(), settings)
	v.facts = newFactsView(page, w)
	v.bad = newHint()
	v.submit = newButton(w.CommonSignIn(), nil, v.send)
	v.submit.Importance = widget.HighImportance

	v.cancel = newButton(w.CommonCancel(), nil, nil)
	title, text := w.SigninTitle(), w.SigninText()
	if page.Add {
		title, text = w.AccountAddTitle(), w.AccountAddText()
	}
	setVisible(v.cancel, page.Add)

	v.whyWords = newProse("", sizeBody, colorText)
	v.why = newPanel(colorAttentionTint, inset(container.New(hintLayout{scaled(18), gap2}, widget.NewIcon(tinted(theme.WarningIcon(), colorAttention)), v.whyWords), gap3, gap3))
	v.why.radius = 8
	form := container.New(tucked{column{gap: gap4}, 3},
		container.New(column{gap: gap2},
			container.NewCenter(icon(mark(), scaled(56))),
			newProse(title, sizePage, colorText).strong().centered(),
			newProse(text, sizeBody, colorMuted).centered()),
		v.why, v.fields.server, v.settings, v.fields.user, v.fields.password, v.bad, v.submit, v.cancel, v.facts.content) // the last comes up while the person types on, and must not catch the keyboard
	card := newCard(container.New(padded{gap8, gap8, gap8, gap8}, form))
	v.outer = container.New(middle{most: scaled(420), usual: scaled(500)}, card)
	v.content, v.scroll = newScrolled(v.outer)
	return v
}

func (v *signInView) send() { v.page.Submit(api.NewSecret(v.password.Text)) }

// render shows what the presenter says. What stands in the fields is the person's and stays.
func (v *signInView) render() {
	p := v.page
	v.server.show(p.Server)
	v.user.show(p.User)
	v.whyWords.set(p.Why, colorText)
	setVisible(v.why, p.Why != "")
	v.fields.server.hint.say(checkTone(p.Check), p.CheckWords)
	v.facts.render()
	setVisible(v.settings, p.Untrusted)
	v.fields.user.hint.say(present.ToneBad, p.UserBad)
	v.fields.password.hint.say(present.ToneBad, p.PasswordBad)
	v.bad.say(present.ToneBad, p.Bad)
	label := v.w.CommonSignIn()
	if p.Busy {
		label = v.w.SigninSubmitting()
	}
	v.submit.SetText(label)
	for _, d := range []fyne.Disableable{v.submit, v.server, v.user, v.password} {
		setEnabled(d, !p.Busy)
	}
	relayout(v.content)
}

// forget empties the password after a sign-in that worked, and with another account.
func (v *signInView) forget() { v.password.show("") }

// focus puts the cursor where something is missing. Why the page is there stands at its top, which is in sight until somebody types.
func (v *signInView) focus(c fyne.Canvas) {
	missing := v.password
	for _, e := range []*entry{v.user, v.server} {
		if e.Text == "" {
			missing = e
		}
	}
	c.Focus(missing)
	v.scroll.ScrollToTop()
}

func checkTone(s present.CheckState) present.Tone {
	switch s {
	case present.CheckGood:
		return present.ToneGood
	case present.CheckBad:
		return present.ToneBad
	default:
		return present.ToneWorking
	}
}
