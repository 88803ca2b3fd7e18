// Package words says what a person reads, in the person's language.
//
// Each language is one file, such as de.toml, whose name is its tag (BCP 47). en.toml comes first: it says which words there
// are, and go generate makes of it a method for each, so that a word that does not exist, or one without what belongs into
// its placeholders, does not compile. Whoever adds a language copies en.toml, translates what is right of the equals signs, and runs
// the tests; whoever adds words writes them into every file and runs go generate ./assets/words.
package words
