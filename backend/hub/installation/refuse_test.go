package installation

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestWrongDocumentsAreRefused(t *testing.T) {
	with := func(more string) string {
		return `{"installationId":"i","platform":"gcm","pushChannel":"x",` + more + `}`
	}
	template := func(platform, inside string) string {
		return `{"installationId":"i","platform":"` + platform + `","pushChannel":"ab","templates":{"t":` + inside + `}}`
	}
	for _, c := range []struct{ name, body, words string }{
		{"nothing", ``, "must be a JSON object"},
		{"an array", `[]`, "must be a JSON object"},
		{"half a document", `{"installationId":"i"`, "not valid JSON"},
		{"a document and more", with(`"tags":[]`) + `{}`, "behind its end"},
		{"invalid UTF-8", with("\"tags\":[\"\xff\"]"), "not UTF-8"},
		{"half a surrogate pair", with(`"pushVariables":{"a":"\ud83d"}`), `pushVariables["a"] has a character`},
		{"a zero byte", with(`"pushVariables":{"a":"\u0000"}`), "has a character that is not allowed"},
		{"a zero byte in a name", with(`"pushVariables":{"\u0000":"a"}`), "has a name with a character"},
		{"deep nesting", with(`"x":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000)), "not valid JSON"},
		{"a property twice", with(`"tags":["a"],"tags":["b"]`), `"tags" twice`},
		{"a property twice in another case", with(`"userId":"a","userID":"b"`), "userid twice"},
		{"a template twice", with(`"templates":{"t":{"body":"{}"},"t":{"body":"{}"}}`), `"t" twice`},

		{"without an ID", `{"platform":"gcm","pushChannel":"x"}`, "installationId must be"},
		{"with another ID", `{"installationId":"j","platform":"gcm","pushChannel":"x"}`, "installationId must be"},
		{"an ID that is no text", `{"installationId":1,"platform":"gcm","pushChannel":"x"}`, "installationId must be a string"},
		{"a user with other characters", with(`"userId":"a b"`), "userId may have"},
		{"a user that ends the tag", with(`"userId":"a},$UserId:{b"`), "userId may have"},
		{"a user whose tag is too long", with(`"userId":"` + strings.Repeat("a", 111) + `"`), "userId may have"},

		{"without a platform", `{"installationId":"i","pushChannel":"x"}`, "platform must be one of"},
		{"another platform", `{"installationId":"i","platform":"nokia","pushChannel":"x"}`, "platform must be one of"},
		{"without a channel", `{"installationId":"i","platform":"gcm"}`, "pushChannel is missing"},
		{"a null for a channel", `{"installationId":"i","platform":"browser","pushChannel":null}`, "pushChannel is missing"},
		{"a blank channel", `{"installationId":"i","platform":"gcm","pushChannel":" \t"}`, "pushChannel is missing"},
		{"an object for another platform", `{"installationId":"i","platform":"gcm","pushChannel":{"endpoint":"e"}}`, "pushChannel must be a string"},
		{"a token that is not hexadecimal", `{"installationId":"i","platform":"apns","pushChannel":"xyz1"}`, "hexadecimal"},
		{"half a byte of a token", `{"installationId":"i","platform":"apns","pushChannel":"abc"}`, "hexadecimal"},
		{"a browser's channel that is plain text", `{"installationId":"i","platform":"browser","pushChannel":"https://push.example/"}`, "pushChannel must be a JSON object"},
		{"a browser's channel with a blank", `{"installationId":"i","platform":"browser","pushChannel":{"endpoint":"e","p256dh":" ","auth":"a"}}`, "pushChannel.p256dh is missing"},
		{"a browser's channel without a part", `{"installationId":"i","platform":"browser","pushChannel":"{\"endpoint\":\"e\",\"p256dh\":\"p\"}"}`, "pushChannel.auth is missing"},
		{"an endless channel", `{"installationId":"i","platform":"gcm","pushChannel":"` + strings.Repeat("x", 4097) + `"}`, "4096 bytes"},

		{"tags that are a text", with(`"tags":"a,b"`), "tags must be an array of strings"},
		{"a tag that is a number", with(`"tags":[1]`), "tags must be a string"},
		{"a tag with a space", with(`"tags":["a b"]`), "An invalid tag 'a b' was supplied"},
		{"no tag at all", with(`"tags":[""]`), "An invalid tag ''"},
		{"tags in one text", with(`"tags":["a,b"]`), "An invalid tag 'a,b'"},
		{"a tag of 121 characters", with(`"tags":["` + strings.Repeat("a", 121) + `"]`), "An invalid tag"},
		{"another user's own tag", with(`"tags":["$UserId:{bob}"]`), "Tags can not start with $"},
		{"61 tags", with(`"tags":` + tags(61)), "60 tags"},
		{"far too many tags", with(`"tags":` + tags(20000)), "60 tags"},
		{"61 tags with those of a template", withTags(tags(60), `["x","y"]`, 59), "60 tags together"},

		{"templates that are an array", with(`"templates":[]`), "templates must be a JSON object"},
		{"a template that is a text", template("gcm", `"{}"`), `templates["t"] must be a JSON object`},
		{"a template without a body", template("gcm", `{"tags":["a"]}`), `templates["t"].body is missing`},
		{"a template that is not JSON", template("gcm", `{"body":"<toast/>"}`), `templates["t"].body: `},
		{"a template that is not XML", template("wns", `{"body":"<toast>"}`), `templates["t"].body: `},
		{"a raw template for another platform", template("gcm", `{"body":"text","headers":{"X-WNS-Type":"wns/raw"}}`), `templates["t"].body: `},
		{"an expression with a mistake", template("gcm", `{"body":"{\"a\":\"$(\"}"}`), `templates["t"].body: `},
		{"an expiry with a mistake", template("apns", `{"body":"{}","expiry":"$(x"}`), `templates["t"].expiry: `},
		{"a header with a mistake", template("wns", `{"body":"<a/>","headers":{"X-WNS-Tag":"$(x"}}`), `templates["t"].headers["X-WNS-Tag"]: `},
		{"a header that is two", template("wns", `{"body":"<a/>","headers":{"X-WNS-Tag":"a\r\nX: y"}}`), "that HTTP does not allow"},
		{"a header whose name is two", template("wns", `{"body":"<a/>","headers":{"X: y\nZ":"a"}}`), "that HTTP does not allow"},
		{"a header twice in another case", template("wns", `{"body":"<a/>","headers":{"X-A":"a","x-a":"b"}}`), `headers has "x-a" twice`},
		{"a template's tag that is another user's own", template("gcm", `{"body":"{}","tags":["$userid:{bob}"]}`), `templates["t"].tags: Tags can not start with $`},
		{"a template's name that is another user's own tag", with(`"templates":{"$UserId:{bob}":{"body":"{}"}}`), "must not begin with $"},
		{"a template's name that reads like several tags", with(`"templates":{"a,b":{"body":"{}"}}`), "nor have a comma"},
		{"a template's name with space around", with(`"templates":{" t":{"body":"{}"}}`), "1 to 200 characters"},
		{"a template without a name", with(`"templates":{"":{"body":"{}"}}`), "1 to 200 characters"},
		{"a template's name of 201 characters", with(`"templates":{"` + strings.Repeat("ä", 201) + `":{"body":"{}"}}`), "1 to 200 characters"},
		{"too many templates", with(`"templates":{` + templates(101) + `}`), "100 templates and tiles"},

		{"a push variable that is a number", with(`"pushVariables":{"a":1}`), `pushVariables["a"] must be a string`},
		{"a push variable without a name", with(`"pushVariables":{"":"x"}`), "1 to 120 characters"},
		{"a push variable with a long name", with(`"pushVariables":{"` + strings.Repeat("a", 121) + `":"x"}`), "1 to 120 characters"},
		{"a push variable that is long", with(`"pushVariables":{"a":"` + strings.Repeat("x", 16384) + `"}`), "16384 bytes"},
		{"101 push variables", with(`"pushVariables":{` + variables(101) + `}`), "100 variables"},
		{"a time in words", with(`"expirationTime":"tomorrow"`), "expirationTime must be a time"},
		{"a time that is a number", with(`"expirationTime":1700000000`), "expirationTime must be a string"},

		{"tiles where there are none", with(`"secondaryTiles":{"a":{"pushChannel":"x"}}`), "wns only"},
		{"a tile without a channel", `{"installationId":"i","platform":"wns","pushChannel":"x","secondaryTiles":{"a":{"tags":["b"]}}}`, `secondaryTiles["a"].pushChannel is missing`},
		{"a tile without a name", `{"installationId":"i","platform":"wns","pushChannel":"x","secondaryTiles":{"":{"pushChannel":"x"}}}`, "name of a tile"},
		{"a tile's tag that is another user's own", `{"installationId":"i","platform":"wns","pushChannel":"x","secondaryTiles":{"a":{"pushChannel":"x","tags":["$UserId:{bob}"]}}}`, `secondaryTiles["a"].tags: Tags can not start with $`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Decode("i", []byte(c.body))
			if d != nil {
				t.Errorf("accepted as %s", d.Encode(false))
			}
			mustRefuse(t, err, c.words)
		})
	}
}

func TestAnAddressWithOtherCharactersNamesNoInstallation(t *testing.T) {
	for _, id := range []string{"", "a b", "a/b", "a}", "a,b", strings.Repeat("a", 103), "a\x00"} {
		in, _ := json.Marshal(id)
		_, err := Decode(id, []byte(`{"installationId":`+string(in)+`,"platform":"gcm","pushChannel":"x"}`))
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%q: %v", id, err)
		}
	}
	decode(t, strings.Repeat("a", 102), `{"installationId":"`+strings.Repeat("A", 102)+`","platform":"gcm","pushChannel":"x"}`)
}
