package installation

import (
	"slices"
	"strings"

	"securepush/backend/hub/tagexpr"
)

// hasTag compares as the hub does, whatever the case.
func hasTag(tags []string, tag string) bool {
	return slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) })
}

// without returns the tags but one.
func without(tags []string, tag string) []string {
	return slices.DeleteFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) })
}

// union returns the tags of all lists, each once, in their order.
func union(lists ...[]string) []string {
	var all []string
	for _, tags := range lists {
		for _, tag := range tags {
			if !hasTag(all, tag) {
				all = append(all, tag)
			}
		}
	}
	return all
}

// addTags adds those that the list has not. It may become too long, since a PATCH may remove some afterwards, but not so long
// that comparing each with each takes long.
func addTags(list *[]string, place string, more []string) error {
	for _, tag := range more {
		switch {
		case hasTag(*list, tag):
		case len(*list) >= 2*maxTags:
			return refuse("%s may have %d tags at the most", place, maxTags)
		default:
			*list = append(*list, tag)
		}
	}
	return nil
}

// checkTags says what is wrong as the service does. A tag that begins with $ is the hub's to give: with another's $UserId a
// device would get what is meant for that user.
func checkTags(tags []string, place string) error {
	if len(tags) > maxTags {
		return refuse("%s may have %d tags at the most", place, maxTags)
	}
	for _, tag := range tags {
		switch {
		case strings.HasPrefix(tag, "$"):
			return refuse("%s: Tags can not start with $", place)
		case !tagexpr.Valid(tag):
			return refuse("%s: An invalid tag '%.120s' was supplied. Valid tag characters are alphanumeric, _, @, -, ., : and #, at most 120 of them", place, tag)
		}
	}
	return nil
}
