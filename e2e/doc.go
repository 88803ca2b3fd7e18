// Package e2e drives the built program through its whole job on a real desktop: X, session bus, gnome-keyring, dunst.
package e2e
