package storetest

import (
	"fmt"
	"sync"
	"time"

	"securepush/api"
	"securepush/backend/store"
)

var pagePromises = []promise{
	{"an empty inbox is an empty page whose cursor is the one asked with", func(k *kit) {
		a := k.account("anna")
		for _, cursor := range []api.Cursor{"", "0", "42"} {
			for _, newest := range []bool{false, true} {
				p := k.page(a, store.PageQuery{Cursor: cursor, Newest: newest})
				same(k, "next", p.Next, cursor)
				same(k, "more", p.More, false)
				same(k, "items is a list", p.Items != nil && len(p.Items) == 0, true)
			}
		}
	}},
	{"pages go on where the last ended, in order of arrival", func(k *kit) {
		a := k.account("anna")
		k.letters(a, "ABCDE")
		p := k.page(a, store.PageQuery{Limit: 2})
		same(k, "first", titles(p), "AB")
		same(k, "more", p.More, true)
		same(k, "unread", p.Unread, 5)
		p = k.page(a, store.PageQuery{Limit: 2, Cursor: p.Next})
		same(k, "second", titles(p), "CD")
		p = k.page(a, store.PageQuery{Limit: 2, Cursor: p.Next})
		same(k, "third", titles(p), "E")
		same(k, "more", p.More, false)
		last := p.Next
		p = k.page(a, store.PageQuery{Cursor: last})
		same(k, "next stays", p.Next, last)
		k.letters(a, "F")
		same(k, "what came after", titles(k.page(a, store.PageQuery{Cursor: last})), "F")
	}},
	{"backwards they run from newest to oldest", func(k *kit) {
		a := k.account("anna")
		k.letters(a, "ABCDE")
		p := k.page(a, store.PageQuery{Newest: true, Limit: 3})
		same(k, "first", titles(p), "EDC")
		same(k, "more", p.More, true)
		p = k.page(a, store.PageQuery{Newest: true, Limit: 3, Cursor: p.Next})
		same(k, "second", titles(p), "BA")
		same(k, "more", p.More, false)
	}},
	{"a full last page has no more", func(k *kit) {
		a := k.account("anna")
		k.letters(a, "AB")
		same(k, "more", k.page(a, store.PageQuery{Limit: 2}).More, false)
		same(k, "more", k.page(a, store.PageQuery{Limit: 2, Newest: true}).More, false)
	}},
	{"only unread ones, in both directions", func(k *kit) {
		a := k.account("anna")
		ids := k.letters(a, "ABC")
		_, err := k.s.SetRead(k.Context(), a.ID, ids[1], true, "")
		k.must(err)
		same(k, "forwards", titles(k.page(a, store.PageQuery{Unread: true})), "AC")
		same(k, "backwards", titles(k.page(a, store.PageQuery{Unread: true, Newest: true})), "CA")
	}},
	{"deleted and expired ones are left out without leaving holes in a page", func(k *kit) {
		a := k.account("anna")
		ids := k.letters(a, "ABCD")
		k.must(k.s.DeleteNotification(k.Context(), a.ID, ids[1]))
		k.send(a, store.Message{Title: "X", ExpiresAt: after(k.now(), time.Second)})
		k.letters(a, "E")
		k.pass(time.Minute)
		same(k, "page", titles(k.page(a, store.PageQuery{Limit: 4})), "ACDE")
	}},
	{"nobody sees another's, not with any filter", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		k.send(anna, store.Message{Title: "A", Payload: "secret"})
		for _, q := range []store.PageQuery{{}, {Newest: true}, {Unread: true}, {Text: "secret"}, {Cursor: "0"}} {
			p := k.page(bob, q)
			same(k, "items", len(p.Items), 0)
			same(k, "unread", p.Unread, 0)
		}
	}},
	{"a cursor tells nothing of what others receive", func(k *kit) {
		anna, bob := k.account("anna"), k.account("bob")
		k.letters(anna, "A")
		before := k.page(anna, store.PageQuery{}).Next
		k.letters(bob, "BBBBB")
		k.letters(anna, "A")
		x, y := k.page(anna, store.PageQuery{}).Next, k.page(bob, store.PageQuery{Limit: 2}).Next
		same(k, "cursor", x, y)
		same(k, "moved", x != before, true)
	}},
	{"a page has at most so many items", func(k *kit) {
		a := k.account("anna")
		k.letters(a, string(make([]byte, 60)))
		for limit, want := range map[int]int{-1: 50, 0: 50, 1: 1, 51: 51, 1 << 40: 60} {
			same(k, "items", len(k.page(a, store.PageQuery{Limit: limit}).Items), want)
		}
	}},
	{"what is not a cursor is refused", func(k *kit) {
		a := k.account("anna")
		for _, cursor := range []api.Cursor{"x", "-1", "+1", "01", "1 ", " 1", "1e3", "0x1", "99999999999999999999", "1_0", "١"} {
			for _, newest := range []bool{false, true} {
				_, err := k.s.Page(k.Context(), a.ID, store.PageQuery{Cursor: cursor, Newest: newest})
				k.wants(store.ErrBadCursor, err)
			}
		}
	}},
	{"a text is found in title, payload and sender, whatever its case", func(k *kit) {
		a := k.account("anna")
		k.send(a, store.Message{Title: "A Ärzte", Payload: "x", Sender: "y"})
		k.send(a, store.Message{Title: "B", Payload: "für die ÄRZTE", Sender: "y"})
		k.send(a, store.Message{Title: "C", Payload: "x", Sender: "Notärzte"})
		k.send(a, store.Message{Title: "D", Payload: "Arzt", Sender: "y"})
		for _, text := range []string{"ärzte", "ÄRZTE", "Ärzte", "rzt"} {
			p := k.page(a, store.PageQuery{Text: text})
			same(k, "found for "+text, len(p.Items), map[bool]int{true: 4, false: 3}[text == "rzt"])
		}
		same(k, "backwards, one", titles(k.page(a, store.PageQuery{Text: "ärzte", Newest: true, Limit: 1})), "C")
	}},
	{"a text that looks like an operator is a text", func(k *kit) {
		a := k.account("anna")
		k.send(a, store.Message{Payload: `100% _x_ [abc] a*b?c \ ^ ' " ]`})
		k.send(a, store.Message{Payload: `plain`})
		for text, want := range map[string]int{
			"%": 1, "_": 1, "*": 1, "?": 1, "[": 1, "]": 1, `\`: 1, "^": 1, "'": 1, `"`: 1, "[abc]": 1, "a*b?c": 1, "100%": 1,
			"[^x]": 0, "p*n": 0, "pl?in": 0, "pl_in": 0, "%plain%": 0, "plain": 1,
		} {
			same(k, "found for "+text, len(k.page(a, store.PageQuery{Text: text}).Items), want)
		}
	}},
	{"a reader that follows the cursor while many send misses nothing", func(k *kit) {
		a := k.account("anna")
		const senders, each = 8, 25
		var all sync.WaitGroup
		for s := range senders {
			all.Go(func() {
				for i := range each {
					title := fmt.Sprint(s, "/", i)
					if _, err := k.s.Send(k.Context(), store.Message{Title: title}, to(a), nil); err != nil {
						k.Error(err)
						return
					}
				}
			})
		}
		seen := map[string]bool{}
		var cursor api.Cursor
		sent := make(chan struct{})
		go func() { all.Wait(); close(sent) }()
		for finished := false; ; {
			p := k.page(a, store.PageQuery{Cursor: cursor, Limit: 7})
			for _, n := range p.Items {
				same(k, n.Title+" twice", seen[n.Title], false)
				seen[n.Title] = true
			}
			cursor = p.Next
			if finished && len(p.Items) == 0 {
				break
			}
			select {
			case <-sent:
				finished = true
			default:
			}
		}
		same(k, "seen", len(seen), senders*each)
	}},
}

// letters sends one notification for each letter, which is its title.
func (k *kit) letters(a store.Account, letters string) (ids []api.ID) {
	k.Helper()
	for _, l := range letters {
		ids = append(ids, k.send(a, store.Message{Title: string(l)}))
	}
	return ids
}
