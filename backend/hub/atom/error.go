package atom

// Error says why what a client sent is refused. It never quotes a handle or a URL.
type Error struct {
	Words string // for the client, without a full stop
}

// Error gives the words.
func (e *Error) Error() string { return "atom: " + e.Words }

func refuse(words string) error { return &Error{Words: words} }
