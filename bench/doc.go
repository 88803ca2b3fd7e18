// Package bench measures the built program beside a hand-written floor, in one run on one machine.
package bench
