# make demo    the main job, for real, on this machine
# make test    all tests
# Both install what they lack and bring a display of their own where there is none.

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  := -s -w -X main.version=$(VERSION)
BINARY   := build/securepush
LINT     := build/bin/golangci-lint
LINT_VERSION := v2.15.0
VULN_VERSION := v1.8.0
SOURCES  := $(shell git ls-files -co --exclude-standard -- '*.go' go.mod go.sum assets api/openapi.yaml 2>/dev/null)
export CGO_ENABLED ?= 1

.PHONY: all build headless demo test test-go faults soak interop lint vuln fresh bench gallery pictures fuzz clean install

all: build

build: $(BINARY)

$(BINARY): $(SOURCES)
	@sh .ci/deps build
	@test -x $@ || echo "Building the program. The first time this takes some minutes: the window's toolkit is compiled from C."
	@go build -trimpath -ldflags '$(LDFLAGS)' -o $@ .

# The same program without the window: static, for servers and for the listener alone.
headless:
	CGO_ENABLED=0 go build -tags headless -trimpath -ldflags '$(LDFLAGS)' -o build/securepush-headless .

demo: build
	@sh .ci/deps desktop
	@env -u LC_ALL LANG=en_US.UTF-8 $(BINARY) demo

test: interop build test-go

# The npm packages that tests are run against, installed again when their lock file changes. Azure's client needs a newer node than
# Debian 12 has; where that is so, one comes with the packages.
PEERS := webpush/interop/node_modules/.package-lock.json e2e/hubclients/node_modules/.package-lock.json

interop:
	@sh .ci/deps build desktop interop
	@$(MAKE) -s --no-print-directory $(PEERS)

%/node_modules/.package-lock.json: %/package-lock.json
	@cd $* && if node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then omit=--omit=optional; else omit=; fi && \
		npm ci --silent --no-audit --no-fund $$omit && touch node_modules/.package-lock.json

# -race everywhere; without the GL driver, which only the real program links. The real-stack suite drives that program.
test-go:
	SECUREPUSH_BINARY=$(CURDIR)/$(BINARY) SECUREPUSH_REQUIRE_INTEROP=1 SECUREPUSH_REQUIRE_DESKTOP=1 GORACE=atexit_sleep_ms=0 \
		go test -race -shuffle=on -timeout 60m -tags headless ./...
	go test -shuffle=on -tags headless -run 'Gallery|NothingIsCut' ./ui

$(LINT):
	GOBIN=$(CURDIR)/build/bin CGO_ENABLED=0 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

lint: $(LINT)
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-clean:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	CGO_ENABLED=0 $(LINT) run --build-tags headless ./...
	@for os in windows darwin; do echo "vet for $$os"; \
		CGO_ENABLED=0 GOOS=$$os go vet -tags headless $$(go list -tags headless ./... | grep -vE '/(ui|e2e|bench|interop)(/|$$)') || exit 1; done
	@$(MAKE) --no-print-directory vuln

# govulncheck needs its database, which not every machine can reach: then this says so and goes on.
vuln:
	@GOBIN=$(CURDIR)/build/bin CGO_ENABLED=0 go install golang.org/x/vuln/cmd/govulncheck@$(VULN_VERSION)
	@out=$$(CGO_ENABLED=0 build/bin/govulncheck -tags headless ./... 2>&1); code=$$?; \
	if [ $$code -eq 0 ]; then echo "govulncheck: no known vulnerability is reached"; \
	elif printf '%s' "$$out" | grep -qiE 'fetching vulnerabilities|no such host|dial tcp|proxyconnect|forbidden'; then \
		echo "govulncheck: skipped, its database cannot be reached from here"; \
	else printf '%s\n' "$$out"; exit $$code; fi

# Generated files are what their sources make them; go.mod names what is used. (-e: the modules that only the tests of our
# modules use need not be had everywhere.)
fresh:
	@go mod verify >/dev/null
	@if go mod tidy -e -diff 2>/dev/null | grep -A40 '^--- current/go.mod'; then echo "go.mod is not tidy"; exit 1; fi
	@go generate ./... && git diff --exit-code -- assets

bench:
	go test -tags headless -run '^$$' -bench . -benchmem ./api ./webpush/... ./pushlistener/... ./secure ./notify ./backend/...
	go test -tags headless -run '^$$' -bench . -benchtime 1x -timeout 30m ./bench/...

# Faults by the hundred, and the table in docs/reliability.md anew.
faults:
	@sh .ci/deps desktop
	SECUREPUSH_REQUIRE_DESKTOP=1 CGO_ENABLED=0 go test -tags headless -count=1 -timeout 40m -v -run '^TestFaults$$' ./faults \
		-full -document $(CURDIR)/docs/reliability.md

# Mixed faults for an hour, or as long as SOAK says.
SOAK ?= 1h
soak:
	@sh .ci/deps desktop
	SECUREPUSH_REQUIRE_DESKTOP=1 CGO_ENABLED=0 go test -tags headless -count=1 -timeout 0 -v -run '^TestSoak$$' ./faults -soak $(SOAK)

# The pictures of the README. The tests say when they are to be made anew.
pictures:
	@mkdir -p docs/pictures
	SECUREPUSH_PICTURES=1 CGO_ENABLED=0 go test -count=1 -run PicturesOfTheReadme ./ui

# Each screen state, light and dark, wide and narrow, as pictures and one contact sheet.
gallery:
	@mkdir -p build/gallery
	SECUREPUSH_GALLERY=$(CURDIR)/build/gallery CGO_ENABLED=0 go test -count=1 -run Gallery ./ui
	@echo build/gallery

# Each decoder for a while, one after the other; what is kept of earlier runs stands in testdata/fuzz of its package.
FUZZTIME ?= 30s
fuzz:
	@sh .ci/fuzz $(FUZZTIME)

PREFIX ?= /usr/local
install: build
	install -Dm755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/securepush
	install -Dm644 assets/securepush.desktop $(DESTDIR)$(PREFIX)/share/applications/io.github.securepush.desktop
	for size in 48 128 512; do \
		install -Dm644 assets/icons/icon-$$size.png $(DESTDIR)$(PREFIX)/share/icons/hicolor/$${size}x$$size/apps/io.github.securepush.png; done

clean:
	rm -rf build
