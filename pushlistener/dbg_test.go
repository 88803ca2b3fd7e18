package pushlistener

import (
	"fmt"
	"testing"
	"os"
	"strconv"
)

func TestDbg(t *testing.T) {
	seed, err := strconv.Atoi(os.Getenv("SEED"))
	if err != nil { t.Skip() }
	c := newChaos(t, uint64(seed))
	c.trace = true
	for range 300 {
		c.act()
		c.check()
	}
	c.heal()
	c.verify()
	fmt.Println()
}
