package secure

import (
	"crypto/x509"
	"encoding/pem"
)

// Vouched says whether only an authority of CAFile stands for a certificate, and none of the system's own. chains are those of a
// connection that was made with these options ([tls.ConnectionState.VerifiedChains]). A file that cannot be read any more stands for
// nobody.
func (o TrustOptions) Vouched(chains [][]*x509.Certificate) bool {
	if o.CAFile == "" || len(chains) == 0 {
		return false
	}
	b, err := readCAFile(o.CAFile)
	if err != nil {
		return false
	}
	own := map[string]bool{}
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		own[string(block.Bytes)] = true
	}
	for _, chain := range chains {
		if len(chain) == 0 || !own[string(chain[len(chain)-1].Raw)] {
			return false
		}
	}
	return true
}
