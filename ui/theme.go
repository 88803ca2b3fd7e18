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

// look is our theme in the variant that the person chose, or the system's, with text of the size that the person chose.
type look struct {
	fyne.Theme
	choice string
	scale  float32
}

// newLook makes the theme. choice is "system", "light" or "dark"; anything else counts as "system". percent is the size of
// text, 0 for the usual.
func newLook(choice string, percent int) (fyne.Theme, error) {
	th, err := theme.FromJSONWithFallback(string(assets.Theme()), theme.DefaultTheme())
	if err != nil {
		return nil, err
	}
	scale := float32(1)
	if percent > 0 {
		scale = float32(min(max(percent, 100), 200)) / 100
	}
	return &look{Theme: th, choice: choice, scale: scale}, nil
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

// Size looks a size up. Text grows, and what stands in a line with it; the space around it does not.
func (l *look) Size(name fyne.ThemeSizeName) float32 {
	s := l.Theme.Size(name)
	switch name {
	case sizeMeta, sizeBody, sizeTitle, sizePage, theme.SizeNameInlineIcon, theme.SizeNameLineSpacing:
		s *= l.scale
	}
	return s
}

// usualText is the size of body text in theme.json.
const usualText = 13

// scaled makes a measure grow with the text. Views that hold one are made anew when the size of text changes.
func scaled(v float32) float32 { return v * theme.Size(sizeBody) / usualText }

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
