# Commonhold's tasks. Each does its own set-up on a Debian or Ubuntu machine that has Rust and Node.js,
# and is quick the second time.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CARGO := cargo
NEXTEST_VERSION := 0.9.143
export CARGO_TERM_COLOR ?= auto

.PHONY: help run test lint unit clients browser web web-check bench tools-run tools-web tools-test

help: ## say what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: tools-run web ## build everything and run a network of four members on this machine
	$(CARGO) build --locked --release --package commonhold
	exec target/release/commonhold up --samples

test: web lint web-check unit clients browser ## run every check and every test there is

lint: tools-run ## check form and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets

unit: tools-test ## run the Rust tests
	$(CARGO) nextest run --locked --workspace

# Built as the Rust tests build it: anything less has other features and would be compiled anew. The
# folder installs the clients' packages itself.
clients: tools-test ## run the tests that drive a network through Ethereum clients
	$(CARGO) nextest run --locked --workspace --no-run
	$(MAKE) --directory tests/clients test

# The web app: what nodes serve to browsers. Built anew when anything of it changed.
WEB_SOURCES := $(shell find web/src web/public web/scripts apps/*/web 2> /dev/null) \
	web/index.html web/package.json web/tsconfig.json web/vite.config.ts

web: web/dist/app/index.html ## build the web app

web/dist/app/index.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json | tools-web
	cd web && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund
	@ln -sfn ../web/node_modules apps/node_modules
	@touch $@

web-check: web ## check types, form and lints of the web app, and run its unit tests
	cd web && npm run --silent check && npm run --silent unit && npm run --silent sizes

browser: tools-test web ## run the web app in a browser against a running network
	$(CARGO) nextest run --locked --workspace --no-run
	cd web && npm run --silent browser

bench: tools-run ## measure, and print each figure with its limit and its peers
	bench/run.sh

# A C compiler is what the cryptographic libraries need besides Rust.
tools-run:
	@command -v cargo > /dev/null || { echo 'Rust is missing: see https://rustup.rs' >&2; exit 1; }
	@command -v cc > /dev/null || $(MAKE) --no-print-directory apt PACKAGES=build-essential

tools-web:
	@command -v npm > /dev/null || { echo 'Node.js is missing: see https://nodejs.org' >&2; exit 1; }

tools-test: tools-run tools-web
	@command -v chromium > /dev/null || $(MAKE) --no-print-directory apt PACKAGES=chromium
	@python3 -c 'import ensurepip, venv' 2> /dev/null || \
		$(MAKE) --no-print-directory apt PACKAGES=python3-venv
	@command -v mosquitto_pub > /dev/null || \
		$(MAKE) --no-print-directory apt PACKAGES=mosquitto-clients
	@$(CARGO) nextest --version > /dev/null 2>&1 || \
		$(CARGO) install --locked --version $(NEXTEST_VERSION) cargo-nextest

.PHONY: apt
apt:
	@root=; if [ "$$(id -u)" != 0 ]; then root=sudo; fi; \
	$$root apt-get update && $$root env DEBIAN_FRONTEND=noninteractive \
		apt-get install --yes --no-install-recommends $(PACKAGES)
