package webpush_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"securepush/webpush"
)

// requireInterop makes a missing peer a failure instead of a skip, for runs whose result must mean something.
const requireInterop = "SECUREPUSH_REQUIRE_INTEROP"

const peerFolder = "interop"

type request map[string]any

// ask runs the peer once.
func ask(t *testing.T, r request, answer any) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(peerFolder, "node_modules", "web-push"))
	}
	if err != nil {
		if os.Getenv(requireInterop) == "1" {
			t.Fatalf("the peers are required and absent: %v", err)
		}
		t.Skipf("needs node and `npm ci` in webpush/interop: %v", err)
	}
	in, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "peer.js")
	cmd.Dir = peerFolder
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		exit := new(exec.ExitError)
		_ = errors.As(err, &exit)
		t.Fatalf("the peer failed: %v\n%s", err, exit.Stderr)
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatal(err)
	}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func deviceKeys(t *testing.T) (k *webpush.Keys, private string) {
	t.Helper()
	k, err := webpush.GenerateKeys()
	if err != nil {
		t.Fatal(err)
	}
	b, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return k, encode(b[1:33])
}

const id = "7Jb0m3Zl3oWm4m0x0n9L9w"

func TestWhatNpmWebPushSendsOpensAndVerifies(t *testing.T) {
	k, _ := deviceKeys(t)
	var pair struct{ PublicKey, PrivateKey string }
	ask(t, request{"op": "keys"}, &pair)
	vapid, err := webpush.ParseVAPID(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	if vapid.PublicKey() != pair.PublicKey {
		t.Error("another public key came out of web-push's private key")
	}
	for _, version := range []string{"aes128gcm", "aesgcm"} {
		t.Run(version, func(t *testing.T) {
			var sent struct {
				Headers map[string]any
				Body    string
			}
			ask(t, request{
				"op": "send", "version": version, "text": encode([]byte(id)),
				"vapidPublic": pair.PublicKey, "vapidPrivate": pair.PrivateKey,
				"subscription": request{
					"endpoint": "https://push.example:8443/wpush/v2/token",
					"keys":     request{"p256dh": k.P256DH(), "auth": k.Auth()},
				},
			}, &sent)
			header := func(name string) string {
				s, _ := sent.Headers[name].(string)
				return s
			}
			body := decode(t, sent.Body)
			open := k.Open
			if version == "aesgcm" {
				open = func(b []byte) ([]byte, error) { return k.OpenLegacy(b, header("Encryption"), header("Crypto-Key")) }
			}
			text, err := open(body)
			if err != nil || string(text) != id {
				t.Errorf("opened %q, %v", text, err)
			}
			key, err := webpush.VerifyVAPID(header("Authorization"), header("Crypto-Key"), "https://push.example:8443", time.Now())
			if err != nil || encode(key) != pair.PublicKey {
				t.Errorf("verified as %s, %v", encode(key), err)
			}
		})
	}
}

func TestWhatNpmHTTPECESealsOpens(t *testing.T) {
	k, _ := deviceKeys(t)
	for _, version := range []string{"aes128gcm", "aesgcm"} {
		for _, pad := range []int{0, 1, 200} {
			var sealed struct{ Body, Salt, DH string }
			ask(t, request{
				"op": "seal", "version": version, "text": encode([]byte(id)), "pad": pad, "rs": 4096,
				"p256dh": k.P256DH(), "auth": k.Auth(),
			}, &sealed)
			open := k.Open
			if version == "aesgcm" {
				open = func(b []byte) ([]byte, error) { return k.OpenLegacy(b, "salt="+sealed.Salt, "dh="+sealed.DH) }
			}
			text, err := open(decode(t, sealed.Body))
			if err != nil || string(text) != id {
				t.Errorf("%s with %d bytes of padding: opened %q, %v", version, pad, text, err)
			}
		}
	}
}

func TestAMessageOfSeveralRecordsFromNpmHTTPECEIsRefused(t *testing.T) {
	k, _ := deviceKeys(t)
	var sealed struct{ Body, Salt, DH string }
	ask(t, request{
		"op": "seal", "version": "aes128gcm", "text": encode([]byte(id)), "pad": 0, "rs": 30,
		"p256dh": k.P256DH(), "auth": k.Auth(),
	}, &sealed)
	if text, err := k.Open(decode(t, sealed.Body)); !errors.Is(err, webpush.ErrUndecryptable) {
		t.Errorf("opened %q, %v", text, err)
	}
}

func TestNpmHTTPECEOpensWhatIsSealed(t *testing.T) {
	k, private := deviceKeys(t)
	for _, text := range []string{"", id, strings.Repeat("x", 154), strings.Repeat("x", webpush.MaxPlaintext)} {
		message, err := webpush.Seal(k.P256DH(), k.Auth(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var opened struct{ Text string }
		ask(t, request{"op": "open", "version": "aes128gcm", "private": private, "auth": k.Auth(), "body": encode(message)}, &opened)
		if got := string(decode(t, opened.Text)); got != text {
			t.Errorf("http_ece read %q, want %q", got, text)
		}
	}
}

func TestNodeVerifiesWhatIsSigned(t *testing.T) {
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse("https://push.example/wpush/v2/token")
	if err != nil {
		t.Fatal(err)
	}
	header, err := webpush.NewSigner(key, "mailto:push@example.org", nil).Authorization(u)
	if err != nil {
		t.Fatal(err)
	}
	token, public, ok := strings.Cut(strings.TrimPrefix(header, "vapid t="), ", k=")
	if !ok {
		t.Fatalf("header %s", header)
	}
	var verified struct {
		OK     bool
		Header struct{ Typ, Alg string }
		Claims struct {
			Aud, Sub string
			Exp      int64
		}
	}
	ask(t, request{"op": "verify", "token": token, "key": public}, &verified)
	ahead := time.Until(time.Unix(verified.Claims.Exp, 0))
	if !verified.OK || verified.Header.Typ != "JWT" || verified.Header.Alg != "ES256" || verified.Claims.Aud != "https://push.example" ||
		verified.Claims.Sub != "mailto:push@example.org" || ahead <= 0 || ahead > 24*time.Hour {
		t.Errorf("node read %+v", verified)
	}
}

func TestNpmWebPushSignsWithAKeyMadeHere(t *testing.T) {
	key, err := webpush.GenerateVAPID()
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	k, _ := deviceKeys(t)
	var sent struct{ Headers map[string]any }
	ask(t, request{
		"op": "send", "version": "aes128gcm", "text": "", "vapidPublic": key.PublicKey(), "vapidPrivate": private,
		"subscription": request{"endpoint": "https://push.example/x", "keys": request{"p256dh": k.P256DH(), "auth": k.Auth()}},
	}, &sent)
	authorization, _ := sent.Headers["Authorization"].(string)
	public, err := webpush.VerifyVAPID(authorization, "", "https://push.example", time.Now())
	if err != nil || encode(public) != key.PublicKey() {
		t.Errorf("verified as %s, %v", encode(public), err)
	}
}
