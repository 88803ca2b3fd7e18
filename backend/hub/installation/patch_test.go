package installation

import (
	"fmt"
	"strings"
	"testing"
)

const (
	browserDocument = `{"installationId":"i","platform":"browser","userId":"alice","pushChannel":{"endpoint":"e","p256dh":"p","auth":"a"},"tags":["news","sport"],` +
		`"templates":{"t1":{"body":"{\"a\":1}","headers":{"Urgency":"high"},"expiry":"soon","tags":["x","y"]},"a/b~c":{"body":"{}"}}}`
	tileDocument = `{"installationId":"i","platform":"wns","pushChannel":"c","secondaryTiles":{"s":{"pushChannel":"d","tags":["a"],"templates":{"t":{"body":"<a/>"}}}}}`
)

// patch applies one that must be right.
func patch(t *testing.T, d *Document, body string) *Document {
	t.Helper()
	changed, err := d.Patch([]byte(body))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return changed
}

func TestAPatchChangesWhatItsPathNames(t *testing.T) {
	// The documents differ in what stands in before and after.
	for _, c := range []struct{ name, document, operations, before, after string }{
		{
			"the channel, as an object", browserDocument, `{"op":"replace","path":"/pushChannel","value":{"endpoint":"E","p256dh":"P","auth":"A"}}`,
			`{"endpoint":"e","p256dh":"p","auth":"a"}`, `{"endpoint":"E","p256dh":"P","auth":"A"}`,
		},
		{
			"the channel, as text", browserDocument, `{"op":"add","path":"/pushChannel","value":"{\"endpoint\":\"E\",\"p256dh\":\"P\",\"auth\":\"A\"}"}`,
			`{"endpoint":"e","p256dh":"p","auth":"a"}`, `"{\"endpoint\":\"E\",\"p256dh\":\"P\",\"auth\":\"A\"}"`,
		},
		{"the channel of another platform", tileDocument, `{"op":"replace","path":"/pushChannel","value":"newchan"}`, `"pushChannel":"c"`, `"pushChannel":"newchan"`},
		{"the user", browserDocument, `{"op":"replace","path":"/userId","value":"bob@contoso.com"}`, `"alice"`, `"bob@contoso.com"`},
		{"no user, as .NET asks for it", browserDocument, `{"op":"remove","path":"/userId","value":null}`, `"userId":"alice",`, ``},
		{"an operation and a path in another case", browserDocument, `{"op":"Replace","path":"/UserID","value":"bob"}`, `"alice"`, `"bob"`},

		{"one more tag", browserDocument, `{"op":"add","path":"/tags","value":"hockey"}`, `["news","sport"]`, `["news","sport","hockey"]`},
		{"a tag that is there", browserDocument, `{"op":"add","path":"/tags","value":"NEWS"}`, ``, ``},
		{"several tags", browserDocument, `{"op":"add","path":"/tags","value":["a","news","b",null]}`, `["news","sport"]`, `["news","sport","a","b"]`},
		{"several tags as text", browserDocument, `{"op":"add","path":"/tags","value":"[\"a\",\"news\"]"}`, `["news","sport"]`, `["news","sport","a"]`},
		{"the first tag", tileDocument, `{"op":"add","path":"/tags","value":"a"}`, `"secondaryTiles"`, `"tags":["a"],"secondaryTiles"`},
		{"other tags", browserDocument, `{"op":"replace","path":"/tags","value":["a"]}`, `["news","sport"]`, `["a"]`},
		{"without a tag", browserDocument, `{"op":"remove","path":"/tags/News"}`, `["news","sport"]`, `["sport"]`},
		{"without a tag that is not there", browserDocument, `{"op":"remove","path":"/tags/0"}`, ``, ``},
		{"without the last tag", browserDocument, `{"op":"remove","path":"/tags/news"},{"op":"remove","path":"/tags/sport"}`, `"tags":["news","sport"],`, ``},
		{"without tags", browserDocument, `{"op":"remove","path":"/tags"}`, `"tags":["news","sport"],`, ``},
		{"one for another where the list is full", withTags(tags(60), `[]`, 60), `{"op":"add","path":"/tags","value":"new"},{"op":"remove","path":"/tags/t59"}`, `"t59"`, `"new"`},

		{
			"a new template, as an object", browserDocument, `{"op":"add","path":"/templates/t2","value":{"body":"{}","tags":["t2","z"]}}`,
			`}}}`, `},"t2":{"body":"{}","tags":["z","t2"]}}}`,
		},
		{
			"a new template, as text", browserDocument, `{"op":"add","path":"/templates/t2","value":"{\"body\":\"{\\\"data\\\":{}}\"}"}`,
			`}}}`, `},"t2":{"body":"{\"data\":{}}","tags":["t2"]}}}`,
		},
		{
			"a whole template", browserDocument, `{"op":"replace","path":"/templates/t1","value":{"body":"{}"}}`,
			`{"body":"{\"a\":1}","headers":{"Urgency":"high"},"expiry":"soon","tags":["x","y","t1"]}`, `{"body":"{}","tags":["t1"]}`,
		},
		{
			"without a template", browserDocument, `{"op":"remove","path":"/templates/t1"}`,
			`,"t1":{"body":"{\"a\":1}","headers":{"Urgency":"high"},"expiry":"soon","tags":["x","y","t1"]}`, ``,
		},
		{"a template whose name is escaped", browserDocument, `{"op":"remove","path":"/templates/a~1b~0c"}`, `"a/b~c":{"body":"{}","tags":["a/b~c"]},`, ``},
		{"a template's body", browserDocument, `{"op":"add","path":"/templates/t1/body","value":"{\"aps\":{}}"}`, `"{\"a\":1}"`, `"{\"aps\":{}}"`},
		{"a template's headers as text", browserDocument, `{"op":"add","path":"/templates/t1/headers","value":"{\"TTL\":\"5\"}"}`, `{"Urgency":"high"}`, `{"TTL":"5"}`},
		{"a template's headers", browserDocument, `{"op":"replace","path":"/templates/t1/headers","value":{"TTL":"5"}}`, `{"Urgency":"high"}`, `{"TTL":"5"}`},
		{"without headers", browserDocument, `{"op":"remove","path":"/templates/t1/headers"}`, `"headers":{"Urgency":"high"},`, ``},
		{"a template's expiry", browserDocument, `{"op":"add","path":"/templates/t1/expiry","value":"$(later)"}`, `"soon"`, `"$(later)"`},
		{"without an expiry", browserDocument, `{"op":"remove","path":"/templates/t1/expiry"}`, `"expiry":"soon",`, ``},
		{"a template's tags", browserDocument, `{"op":"add","path":"/templates/t1/tags","value":"z"}`, `["x","y","t1"]`, `["x","y","z","t1"]`},
		{"other tags for a template", browserDocument, `{"op":"replace","path":"/templates/t1/tags","value":"[\"z\"]"}`, `["x","y","t1"]`, `["z","t1"]`},
		{"without a template's tag", browserDocument, `{"op":"remove","path":"/templates/t1/tags/x"}`, `["x","y","t1"]`, `["y","t1"]`},
		{"a template's own name stays", browserDocument, `{"op":"remove","path":"/templates/t1/tags"}`, `["x","y","t1"]`, `["t1"]`},
		{
			"a template in parts", browserDocument, `{"op":"add","path":"/templates/t2/tags","value":"z"},{"op":"add","path":"/templates/t2/body","value":"{}"}`,
			`}}}`, `},"t2":{"body":"{}","tags":["z","t2"]}}}`,
		},
		{"a template that is not there", browserDocument, `{"op":"remove","path":"/templates/none"},{"op":"remove","path":"/templates/none/tags/x"}`, ``, ``},

		{"a tile's channel", tileDocument, `{"op":"add","path":"/secondaryTiles/s/pushChannel","value":"aaaaaaa"}`, `"pushChannel":"d"`, `"pushChannel":"aaaaaaa"`},
		{"a tile's tags, as documented", tileDocument, `{"op":"add","path":"/secondaryTiles/s/tags","value":"[\"fooTag\"]"}`, `["a"]`, `["a","fooTag"]`},
		{"without a tile's tag", tileDocument, `{"op":"remove","path":"/secondaryTiles/s/tags/a"}`, `"tags":["a"],`, ``},
		{"a tile's template", tileDocument, `{"op":"replace","path":"/secondaryTiles/s/templates/t/body","value":"<b/>"}`, `<a/>`, `<b/>`},
		{"without a tile's template", tileDocument, `{"op":"remove","path":"/secondaryTiles/s/templates/t"}`, `,"templates":{"t":{"body":"<a/>","tags":["t"]}}`, ``},
		{
			"a new tile in parts", tileDocument, `{"op":"add","path":"/secondaryTiles/z/tags","value":"b"},{"op":"add","path":"/secondaryTiles/z/pushChannel","value":"e"}`,
			`}}}}}`, `}}},"z":{"pushChannel":"e","tags":["b"]}}}`,
		},
		{
			"a whole tile", tileDocument, `{"op":"replace","path":"/secondaryTiles/s","value":"{\"pushChannel\":\"e\"}"}`,
			`{"pushChannel":"d","tags":["a"],"templates":{"t":{"body":"<a/>","tags":["t"]}}}`, `{"pushChannel":"e"}`,
		},
		{
			"without a tile", tileDocument, `{"op":"remove","path":"/secondaryTiles/s"}`,
			`,"secondaryTiles":{"s":{"pushChannel":"d","tags":["a"],"templates":{"t":{"body":"<a/>","tags":["t"]}}}}`, ``,
		},

		{"no operation", browserDocument, ``, ``, ``},
		{"more than is needed", browserDocument, ` {"from":"/x","op":"remove","path":"/tags/news","value":"?","x":[1]} `, `"news",`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := decode(t, "i", c.document)
			before := string(d.Encode(false))
			if !strings.Contains(before, c.before) {
				t.Fatalf("%s is not in %s", c.before, before)
			}
			at := strings.LastIndex(before, c.before) // what is at the end is meant by }}}
			want := before[:at] + c.after + before[at+len(c.before):]
			if got := string(patch(t, d, `[`+c.operations+`]`).Encode(false)); got != want {
				t.Errorf("changed to\n%s\nwant\n%s", got, want)
			}
			if string(d.Encode(false)) != before {
				t.Error("the document itself has changed")
			}
		})
	}
}

