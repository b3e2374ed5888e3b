# Shortcuts for Go commands. Only the interactive map needs this file.

.PHONY: build web notices demo test check bench

# The interactive map: MapLibre GL JS, from npm by lockfile, never committed.
library = api/web/static/vendor/maplibre-gl.mjs
dist = api/web/node_modules/maplibre-gl

build: web notices ## build the program into bin/, with the interactive map where npm is
	go build -trimpath -o bin/civgrid ./cmd/civgrid

web: ## put the interactive map in place
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(library); else echo "no npm: the page will show the map that the server draws"; fi

$(library): api/web/package-lock.json
	cd api/web && npm ci --ignore-scripts --no-audit --no-fund
	mkdir -p $(@D)
	cp $(dist)/dist/maplibre-gl.css $(dist)/dist/maplibre-gl-shared.mjs $(dist)/dist/maplibre-gl-worker.mjs $(@D)/
	cp $(dist)/dist/maplibre-gl.mjs $@

notices: ## collect the licences of what the program is made of, which it shows at /licenses
	cd api/docs/notices && find . -mindepth 1 ! -name .gitignore -delete
	{ echo "go $$(go env GOROOT)"; go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}' ./cmd/civgrid; } | sort -u | \
	while read -r module dir; do \
		mkdir -p "api/docs/notices/$$module"; \
		find "$$dir" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'unlicense*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'patents*' \) ! -name '*.go' \
			-exec install -m 644 {} "api/docs/notices/$$module/" \; ; \
		[ -n "$$(ls "api/docs/notices/$$module")" ] || install -m 644 "$$dir"/README* "api/docs/notices/$$module/"; \
	done
	[ ! -e $(library) ] || install -D -m 644 $(dist)/LICENSE.txt api/docs/notices/maplibre-gl/LICENSE.txt

demo: ## load the synthetic city and serve it
	go run ./cmd/civgrid demo

test: ## run the tests
	go test ./...

check: ## what to run before a commit
	.ci/check fast

bench: ## run every benchmark
	go test -run '^$$' -bench . -benchmem ./...
