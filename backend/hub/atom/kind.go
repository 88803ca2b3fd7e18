package atom

import (
	"strings"

	"securepush/backend/hub/record"
)

const (
	description         = "RegistrationDescription"
	templateDescription = "TemplateRegistrationDescription"
)

// kind is what the XML calls the things of one platform.
type kind struct {
	name     string // of a registration, before the words above
	platform record.Platform
	handle   string // the element of the handle
	headers  string // the element of a template's headers, if the platform has them
	header   string // the element of one of these
}

// kinds are those of the official clients. FCM's older interface is called Gcm by all of them.
var kinds = [...]kind{
	{name: "Browser", platform: record.Browser, handle: "Endpoint"},
	{name: "Windows", platform: record.Windows, handle: "ChannelUri", headers: "WnsHeaders", header: "WnsHeader"},
	{name: "Mpns", platform: record.Mpns, handle: "ChannelUri", headers: "MpnsHeaders", header: "MpnsHeader"},
	{name: "Apple", platform: record.Apple, handle: "DeviceToken", headers: "ApnsHeaders", header: "ApnsHeader"},
	{name: "Gcm", platform: record.Gcm, handle: "GcmRegistrationId"},
	{name: "FcmV1", platform: record.FcmV1, handle: "FcmV1RegistrationId"},
	{name: "Adm", platform: record.Adm, handle: "AdmRegistrationId"},
	{name: "Baidu", platform: record.Baidu, handle: "BaiduChannelId"},
	{name: "Xiaomi", platform: record.Xiaomi, handle: "XiaomiRegistrationId"},
}

func kindOf(platform record.Platform) (k kind, ok bool) {
	for _, k := range kinds {
		if k.platform == platform {
			return k, true
		}
	}
	return kind{}, false
}

// kindNamed understands the name of a description's element, such as "AppleTemplateRegistrationDescription".
func kindNamed(element string) (k kind, template, ok bool) {
	name, template := strings.CutSuffix(element, templateDescription)
	if !template {
		if name, ok = strings.CutSuffix(element, description); !ok {
			return kind{}, false, false
		}
	}
	for _, k := range kinds {
		if k.name == name {
			return k, template, true
		}
	}
	return kind{}, false, false
}
