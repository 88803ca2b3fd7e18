// Package securetest holds the tests that every vault of package secure has to pass.
package securetest
