// Package assets holds the files that are part of the program: mark, icons, theme, desktop entry and user unit.
//
// They are embedded as they are; nothing is decoded before somebody asks for it.
package assets
