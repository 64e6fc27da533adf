# What one does here. Every target does its own set-up; `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help demo test bench fmt lint openapi

# Passed on to the demo: make demo ARGS="--channels 100 --speed max"
ARGS ?=

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## run the whole loop on a simulated Telegram (ARGS="--help" shows how it can vary)
	@scripts/require.sh compiler
	cargo run --release --locked --package beseda -- demo $(ARGS)

test: ## run all tests, on SQLite and on a temporary PostgreSQL
	@scripts/require.sh compiler
	scripts/postgres.sh run -c max_connections=500 scripts/test.sh

bench: ## measure the queue beside another one, the whole pipeline, an idle tree, a thousand clients, and readers of the stream
	@scripts/require.sh compiler
	benches/run.sh

openapi: ## write the description of the API anew (http/openapi.json)
	@scripts/require.sh compiler
	cargo run --quiet --package beseda -- openapi > http/openapi.json

fmt: ## format all code
	cargo fmt --all
	cargo fmt --manifest-path benches/Cargo.toml

lint: ## check format, lints, scripts and documentation links
	@scripts/require.sh compiler
	cargo fmt --all --check
	cargo fmt --manifest-path benches/Cargo.toml --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
	scripts/shellcheck.sh
