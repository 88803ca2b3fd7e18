package atom_test

import (
	"testing"

	"securepush/backend/hub/atom"
)

func BenchmarkAppendEntry(b *testing.B) {
	for _, name := range []string{"Browser", "BrowserTemplate", "AppleTemplate with everything"} {
		for _, tt := range descriptions {
			if tt.name != name {
				continue
			}
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				buffer := atom.AppendEntry(nil, tt.r, links, atom.Read)
				b.SetBytes(int64(len(buffer)))
				for b.Loop() {
					buffer = atom.AppendEntry(buffer[:0], tt.r, links, atom.Read)
				}
			})
		}
	}
}

func BenchmarkDecodeRegistration(b *testing.B) {
	for _, name := range []string{"js, browser", "js, a browser's template"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			body := []byte(readable[name].body)
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := atom.DecodeRegistration(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
