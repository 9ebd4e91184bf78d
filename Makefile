# Edgeward. `make` alone lists what can be done; each target may be run again at no cost.

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

PORT ?= 8787
FUZZ_SECONDS ?= 60

NODE := node_modules/.bin/node
WASM32 := --target wasm32-unknown-unknown
DENY_WARNINGS := -- -D warnings
step = @printf '\n== %s\n'

# Nothing that runs locally reports or asks anything outside.
export WRANGLER_SEND_METRICS := false
export CLOUDFLARE_CF_FETCH_ENABLED := false

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: dev
dev: free-port build-development ## Run the gateway with a demo issuer and origin on port 8787 (PORT=n); Ctrl-C ends it
	$(step) 'demo'
	@exec $(NODE) scripts/dev.mjs $(PORT)

.PHONY: test
test: tools-tests lint test-native test-reproducible build build-conformance test-examples test-worker test-npm test-www test-browser doc ## Everything that CI checks, in this order
	@printf '\nEvery check passed.\n'

.PHONY: tools
tools: ## Install what is missing into this folder (first time about 3 minutes)
	$(step) 'tools'
	@scripts/tools.sh

.PHONY: tools-tests
tools-tests: tools ## Install the Python packages that the tests need into .tools/venv
	@scripts/tools.sh tests

.PHONY: build-worker
build-worker: tools
	$(step) 'Worker, release build'
	@scripts/build.sh build

.PHONY: build-development
build-development:
	$(step) 'tools'
	@scripts/tools.sh rust
	$(step) 'Worker, development build'
	@DEVELOPMENT=1 scripts/build.sh build

.PHONY: build
build: build-worker ## Build the Worker into build/ and print its size
	@scripts/www.sh
	@$(NODE) scripts/size.mjs build
	@$(NODE) scripts/budget.mjs build

.PHONY: test-reproducible
test-reproducible: tools ## Build and pack both npm packages here and in another folder, and compare the archives
	$(step) 'the same archives from another folder (some minutes)'
	@scripts/reproducible.sh

.PHONY: build-conformance
build-conformance: tools ## Build the Worker that answers the test vectors into build-conformance/
	$(step) 'Worker, conformance build'
	@scripts/build.sh build-conformance --features conformance

.PHONY: build-npm-conformance
build-npm-conformance: tools
	$(step) 'npm package, conformance build'
	@scripts/pkg.sh build-npm-conformance js,conformance

.PHONY: pkg
pkg: tools ## Build the npm package into pkg/ and print its size
	$(step) 'npm package'
	@scripts/pkg.sh
	@scripts/www.sh pkg/www/.edgeward/playground
	@$(NODE) scripts/size.mjs pkg/dist edgeward.wasm edgeward.js

.PHONY: lint
lint: prose fmt clippy clippy-wasm ## Check format and lints, native and wasm32, and the English of the documents

.PHONY: prose
prose: tools ## Check the English of the documents; scripts/prose.yml has the words
	$(step) 'prose'
	@$(NODE) scripts/prose.mjs

.PHONY: fmt
fmt: ## Check the format
	$(step) 'format'
	cargo fmt --check

.PHONY: clippy
clippy:
	$(step) 'clippy, native (about 1 minute the first time)'
	cargo clippy --all-targets $(DENY_WARNINGS)
	cargo clippy --all-targets --features conformance $(DENY_WARNINGS)

.PHONY: clippy-wasm
clippy-wasm:
	$(step) 'clippy, wasm32 (about 1 minute the first time)'
	cargo clippy $(WASM32) --lib $(DENY_WARNINGS)
	cargo clippy $(WASM32) --lib --features conformance $(DENY_WARNINGS)
	cargo clippy $(WASM32) --lib --no-default-features --features authority $(DENY_WARNINGS)
	cargo clippy $(WASM32) --lib --no-default-features --features js,conformance $(DENY_WARNINGS)
	cargo clippy $(WASM32) --lib --no-default-features --features cli $(DENY_WARNINGS)

.PHONY: test-native
test-native: ## Run the native tests
	$(step) 'native tests (about 2 minutes the first time)'
	cargo test --features conformance

