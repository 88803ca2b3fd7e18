// Package traytest is a desktop's tray for tests: watcher and host in one, as in most panels.
package traytest
