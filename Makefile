# Shortcuts. Everything here is plain Go commands; none of it is needed.

.PHONY: build notices demo test check bench

build: notices ## build the program into bin/
	go build -trimpath -o bin/civgrid ./cmd/civgrid

notices: ## collect the licences of what the program is made of, which it shows at /licenses
	cd api/docs/notices && find . -mindepth 1 ! -name .gitignore -delete
	{ echo "go $$(go env GOROOT)"; go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}' ./cmd/civgrid; } | sort -u | \
	while read -r module dir; do \
		mkdir -p "api/docs/notices/$$module"; \
		find "$$dir" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'unlicense*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'patents*' \) ! -name '*.go' \
			-exec install -m 644 {} "api/docs/notices/$$module/" \; ; \
		[ -n "$$(ls "api/docs/notices/$$module")" ] || install -m 644 "$$dir"/README* "api/docs/notices/$$module/"; \
	done

demo: ## load the synthetic city and serve it
	go run ./cmd/civgrid demo

test: ## run the tests
	go test ./...

check: ## what to run before a commit
	.ci/check fast

bench: ## run every benchmark
	go test -run '^$$' -bench . -benchmem ./...
