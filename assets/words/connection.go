package words

// Outcome says what came of a push, by the agent's code; false when the language does not know it.
func (w *Words) Outcome(code string) (string, bool) {
	text, ok := w.catalogue().texts["outcome."+code]
	return text, ok
}

// Step names a step of the test notification, by the agent's code; false when the language does not know it.
func (w *Words) Step(code string) (string, bool) {
	text, ok := w.catalogue().texts["step."+code]
	return text, ok
}
