// Package record holds what a notification hub keeps as plain values: rules, registrations, installations, what is
// scheduled, jobs, and feedback about dead handles.
//
// The hub works with these values and the database stores them; neither needs to know the other.
package record