func TestAWrongPatchChangesNothing(t *testing.T) {
	operation := func(op, path, value string) string {
		return fmt.Sprintf(`[{"op":"add","path":"/tags","value":"first"},{"op":%q,"path":%q,"value":%s}]`, op, path, value)
	}
	for _, c := range []struct{ name, body, words string }{
		{"nothing", ``, "must be a JSON array"},
		{"one operation alone", `{"op":"remove","path":"/tags"}`, "must be a JSON array"},
		{"half a PATCH", `[{"op":"remove","path":"/tags"}`, "not valid JSON"},
		{"a PATCH and more", `[] []`, "behind its end"},
		{"invalid UTF-8", "[{\"op\":\"add\",\"path\":\"/tags\",\"value\":\"\xff\"}]", "not UTF-8"},
		{"deep nesting", strings.Repeat("[", 100000), "not valid JSON"},
		{"an operation that is null", `[null]`, "must be a JSON object"},
		{"an operation that is text", `["remove"]`, "must be a JSON object"},
		{"too many operations", `[` + strings.Repeat(`{"op":"remove","path":"/tags"},`, 1000) + `{"op":"remove","path":"/tags"}]`, "1000 operations"},
		{"without op", `[{"path":"/tags"}]`, "op must be"},
		{"another op", operation("move", "/tags", `"x"`), "op must be add, remove or replace"},
		{"an op that is a number", `[{"op":1,"path":"/tags"}]`, "op must be a string"},
		{"two ops", `[{"op":"add","op":"remove","path":"/tags","value":"x"}]`, "twice"},
		{"without path", `[{"op":"remove"}]`, "path must begin with /"},
		{"a path without a slash", operation("remove", "tags", `null`), "path must begin with /"},
		{"a path with a bad escape", operation("remove", "/templates/a~2", `null`), "a ~ that is not"},
		{"the whole document", operation("add", "/", `{}`), "does not lead to anything"},
		{"another property", operation("add", "/platform", `"gcm"`), "does not lead to anything"},
		{"the end of the tags, as RFC 6902 has it", operation("add", "/tags/-", `"x"`), "can only be removed"},
		{"a tag in place of another", operation("replace", "/tags/news", `"x"`), "can only be removed"},
		{"below a tag", operation("remove", "/tags/news/x", `null`), "does not lead to anything"},
		{"all templates", operation("remove", "/templates", `null`), "does not lead to anything"},
		{"another property of a template", operation("add", "/templates/t1/name", `"x"`), "does not lead to anything"},
		{"below a body", operation("add", "/templates/t1/body/a", `"x"`), "does not lead to anything"},
		{"all tiles", operation("remove", "/secondaryTiles", `null`), "does not lead to anything"},
		{"the user of a tile", operation("add", "/secondaryTiles/s/userId", `"x"`), "does not lead to anything"},
		{"the tile of a tile", operation("add", "/secondaryTiles/s/secondaryTiles/s/tags", `"x"`), "does not lead to anything"},

		{"no channel", operation("remove", "/pushChannel", `null`), "cannot be removed"},
		{"a channel without a value", operation("replace", "/pushChannel", `null`), "the value is missing"},
		{"a channel in the wrong form", operation("replace", "/pushChannel", `"x"`), "value must be a JSON object"},
		{"half a channel", operation("replace", "/pushChannel", `{"endpoint":"e"}`), "pushChannel.p256dh is missing"},
		{"no user in place of one", operation("add", "/userId", `null`), "the value is missing"},
		{"a user that is a number", operation("add", "/userId", `7`), "Operation 2: userId must be a string"},
		{"a user with other characters", operation("add", "/userId", `"a b"`), "userId may have"},
		{"a tag that is a number", operation("add", "/tags", `7`), "value must be a string"},
		{"tags of which one is a number", operation("add", "/tags", `["a",7]`), "value must be a string"},
		{"tags in one text, with commas", operation("replace", "/tags", `"tag1,tag2,tag3"`), "An invalid tag 'tag1,tag2,tag3'"},
		{"tags as text that is not JSON", operation("add", "/tags", `"[a"`), "must be an array of strings"},
		{"another user's own tag", operation("add", "/tags", `"$UserId:{bob}"`), "can not start with $"},
		{"too many tags", operation("add", "/tags", tags(60)), "60 tags"},
		{"far too many tags", operation("add", "/tags", tags(20000)), "60 tags"},
		{"a template that is text", operation("add", "/templates/t2", `"x"`), "value must be a JSON object"},
		{"a template with a mistake", operation("add", "/templates/t2", `"{\"body\":\"<a/>\"}"`), `templates["t2"].body: `},
		{"a template without its body", operation("remove", "/templates/t1/body", `null`), `templates["t1"].body is missing`},
		{"tags for a template that is not there", operation("add", "/templates/none/tags", `"x"`), `templates["none"].body is missing`},
		{"headers that are text", operation("add", "/templates/t1/headers", `"x"`), "value must be a JSON object"},
		{"a template whose name is another user's own tag", operation("add", "/templates/$UserId:{bob}", `{"body":"{}"}`), "must not begin with $"},
		{"a tile for a browser", operation("add", "/secondaryTiles/s/pushChannel", `"x"`), "wns only"},
		{"more than a document may have", operation("add", "/templates/t1/body", `"{\"a\":\"`+strings.Repeat("a", 70000)+`\"}"`), "64 KB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := decode(t, "i", browserDocument)
			before := string(d.Encode(false))
			changed, err := d.Patch([]byte(c.body))
			if changed != nil {
				t.Errorf("accepted as %s", changed.Encode(false))
			}
			mustRefuse(t, err, c.words)
			if string(d.Encode(false)) != before {
				t.Errorf("half applied: %s", d.Encode(false))
			}
		})
	}
}

func TestAPatchDoesNotMakeADocumentLargerThanAPutCould(t *testing.T) {
	d := decode(t, "i", browserDocument)
	for i := range 5 {
		body := fmt.Sprintf(`[{"op":"add","path":"/templates/big%d","value":{"body":"{\"a\":\"%s\"}"}}]`, i, strings.Repeat("a", 60000))
		changed, err := d.Patch([]byte(body))
		if i < 4 {
			if err != nil {
				t.Fatal(err)
			}
			d = changed
			continue
		}
		mustRefuse(t, err, "262144 bytes")
	}
}

func TestAPatchTellsWhetherTheChannelIsNew(t *testing.T) {
	d := decode(t, "i", browserDocument)
	if !patch(t, d, `[{"op":"replace","path":"/pushChannel","value":"{\"endpoint\":\"e\",\"p256dh\":\"p\",\"auth\":\"a\"}"}]`).SameChannel(d) {
		t.Error("the same channel counts as new")
	}
	if patch(t, d, `[{"op":"replace","path":"/pushChannel","value":{"endpoint":"f","p256dh":"p","auth":"a"}}]`).SameChannel(d) {
		t.Error("a new channel counts as the same")
	}
}
