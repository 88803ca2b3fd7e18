package words

import "strings"

// form is a category of numbers in the sense of Unicode CLDR. A language's file has for each text that counts those which
// the language distinguishes, and always other.
type form string

// The forms.
const (
	formZero  form = "zero"
	formOne   form = "one"
	formTwo   form = "two"
	formFew   form = "few"
	formMany  form = "many"
	formOther form = "other"
)

// formsOf is how a language sorts whole numbers. What it does not know counts as English does.
func formsOf(tag string) func(n int) form {
	base, _, _ := strings.Cut(tag, "-")
	switch base {
	case "ja", "ko", "zh", "vi", "th", "id", "ms":
		return func(int) form { return formOther }
	case "fr", "pt", "es", "it", "ca":
		return romance(base)
	case "ru", "uk", "be":
		return eastSlavic
	case "pl":
		return polish
	case "cs", "sk":
		return func(n int) form { return pick(n == 1, formOne, pick(n >= 2 && n <= 4, formFew, formOther)) }
	case "hr", "sr", "bs":
		return func(n int) form {
			if f := eastSlavic(n); f != formMany {
				return f
			}
			return formOther
		}
	case "sl":
		return slovenian
	case "ro":
		return func(n int) form {
			return pick(n == 1, formOne, pick(n == 0 || n%100 >= 1 && n%100 <= 19, formFew, formOther))
		}
	case "lt":
		return lithuanian
	case "ar":
		return arabic
	case "he":
		return func(n int) form { return pick(n == 1, formOne, pick(n == 2, formTwo, formOther)) }
	case "fa", "hi", "bn":
		return func(n int) form { return pick(n == 0 || n == 1, formOne, formOther) }
	default:
		return func(n int) form { return pick(n == 1, formOne, formOther) }
	}
}

func pick(yes bool, then, otherwise form) form {
	if yes {
		return then
	}
	return otherwise
}

// romance has a form for whole millions.
func romance(base string) func(n int) form {
	return func(n int) form {
		one := n == 1 || n == 0 && (base == "fr" || base == "pt")
		return pick(one, formOne, pick(n != 0 && n%1_000_000 == 0, formMany, formOther))
	}
}

func eastSlavic(n int) form {
	one, few := n%10 == 1 && n%100 != 11, n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14)
	return pick(one, formOne, pick(few, formFew, formMany))
}

func polish(n int) form {
	if n != 1 && n%10 == 1 {
		return formMany
	}
	return eastSlavic(n)
}

func slovenian(n int) form {
	switch n % 100 {
	case 1:
		return formOne
	case 2:
		return formTwo
	case 3, 4:
		return formFew
	}
	return formOther
}

func lithuanian(n int) form {
	if teens := n%100 >= 11 && n%100 <= 19; teens || n%10 == 0 {
		return formOther
	}
	return pick(n%10 == 1, formOne, formFew)
}

func arabic(n int) form {
	switch {
	case n == 0:
		return formZero
	case n == 1:
		return formOne
	case n == 2:
		return formTwo
	case n%100 >= 3 && n%100 <= 10:
		return formFew
	case n%100 >= 11:
		return formMany
	}
	return formOther
}
