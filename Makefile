# Meigara. `make help` lists the verbs.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header
RUN_STAMP := $(VENV)/run.stamp
DEV_STAMP := $(VENV)/dev.stamp
BYTECODE_STAMP := $(VENV)/bytecode.stamp
DEMANDS := pyproject.toml requirements/run.lock
SOURCES := $(shell find src -name '*.py' 2>/dev/null)

# uv trusts what the machine trusts: behind a proxy its own authority counts as well.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this list
	@echo 'Meigara 銘柄へようこそ。まず make run をお試しください。 Start with: make run'
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) \
		| awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'
	@echo
	@echo 'Another Python: make PYTHON=python3.12 …   Another port: make run PORT=8001'

.PHONY: run
run: setup ## Serve the pages with a list: with a key from J-Quants, else an invented market
	@$(BIN)/meigara serve --fill --port $(PORT)

.PHONY: sync
sync: setup ## Do one sync from J-Quants and end
	@$(BIN)/meigara sync

.PHONY: simulate
simulate: setup ## Serve an invented market as J-Quants would
	@$(BIN)/meigara simulate

.PHONY: cluster
cluster: setup-dev setup-system ## Run web, workers and beats with PostgreSQL and Redis on this machine
	@$(BIN)/python -m scripts.cluster

.PHONY: setup
setup: $(RUN_STAMP) $(BYTECODE_STAMP) ## Install the program; the command is then .venv/bin/meigara

.PHONY: setup-dev
setup-dev: $(DEV_STAMP) $(BYTECODE_STAMP) ## Install the program and what its tests need

.PHONY: setup-system
setup-system: ## Install the servers that the tests need (root on Debian; elsewhere say so)
	@scripts/setup-system

.PHONY: test
test: setup-dev setup-system ## Run all tests, with real servers
	@scripts/run-tests $(BIN)/python

.PHONY: test-fast
test-fast: setup-dev ## Run the tests that need no server
	@$(BIN)/python -m pytest tests/unit tests/property tests/house

.PHONY: test-node
test-node: setup-dev ## Judge the OpenAPI document and call the API from TypeScript (needs npm)
	@TESTS_NODE=1 $(BIN)/python -m pytest tests/contract/test_node.py

.PHONY: lint
lint: setup-dev ## Check style, types, the direction of imports and that each is declared
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry src
	@$(BIN)/deptry tests benchmarks scripts --ignore DEP002,DEP004

.PHONY: format
format: setup-dev ## Bring the code into the house style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: bench
bench: setup-dev setup-system ## Measure speed, memory and writes beside a baseline and the floor
	@$(BIN)/python -m benchmarks

.PHONY: soak
soak: setup-dev setup-system ## Simulate 10,000 slots of the schedule with crashes and jumping clocks
	@$(BIN)/python -m tests.soak

.PHONY: freeze
freeze: setup-dev setup-system ## Freeze each part of a cluster for a minute and measure who waits
	@$(BIN)/python -m tests.freeze

.PHONY: screenshots
screenshots: setup-dev setup-system ## Take the pictures of the pages that the README shows
	@$(BIN)/python -m scripts.screenshots

.PHONY: messages
messages: setup-dev ## Bring the catalogue of Japanese messages up to date
	@$(BIN)/python -m scripts.messages

.PHONY: docs
docs: setup-dev ## Write docs/cli.md from the help texts
	@$(BIN)/python -m scripts.reference

.PHONY: lock
lock: $(UV) ## Choose the newest dependencies again and write the lock files
	@$(COMPILE) --upgrade requirements/setup.in -o requirements/setup.lock
	@$(COMPILE) --upgrade requirements/build.in -o requirements/build.lock
	@$(COMPILE) --upgrade pyproject.toml --group dev -o requirements/dev.lock
	@$(COMPILE) pyproject.toml --constraint requirements/dev.lock -o requirements/run.lock

.PHONY: clean
clean: ## Remove what was installed or built here; your data stays
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV): requirements/setup.lock
	@scripts/make-venv $(PYTHON) $(VENV)

# dev.lock holds all of run.lock: once it is installed, `make run` keeps to it.
$(RUN_STAMP): $(DEMANDS) $(UV)
	@scripts/install $(VENV) requirements/$(if $(wildcard $(DEV_STAMP)),dev,run).lock
	@touch $@ $(wildcard $(DEV_STAMP))

$(DEV_STAMP): $(DEMANDS) requirements/dev.lock $(UV)
	@scripts/install $(VENV) requirements/dev.lock
	@touch $@ $(RUN_STAMP)

# Compiled ahead, because the environment may keep Python from storing bytecode by itself.
$(BYTECODE_STAMP): $(SOURCES) $(UV)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q src/meigara
	@touch $@
