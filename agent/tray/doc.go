// Package tray shows the agent in the desktop's tray: how it is, what is unread, and a menu.
//
// It speaks StatusNotifierItem and com.canonical.dbusmenu on a connection of its own; fyne.io/systray is not used because its state is
// global and it closes the bus connection that it shares with everybody. What is shown is decided by pure functions of [State]; a [Tray]
// brings it to whoever hosts a tray, and asks for nothing while nobody does.
package tray
