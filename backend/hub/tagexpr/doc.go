// Package tagexpr says what a tag is and which sets of tags an expression of tags describes.
//
// The grammar is that of "Notification Hubs, Routing and tag expressions": tags, !, &&, ||, parentheses. The precedence, which
// that does not give, is ! over && over ||. Tags are the same whatever their case; a folded tag is one in the form of
// [record.Fold], by which they are compared.
package tagexpr
