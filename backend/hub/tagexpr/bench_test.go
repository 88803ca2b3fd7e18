package tagexpr

import (
	"fmt"
	"slices"
	"testing"

	"securepush/backend/hub/record"
)

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("(follows_RedSox || follows_Cardinals) && location_Boston"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	tags := make([]string, 10)
	for i := range tags {
		tags[i] = record.Fold(fmt.Sprintf("tag_number_%d", i))
	}
	tags[9] = record.Fold("location_Boston")
	has := func(tag string) bool { return slices.Contains(tags, tag) }
	for name, text := range map[string]string{
		"one":    "location_Boston",
		"mixed":  "(follows_RedSox || !follows_Cardinals) && location_Boston",
		"twenty": numbered(19, "||") + "||location_Boston",
	} {
		e := mustParse(b, text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !e.Match(has) {
					b.Fatal("no match")
				}
			}
		})
	}
}
