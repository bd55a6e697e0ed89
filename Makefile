# The two commands that matter: make demo, make test.
GO       ?= go
export CGO_ENABLED = 0
# The whole run: plain "go test ./..." leaves out the walks in a browser. These look
# at every page in both languages and both themes.
test: export AUGENMASS_VIEWS = all

.PHONY: demo test lint bench screens generate build cross

demo: ## a model company with a running plant, at 127.0.0.1:8420
	$(GO) run ./cmd/augenmass demo

build:
	$(GO) build -trimpath -o augenmass ./cmd/augenmass

test: ## everything, in both modules; also compiles for Windows and macOS
	$(GO) vet ./...
	$(GO) test ./...
	cd bench && $(GO) vet ./... && $(GO) test ./...
	$(MAKE) --no-print-directory cross

cross: # whether it compiles; not optimized, which takes a quarter less time
	GOOS=windows GOARCH=amd64 $(GO) build -gcflags='all=-N -l' -o /dev/null ./cmd/augenmass
	GOOS=darwin GOARCH=arm64 $(GO) build -gcflags='all=-N -l' -o /dev/null ./cmd/augenmass

lint:
	@test -z "$$(gofmt -l cmd internal knowledge bench)" || { gofmt -l cmd internal knowledge bench; exit 1; }
	$(GO) vet ./...

bench: ## all benchmarks beside their peers, into bench/RESULTS.md; make bench ID=G2 for one
	cd bench && $(GO) run . -results RESULTS.md $(if $(ID),-id $(ID))

screens: ## pictures of every page of the story, into screens/
	$(GO) test ./internal/demo -run TestStoryInBrowser -count=1 -screens=$(CURDIR)/screens

generate: ## page templates; needs templ v0.3.977
	templ generate
