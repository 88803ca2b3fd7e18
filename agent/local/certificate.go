package local

import "time"

// Trust says what this computer holds of a server's certificate. Connections are made with the first two only.
type Trust string

// The kinds of trust.
const (
	TrustSystem    Trust = "system"     // an authority that the system knows stands for it
	TrustFile      Trust = "file"       // an authority of the person's own certificate file stands for it
	TrustExpired   Trust = "expired"    // it was valid until NotAfter
	TrustEarly     Trust = "early"      // it is valid from NotBefore on
	TrustOtherName Trust = "other_name" // it is for Subject, which is not the server that was asked for
	TrustUnknown   Trust = "unknown"    // nobody whom this computer knows stands for it
	TrustOdd       Trust = "odd"        // there is something else with it
)

// Certificate is what a server showed of itself, on the very connection that was checked. Its texts are the server's own words: cut
// short, but not otherwise made safe to show.
//
// Example: {"subject":"push.example.org","issuer":"Example CA (R11)","notBefore":"2026-10-01T00:00:00Z",
// "notAfter":"2026-12-30T00:00:00Z","fingerprint":"3A:5C:…","trust":"system"}.
type Certificate struct {
	Subject     string    `json:"subject"` // the host that it is for
	Issuer      string    `json:"issuer"`
	NotBefore   time.Time `json:"notBefore"`
	NotAfter    time.Time `json:"notAfter"`
	Fingerprint string    `json:"fingerprint"` // SHA-256, as pairs of hexadecimal digits with colons between
	Trust       Trust     `json:"trust"`
}
