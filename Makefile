# `make demo` and `make test` are all a newcomer needs. Everything is installed into .venv, nothing outside of it, except
# Chromium for the browser's tests where it is missing and apt-get is there to bring it.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 3
# A directory that `make wheelhouse` filled on a machine with a network: everything is installed from there, and nothing
# else is asked.
WHEELHOUSE ?=
PIP := $(BIN)/pip --quiet --disable-pip-version-check
INSTALL := $(PIP) install $(if $(WHEELHOUSE),--no-index --find-links "$(WHEELHOUSE)")
# Without compiled files every process of the suite compiles everything once more.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo wheelhouse test lint types check unit verify bench screens tour clicks lighthouse format clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "} {printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.python:
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is not there. Python 3.11 or newer is needed." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; %s is %s. Try: make $(MAKECMDGOALS) PYTHON=python3.12" % (sys.executable, sys.version.split()[0]))'
	@"$(PYTHON)" -m venv $(VENV) || { echo "The venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.txt
	$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(INSTALL) -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.runtime ## Set everything up and serve the app in sandbox mode on http://127.0.0.1:8000
	@exec $(BIN)/python manage.py demo

wheelhouse: $(VENV)/.python ## Bring what `make demo WHEELHOUSE=wheelhouse` installs without a network
	$(PIP) wheel --wheel-dir "$(or $(WHEELHOUSE),wheelhouse)" -r requirements.txt
	@echo "Copy it with the project to a machine of this kind, with this Python, and there: make demo WHEELHOUSE=wheelhouse"

# One process compiles the tests (the first time that takes half a minute of a processor) while style is looked at, and
# types are looked at beside the tests: each has times when it keeps one processor only.
test: $(VENV)/.dev ## Set everything up and run lint, types and tests, the browser's too
	@$(BIN)/pytest --collect-only -qq >/dev/null 2>&1 & compiled=$$!; \
	$(MAKE) --no-print-directory lint || exit 1; \
	$(MAKE) --no-print-directory types check >$(VENV)/types.log 2>&1 & beside=$$!; \
	wait $$compiled; $(MAKE) --no-print-directory unit; tests=$$?; \
	wait $$beside; types=$$?; cat $(VENV)/types.log; exit $$((tests || types))

lint: $(VENV)/.dev ## Style, which package may import which, and what nobody uses
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --check templates templates/icons/*.svg
	$(BIN)/djangofmt --check --profile jinja sandbox/idp/templates
	$(BIN)/djangofmt check templates
	$(BIN)/djangofmt check --profile jinja sandbox/idp/templates
	$(BIN)/lint-imports
	$(BIN)/python scripts/dead_code.py

types: $(VENV)/.dev ## mypy --strict
	$(BIN)/mypy .

check: $(VENV)/.dev ## Django's system checks, and that no migration is missing
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

unit: $(VENV)/.dev
	@scripts/chromium
	$(BIN)/pytest -n $(PYTEST_WORKERS) --dist worksteal -m "not slow"

verify: $(VENV)/.dev ## What is slow or needs more: a newer Python, PostgreSQL, Node, AWS CLI, fuzzing
	@scripts/chromium
	scripts/verify

bench: $(VENV)/.dev ## Benchmarks, as ratios from one run
	$(BIN)/python -m benchmarks

screens: $(VENV)/.dev ## Pictures of every page and state, both themes, three sizes, into screenshots/
	@scripts/chromium
	$(BIN)/pytest -q tests/journeys/screens.py -k pictures && echo "Look at screenshots/index.html"

tour: $(VENV)/.dev ## The six pictures of README, into docs/images/
	@scripts/chromium
	$(BIN)/pytest -q tests/journeys/screens.py -k tour

clicks: $(VENV)/.dev ## How many clicks each path takes, and how far down what people look for begins
	@scripts/chromium
	$(BIN)/pytest -q -s tests/journeys/test_clicks_and_pixels.py

lighthouse: $(VENV)/.dev ## Lighthouse on five pages, the median of five runs
	@scripts/chromium
	@cd tests/journeys/node && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	$(BIN)/pytest -q -s tests/journeys/lighthouse.py

format: $(VENV)/.dev ## Rewrite the files the way `make lint` wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt check --fix templates
	$(BIN)/djangofmt templates templates/icons/*.svg
	$(BIN)/djangofmt --profile jinja sandbox/idp/templates

clean: ## Remove what was installed and cached; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis node_modules staticfiles