.PHONY: test-worker
test-worker: tools-tests tools-examples build build-conformance ## Run the tests in real workerd
	$(step) 'tests in workerd (some minutes)'
	$(NODE) --test --test-concurrency=4 tests/worker/*/*.test.mjs

.PHONY: tools-examples
tools-examples: tools ## Install the Python packages of examples/django into .tools/venv-examples
	@scripts/tools.sh examples

PYTHON_CHECKS := ../../.tools/venv-examples/bin
.PHONY: test-examples
test-examples: tools-examples ## Check and test edgeward-django, and check the example's own Python
	$(step) 'edgeward-django'
	cd examples/django && $(PYTHON_CHECKS)/ruff check --no-cache . && $(PYTHON_CHECKS)/ruff format --no-cache --check .
	cd examples/django/edgeward_django && ../$(PYTHON_CHECKS)/mypy --cache-dir /dev/null && PYTHONDONTWRITEBYTECODE=1 ../$(PYTHON_CHECKS)/python -m pytest -q

.PHONY: www
www: tools ## Build the playground into build/www/ and print its size
	$(step) 'playground'
	@scripts/www.sh
	@cd build/www/.edgeward/playground && $(CURDIR)/$(NODE) $(CURDIR)/scripts/size.mjs . index.html main.css main.js chunk-*.js editor-*.js edgeward.wasm

.PHONY: site
site: tools ## Build the documentation as a static site, which the gateway serves at /.edgeward/docs/ (seconds)
	$(step) 'documentation site'
	@scripts/site.sh

.PHONY: test-www
test-www: www site ## Run the tests of the playground's scripts, and of the links in the documentation
	$(step) 'tests of the scripts'
	$(NODE) --test tests/www/*.test.mjs

.PHONY: test-npm
test-npm: tools-tests tools-browser pkg build-npm-conformance ## Run the npm package's tests in Node, workerd and Chromium
	$(step) 'tests of the npm package'
	@cargo build --quiet --bin edgeward
	$(NODE) --test --test-concurrency=4 tests/npm/*.test.mjs

.PHONY: test-browser
test-browser: tools-browser build build-npm-conformance site ## Run the tests of playground and site in Chromium (screenshots go to build-browser/)
	$(step) 'tests in Chromium (some minutes)'
	$(NODE) --test --test-concurrency=2 tests/browser/*.test.mjs

.PHONY: tools-browser
tools-browser: tools ## Find a Chromium (CHROMIUM=path names one), or install one
	@scripts/tools.sh browser

.PHONY: doc
doc: ## Build the crate's documentation, with warnings as errors
	$(step) 'documentation (about 1 minute the first time)'
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps $(WASM32)
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps $(WASM32) --no-default-features --features js
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps $(WASM32) --no-default-features --features authority

.PHONY: audit
audit: ## Check advisories, licences and sources of dependencies (needs cargo-deny and a network)
	$(step) 'audit'
	@PATH="$$PWD/.tools/bin:$$PATH"; command -v cargo-deny >/dev/null || { printf '   %s\n' 'cargo-deny is missing.' \
		'-> Run: cargo install --locked --root .tools cargo-deny (some minutes), and make audit again.'; exit 1; }; \
	cargo deny check

.PHONY: fuzz
fuzz: ## Fuzz every target for a minute each (FUZZ_SECONDS=n; needs cargo-fuzz)
	$(step) 'fuzz'
	@scripts/fuzz.sh $(FUZZ_SECONDS)

.PHONY: mutants
mutants: ## Change FILES one operator at a time, and list what no native test notices (FILES='src/http/*.rs'; needs cargo-mutants)
	$(step) 'mutants (a minute for each)'
	@PATH="$$PWD/.tools/bin:$$PATH"; command -v cargo-mutants >/dev/null || { printf '   %s\n' 'cargo-mutants is missing.' \
		'-> Run: cargo install --locked --root .tools cargo-mutants (some minutes), and make mutants again.'; exit 1; }; \
	[ -n '$(FILES)' ] || { printf '   %s\n' "expected FILES, such as make mutants FILES='src/http/hop.rs'"; exit 1; }; \
	cargo mutants $(foreach file,$(FILES),--file $(file)) --features conformance --output target --no-shuffle --minimum-test-timeout 300 -- --lib --test it

.PHONY: bench
bench: build build-conformance ## Measure against peers and fail on a missed target (under 20 minutes; nothing else should run)
	$(step) 'benchmark'
	@$(NODE) bench/run.mjs

.PHONY: bench-full
bench-full: build build-conformance ## The same, with all that has no target (about an hour)
	$(step) 'benchmark, everything'
	@$(NODE) bench/run.mjs --full

.PHONY: bench-quick
bench-quick: build ## The same as a sample, as information (under a minute)
	$(step) 'benchmark, sample'
	@$(NODE) bench/run.mjs --quick

.PHONY: bench-refresh
bench-refresh: build ## Measure what a refresh costs at the gateway (under a minute)
	$(step) 'benchmark, refresh'
	@$(NODE) bench/refresh.mjs

.PHONY: bench-registry
bench-registry: build ## Measure the registry at 100,000 tokens, and count what it costs (under 10 minutes)
	$(step) 'benchmark, registry'
	@$(NODE) bench/registry.mjs

.PHONY: bench-native
bench-native: ## Measure the core's parts natively (about 2 minutes)
	$(step) 'benchmark, native'
	cargo bench --bench native

.PHONY: soak
soak: build ## Mixed load for half an hour, every answer checked (SOAK_SECONDS=n)
	$(step) 'soak'
	@$(NODE) bench/soak.mjs

.PHONY: campaign
campaign: build ## Race 10,000 revocations with requests, and refreshes with each other; fail the log and D1, kill the process (under 25 minutes; SEED=n)
	$(step) 'campaign: the promise of revocation'
	@$(NODE) tests/campaign/revocation.mjs
	$(step) 'campaign: one successor for each refresh token'
	@$(NODE) tests/campaign/sessions.mjs
	$(step) 'campaign: the registry while D1 is unreachable'
	@$(NODE) tests/campaign/registry.mjs

.PHONY: clean
clean: ## Remove what was built and the demo's state; the tools stay
	rm -rf build build-browser build-conformance build-npm-conformance build-release pkg/dist pkg/demo pkg/migrations pkg/www pkg/LICENSE pkg-create/LICENSE target tests/fuzz/target demo/.wrangler .wrangler

.PHONY: free-port
free-port:
	@scripts/free-port.sh $(PORT)
