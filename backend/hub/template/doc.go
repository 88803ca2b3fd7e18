// Package template is the template language of Notification Hubs: which expressions a body may hold, and what they become
// with a notification's properties.
//
// Source: "Templates" of the Notification Hubs documentation, with default values as the .NET SDK's validator has them.
package template
