package sas

// Error says why a token does not open the hub, in the words of the service. Its text belongs into the Detail of a 401 and
// holds nothing of the token.
type Error struct {
	// Name is that of the service. Example: "InvalidSignature"
	Name string
	// Sentence is without its full stop. Example: "The token has an invalid signature"
	Sentence string
}

// Error is "<Name>: <Sentence>."
func (e *Error) Error() string { return e.Name + ": " + e.Sentence + "." }

// Is says whether target is an Error of the same name, so that errors.Is finds a malformed token whatever is wrong with it.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Name == e.Name
}

// What is wrong with a token, in the order in which it is looked for. The first four come from [Parse]; the others are for
// whoever checks further.
var (
	ErrMissing     = &Error{"MissingToken", "The request has no authorization token"}
	ErrMalformed   = &Error{"MalformedToken", "The token is malformed"}
	ErrNoSignature = &Error{"SignatureNotFound", "The token has no signature"}
	ErrNoExpiry    = &Error{"ExpiresOnNotFound", "The token has no expiry"}
	ErrSignature   = &Error{"InvalidSignature", "The token has an invalid signature"}
	ErrExpired     = &Error{"ExpiredToken", "The token has expired"}
	ErrAudience    = &Error{"InvalidAudience", "The token is for another resource"}
)

func malformed(sentence string) error { return &Error{ErrMalformed.Name, sentence} }
