# Shortcuts. Everything here is plain Go commands; none of it is needed.

.PHONY: build demo test check bench

build: ## build the program into bin/
	go build -trimpath -o bin/civgrid ./cmd/civgrid

demo: ## load the synthetic city and serve it
	go run ./cmd/civgrid demo

test: ## run the tests
	go test ./...

check: ## what to run before a commit
	.ci/check fast

bench: ## run every benchmark
	go test -run '^$$' -bench . -benchmem ./...
