package autostart

import (
	"bytes"
	"strings"

	"securepush/assets"
)

// unitText is the systemd user unit with this program's path (systemd.service(5), "Command lines").
func unitText(executable string) string {
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(executable) + `"`
	return string(bytes.ReplaceAll(assets.UserUnit(), []byte(assets.ExecPlaceholder), []byte(quoted)))
}

// entryText is the entry for desktops without a systemd user manager (Desktop Application Autostart Specification).
func entryText(executable string) string {
	// Exec is a string with escapes inside a quoted argument: a backslash is written four times, see "The Exec key".
	quoted := `"` + strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`).Replace(executable) + `"`
	return "[Desktop Entry]\nType=Application\nName=SecurePush\nComment=Listens for notifications\n" +
		"Exec=" + quoted + " listen\nIcon=" + assets.AppID + "\nNoDisplay=true\nX-GNOME-Autostart-enabled=true\nX-systemd-skip=true\n"
}
