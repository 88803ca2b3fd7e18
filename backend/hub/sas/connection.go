package sas

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"securepush/api"
)

// ConnectionString says where a hub is and how to make tokens for it. It prints without its key.
type ConnectionString struct {
	// Endpoint has scheme https, a host and the path "/", nothing else. Example: https://contoso.servicebus.windows.net/
	Endpoint *url.URL
	// Rule is the name of the rule that the key belongs to. Example: "DefaultFullSharedAccessSignature"
	Rule string
	// Key is used as it is; that it looks like base64 means nothing.
	Key api.Secret
}

const (
	endpointPart = "Endpoint"
	rulePart     = "SharedAccessKeyName"
	keyPart      = "SharedAccessKey"
)

// ParseConnectionString reads what the portal of Notification Hubs shows:
//
//	Endpoint=sb://host[:port]/;SharedAccessKeyName=N;SharedAccessKey=K
//
// The parts stand in any order, their names in any case, with or without a semicolon at the end. Errors say what is wrong and
// repeat nothing of the text.
func ParseConnectionString(s api.Secret) (ConnectionString, error) {
	c, err := parseConnectionString(s.Reveal())
	if err != nil {
		return ConnectionString{}, fmt.Errorf("connection string: %w", err)
	}
	return c, nil
}

func parseConnectionString(text string) (ConnectionString, error) {
	values := make(map[string]string, 3)
	for part := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(text), ";"), ";") {
		written, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		name := partName(written)
		if !ok || name == "" {
			return ConnectionString{}, errors.New("a part is none of Endpoint=…, SharedAccessKeyName=…, SharedAccessKey=…")
		}
		if _, twice := values[name]; twice {
			return ConnectionString{}, fmt.Errorf("%s is there twice", name)
		}
		values[name] = value
	}
	endpoint, err := parseEndpoint(values[endpointPart])
	if err != nil {
		return ConnectionString{}, err
	}
	if !validName(values[rulePart]) {
		return ConnectionString{}, fmt.Errorf("%s is not 1 to %d characters", rulePart, maxText)
	}
	if key := values[keyPart]; key == "" || utf8.RuneCountInString(key) > maxText {
		return ConnectionString{}, fmt.Errorf("%s is not 1 to %d characters", keyPart, maxText)
	}
	return ConnectionString{Endpoint: endpoint, Rule: values[rulePart], Key: api.NewSecret(values[keyPart])}, nil
}

func partName(written string) string {
	for _, name := range []string{endpointPart, rulePart, keyPart} {
		if strings.EqualFold(written, name) {
			return name
		}
	}
	return ""
}

// parseEndpoint repeats nothing in its errors, not even that of url.Parse, as a text with its parts mixed up may hold the key
// here.
func parseEndpoint(text string) (*url.URL, error) {
	wrong := fmt.Errorf("%s is not of the form sb://host[:port]/", endpointPart)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "sb" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, wrong
	}
	if strings.HasSuffix(u.Host, ":") || strings.Contains(u.Hostname(), ":") && u.Host[0] != '[' { // url.Parse is lenient
		return nil, wrong
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, wrong
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, wrong
		}
	}
	return &url.URL{Scheme: "https", Host: strings.ToLower(u.Host), Path: "/"}, nil
}

// Reveal is the connection string with its key.
func (c ConnectionString) Reveal() string { return c.text(c.Key.Reveal()) }

// String is the connection string without its key.
func (c ConnectionString) String() string { return c.text(c.Key.String()) }

// LogValue is [ConnectionString.String].
func (c ConnectionString) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c ConnectionString) text(key string) string {
	var endpoint string
	if c.Endpoint != nil {
		sb := url.URL{Scheme: "sb", Host: c.Endpoint.Host, Path: "/"} // without the slash, Java does not read it
		endpoint = sb.String()
	}
	return endpointPart + "=" + endpoint + ";" + rulePart + "=" + c.Rule + ";" + keyPart + "=" + key
}
