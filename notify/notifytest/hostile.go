package notifytest

import "strings"

// Hostile lists texts that have broken toasts, or that would break a careless sender.
func Hostile() []string {
	return []string{
		"", " ", "\x00", "a\x00b", "\x01\x02\x1b[31mred\x1b[0m", "bell\a", "tab\there", "line\r\nline\n\n\nline",
		"\xff\xfe", "a\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "ok\xffok",
		"<b>bold</b>", "<i>&amp;</i>", "<a href=\"https://evil.example\">click</a>",
		"<img src=\"file:///dev/zero\" alt=\"x\">", "<img src='//share/x.png'/>", "<script>alert(1)</script>",
		"<", ">", "&", "&lt;", "&amp;lt;", "&#60;", "&nbsp;", "&unknown;", "a<b", "a&b", "</text><text>",
		"]]>", "]]]]><![CDATA[>", "<![CDATA[x]]>", "<!-- x -->", "<?xml version=\"1.0\"?>", "<!DOCTYPE x [<!ENTITY y \"z\">]>&y;",
		"</binding></visual><actions><action content=\"x\" arguments=\"https://evil.example\"/></actions>",
		"\" onclick=\"x", "' or '1'='1", "$(touch /tmp/pwned)", "${HOME}", "`id`", "$env:PATH", "\"@\nGet-Process\n@\"",
		"\u201csmart\u201d $(x) \u201e", "%s%n%x", "{{.Title}}", "; rm -rf /", "| cat /etc/passwd",
		"--version", "-u critical", "- 5 degrees", "@file", "[list", "(paren", "{brace", "\\backslash", "\"quoted\"",
		"\u202egnp.exe", "\u2066isolate\u2069", "\u200bzero\u200bwidth\ufeff", "\u200d\u200d", "soft\u00adhyphen",
		"\U000e0041\U000e0042tags", "no\u00a0break", "\u2028line\u2029paragraph", "\ue000private", "\ufffe\uffff",
		"\u0301leading mark", "Z" + strings.Repeat("\u0336", 500), "e" + strings.Repeat("\u200d\u0301", 50),
		"\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family", "\u3164\u115f\u2800blank",
		strings.Repeat("W", 10_000), strings.Repeat("a\n", 5_000), strings.Repeat("\u202e", 1_000) + "x",
		strings.Repeat("0123456789abcdef", 1<<16), strings.Repeat("\x00", 1<<20), strings.Repeat("<", 300),
	}
}
