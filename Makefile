# Shortcuts for Go commands. Only the interactive map needs this file.

.PHONY: build web demo test check bench

# The interactive map: MapLibre GL JS, from npm by lockfile, never committed.
library = api/web/static/vendor/maplibre-gl.mjs
dist = api/web/node_modules/maplibre-gl

build: web ## build the program into bin/, with the interactive map where npm is
	go build -trimpath -o bin/civgrid ./cmd/civgrid

web: ## put the interactive map in place
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(library); else echo "no npm: the page will show the map that the server draws"; fi

$(library): api/web/package-lock.json
	cd api/web && npm ci --ignore-scripts --no-audit --no-fund
	mkdir -p $(@D)
	cp $(dist)/dist/maplibre-gl.css $(dist)/dist/maplibre-gl-shared.mjs $(dist)/dist/maplibre-gl-worker.mjs $(@D)/
	cp $(dist)/LICENSE.txt $(@D)/maplibre-gl.LICENSE.txt
	cp $(dist)/dist/maplibre-gl.mjs $@

demo: ## load the synthetic city and serve it
	go run ./cmd/civgrid demo

test: ## run the tests
	go test ./...

check: ## what to run before a commit
	.ci/check fast

bench: ## run every benchmark
	go test -run '^$$' -bench . -benchmem ./...
