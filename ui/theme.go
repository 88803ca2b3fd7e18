package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"securepush/assets"
)

// Colours of theme.json beside Fyne's own.
const (
	colorSurface       fyne.ThemeColorName = "surface"
	colorRaised        fyne.ThemeColorName = "raised"
	colorMuted         fyne.ThemeColorName = "muted"
	colorScrim         fyne.ThemeColorName = "scrim"
	colorAccentTint    fyne.ThemeColorName = "accentTint"
	colorAttentionTint fyne.ThemeColorName = "attentionTint"
	colorUrgentTint    fyne.ThemeColorName = "urgentTint"
	colorGoodTint      fyne.ThemeColorName = "goodTint"

	colorText      = theme.ColorNameForeground
	colorAccent    = theme.ColorNamePrimary
	colorAttention = theme.ColorNameWarning
	colorUrgent    = theme.ColorNameError
	colorGood      = theme.ColorNameSuccess
	colorLine      = theme.ColorNameSeparator
)

// Sizes of text: 12, 13, 15 and 20.
const (
	sizeMeta  = theme.SizeNameCaptionText
	sizeBody  = theme.SizeNameText
	sizeTitle = theme.SizeNameSubHeadingText
	sizePage  = theme.SizeNameHeadingText
)

// Spacing, on a grid of four.
const (
	gap1 float32 = 4
	gap2 float32 = 8
	gap3 float32 = 12
	gap4 float32 = 16
	gap6 float32 = 24
	gap8 float32 = 32
)

// cardRadius rounds cards; controls take theme.SizeNameInputRadius.
const cardRadius = 12

// look is our theme in the variant that the person chose, or the system's.
type look struct {
	fyne.Theme
	choice string
}

// newLook makes the theme. choice is "system", "light" or "dark"; anything else counts as "system".
func newLook(choice string) (fyne.Theme, error) {
	th, err := theme.FromJSONWithFallback(string(assets.Theme()), theme.DefaultTheme())
	if err != nil {
		return nil, err
	}
	return &look{Theme: th, choice: choice}, nil
}

// Color looks a colour up in the chosen variant.
func (l *look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch l.choice {
	case "light":
		variant = theme.VariantLight
	case "dark":
		variant = theme.VariantDark
	}
	return l.Theme.Color(name, variant)
}

// glyph is a one-colour icon of ours, in the colour of text.
func glyph(g assets.Glyph) fyne.Resource {
	return theme.NewThemedResource(fyne.NewStaticResource(string(g)+".svg", g.SVG()))
}

// tinted is an icon in a colour of the theme.
func tinted(r fyne.Resource, name fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(r, name)
}

// mark is SecurePush's own, in its colours.
func mark() fyne.Resource { return fyne.NewStaticResource("mark.svg", assets.Mark()) }
