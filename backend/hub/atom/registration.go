package atom

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"securepush/backend/hub/record"
	"securepush/backend/hub/template"
)

const (
	maxTemplateName = 200 // characters
	wnsType         = "X-WNS-Type"
)

// DecodeRegistration reads an Atom entry with a registration: kind, handle, tags, push variables and template. What the
// server decides is left out, even if it is there: ID, ETag and expiry. Handles and templates are checked, tags are not.
// The body should be of bounded size. The error is of type *Error.
//
// Source: "Notification Hubs REST API", Create a registration, Create or update a registration.
func DecodeRegistration(body []byte) (record.Registration, error) {
	root, err := parse(body)
	if err != nil {
		return record.Registration{}, err
	}
	e, err := content(root)
	if err != nil {
		return record.Registration{}, err
	}
	return registration(e)
}

// DecodeDescription reads a registration without an Atom entry around it, as the lines of an import have it, with the ID
// that may be in it. The error is of type *Error.
func DecodeDescription(body []byte) (record.Registration, error) {
	root, err := parse(body)
	if err != nil {
		return record.Registration{}, err
	}
	r, err := registration(root)
	if err != nil {
		return record.Registration{}, err
	}
	f := fields{of: root}
	r.ID = f.line("RegistrationId")
	return r, f.err
}

func registration(e element) (record.Registration, error) {
	name := e.name
	if name == description { // azure-sb: the kind is in i:type
		name = e.variant
	}
	k, withTemplate, ok := kindNamed(name)
	if !ok {
		return record.Registration{}, refuse(fmt.Sprintf("%.64q is no kind of registration", name))
	}
	f := &fields{of: e}
	r := record.Registration{
		Platform:      k.platform,
		Handle:        f.required(k.handle),
		Tags:          f.tags(),
		PushVariables: f.pushVariables(),
	}
	switch k.platform {
	case record.Apple:
		if !isDeviceToken(r.Handle) {
			f.fail("The DeviceToken is not an even number of hexadecimal digits")
		}
		r.Handle = strings.ToUpper(r.Handle)
	case record.Windows, record.Mpns:
		r.SecondaryTileName = f.line("SecondaryTileName")
	case record.Baidu:
		r.BaiduUserID = f.required("BaiduUserId")
	case record.Browser:
		r.P256DH, r.Auth = f.required("P256DH"), f.required("Auth")
	}
	if withTemplate {
		r.Template = f.template(k)
	}
	if f.err != nil {
		return record.Registration{}, f.err
	}
	return r, nil
}

func isDeviceToken(s string) bool {
	return len(s)%2 == 0 && s != "" && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// tags returns the tags without those that differ from an earlier one in case only.
func (f *fields) tags() []string {
	var tags []string
	seen := map[string]bool{}
	for tag := range strings.SplitSeq(f.text("Tags"), ",") {
		tag = strings.TrimSpace(tag)
		if folded := record.Fold(tag); tag != "" && !seen[folded] {
			seen[folded] = true
			tags = append(tags, tag)
		}
	}
	return tags
}

func (f *fields) pushVariables() map[string]string {
	text := f.text("PushVariables")
	if text == "" {
		return nil
	}
	var read map[string]*string
	if json.Unmarshal([]byte(text), &read) != nil {
		f.fail("PushVariables is not a JSON object of strings")
		return nil
	}
	var variables map[string]string
	for name, value := range read {
		if value == nil { // as good as not there
			continue
		}
		if strings.ContainsFunc(name, notXML) || strings.ContainsFunc(*value, notXML) {
			f.fail("PushVariables has a character that XML does not allow")
		}
		if variables == nil {
			variables = make(map[string]string, len(read))
		}
		variables[name] = *value
	}
	return variables
}

func (f *fields) template(k kind) *record.Template {
	t := &record.Template{Name: f.line("TemplateName"), Body: f.text("BodyTemplate")}
	if utf8.RuneCountInString(t.Name) > maxTemplateName {
		f.fail("The TemplateName has more than 200 characters")
	}
	if t.Body == "" {
		f.fail("The element BodyTemplate is missing or blank")
	}
	switch k.platform {
	case record.Apple:
		t.Expiry, t.Priority = f.line("Expiry"), f.line("Priority")
	case record.Baidu:
		t.MessageType = f.line("MessageType")
	}
	if k.headers != "" {
		t.Headers = f.headers(k)
	}
	f.checkTemplate(k, t)
	return t
}

func (f *fields) headers(k kind) []record.Header {
	group := f.child(k.headers)
	if group == nil {
		return nil
	}
	var headers []record.Header
	for _, item := range group.children {
		if item.name != k.header {
			f.fail("The element " + k.headers + " holds something else than " + k.header)
			return nil
		}
		one := fields{of: item}
		if one.child("Value") != nil && one.text("Value") == "" && one.err == nil { // azure-sb writes headers that it has no value for
			continue
		}
		h := record.Header{Name: one.required("Header"), Value: one.required("Value")}
		if one.err != nil {
			f.err = one.err
			return nil
		}
		if strings.Trim(h.Name, "-_.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			f.fail("A name in " + k.headers + " is not the name of a header")
		}
		if hasHeader(headers, h.Name) {
			f.fail("A header is twice in " + k.headers)
		}
		headers = append(headers, h)
	}
	return headers
}

func hasHeader(headers []record.Header, name string) bool {
	return slices.ContainsFunc(headers, func(h record.Header) bool { return strings.EqualFold(h.Name, name) })
}

// checkTemplate sees to it that all expressions can be read, and completes the headers of Windows.
func (f *fields) checkTemplate(k kind, t *record.Template) {
	if f.err != nil {
		return
	}
	format := template.JSON
	if k.platform == record.Windows || k.platform == record.Mpns {
		format = template.FormatOf(t.Body)
	}
	if _, err := template.Parse(t.Body, format); err != nil {
		f.failTemplate("BodyTemplate", err)
	}
	f.checkExpression("Expiry", t.Expiry)
	f.checkExpression("Priority", t.Priority)
	for _, h := range t.Headers {
		f.checkExpression(k.headers, h.Value)
	}
	if f.err != nil || k.platform != record.Windows || hasHeader(t.Headers, wnsType) {
		return
	}
	switch root := strings.ToLower(rootName(t.Body)); root { // as the SDKs infer it
	case "toast", "tile", "badge":
		t.Headers = append(t.Headers, record.Header{Name: wnsType, Value: "wns/" + root})
	default:
		f.fail("The template has no header " + wnsType + ", and its root element is not toast, tile or badge")
	}
}

func (f *fields) checkExpression(what, value string) {
	if _, err := template.ParseExpression(value); err != nil {
		f.failTemplate(what, err)
	}
}

func (f *fields) failTemplate(what string, err error) {
	words := "it cannot be read"
	var refused *template.Error
	if errors.As(err, &refused) {
		words = fmt.Sprintf("%s, at byte %d", refused.Words, refused.Offset)
	}
	f.fail(what + ": " + words)
}

// rootName returns the name of the first element, if it is XML.
func rootName(body string) string {
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name.Local
		}
	}
}
