package pushservice

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Environment of the load program, which is this test binary again, and the number of devices of the measurement.
const (
	loadAddress = "SECUREPUSH_TEST_LOAD_ADDRESS"
	loadDevices = "SECUREPUSH_TEST_DEVICES" // default 2000; the bar is for 10,000
)

func TestMain(m *testing.M) {
	if address := os.Getenv(loadAddress); address != "" {
		if err := load(address, deviceCount()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func deviceCount() int {
	if n, err := strconv.Atoi(os.Getenv(loadDevices)); err == nil && n > 0 {
		return n
	}
	return 2000
}

// load connects n devices, each with one channel that has had a push, says so, and holds them until standard input ends.
func load(address string, n int) error {
	var g sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50, IdleConnTimeout: time.Second}}
	conns, errs := make([]*websocket.Conn, n), make([]error, n)
	for w := range 50 {
		g.Go(func() {
			for i := w; i < n; i += 50 {
				conns[i], errs[i] = loadDevice(client, address)
			}
		})
	}
	g.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func loadDevice(client *http.Client, address string) (*websocket.Conn, error) {
	d := websocket.Dialer{ReadBufferSize: 1024, WriteBufferSize: 512, HandshakeTimeout: 30 * time.Second}
	conn, resp, err := d.Dial("ws://"+address+"/", nil)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	var registered registerReply
	for _, step := range []func() error{
		func() error { return conn.WriteJSON(request{MessageType: typeHello}) },
		func() error { return conn.ReadJSON(&helloReply{}) },
		func() error {
			return conn.WriteJSON(request{MessageType: typeRegister, ChannelID: testChannel})
		},
		func() error { return conn.ReadJSON(&registered) },
		func() error { return loadPush(client, registered.PushEndpoint) },
		func() error {
			var n notification
			if err := conn.ReadJSON(&n); err != nil {
				return err
			}
			return conn.WriteJSON(request{MessageType: typeAck, Updates: []update{{ChannelID: testChannel, Version: n.Version, Code: 100}}})
		},
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return conn, nil
}

func loadPush(client *http.Client, endpoint string) error {
	req, err := http.NewRequest(http.MethodPost, endpoint, bytes.NewReader(make([]byte, 256)))
	if err != nil {
		return err
	}
	req.Header.Set("TTL", "60")
	req.Header.Set("Content-Encoding", "aes128gcm")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// BenchmarkIdleDevice connects devices from another process, has each one subscribe, take a push and acknowledge it, and
// measures what stays resident for each of them here: KB/device after a collection, and before it.
func BenchmarkIdleDevice(b *testing.B) {
	n := deviceCount()
	for b.Loop() {
		measureIdle(b, n)
	}
}

// benchService serves a service on loopback until the end of the benchmark.
func benchService(b testing.TB) (s *Service, address string) {
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address = l.Addr().String()
	if s, err = New(Options{Origin: "http://" + address, Secret: make([]byte, 32)}); err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/wpush/", s.Handler())
	mux.Handle("/", s.WebSocket())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) })
	b.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
		_ = server.Close()
		serving.Wait()
	})
	return s, address
}

func measureIdle(b *testing.B, n int) {
	_, address := benchService(b)
	before := resident(b)
	stop := startLoad(b, address, n)
	raw := statm(b)
	after := resident(b)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(after-before)/1024/float64(n), "KB/device")
	b.ReportMetric(float64(raw-before)/1024/float64(n), "KB/device-before-gc")
	b.ReportMetric(float64(m.StackInuse)/1024/float64(n), "KB-stack/device")
	b.ReportMetric(float64(m.HeapAlloc)/1024/float64(n), "KB-heap/device")
	stop()
}

// The resident set is too restless for a test that has to hold on every machine; what it is made of is not.
func TestAnIdleDeviceCostsLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector keeps memory of its own for every goroutine")
	}
	const devices, bar = 1000, 6 << 10
	used := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	_, address := benchService(t)
	before := used()
	stop := startLoad(t, address, devices)
	if each := (used() - before) / devices; each > bar {
		t.Errorf("%d bytes of heap and stack for each device, the bar is %d", each, bar)
	}
	stop()
}

// startLoad starts the load program and waits until its devices are quiet.
func startLoad(b testing.TB, address string, n int) (stop func()) {
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), loadAddress+"="+address, loadDevices+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		b.Fatalf("load: %q %v", line, err)
	}
	return func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Errorf("load: %v", err)
		}
	}
}

// resident is the resident set in bytes when all that can be given back has been.
func resident(b testing.TB) int64 {
	for range 3 { // stacks shrink by half at each collection
		runtime.GC()
	}
	debug.FreeOSMemory()
	return statm(b)
}

func statm(b testing.TB) int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("the resident set is read from /proc")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
