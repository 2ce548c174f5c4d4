# Greenroom: `make run` starts it, `make test` tests it, `make help` lists the rest.
# Every target sets up what it needs; nothing has to be installed or activated first.

PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
JOBS ?= auto
PROCESSES ?= 1
THREADS ?= 4
WORKERS ?= 0
ARGS ?=
CONFORMANCE_KIT ?= ../shared/conformance

BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
BASE := $(VENV)/.base-installed
DEV := $(VENV)/.dev-installed
BYTECODE := $(VENV)/.bytecode-written

# What make knows of C and Fortran it would try on every module below: a fifth of a second.
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.PHONY: help dev run serve worker migrate test lint format types imports migrations deploy-check check \
	conformance bench docs pictures messages lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- running -------------------------------------------------------------------------------------

run: $(BASE) ## Start the portal for development, on HOST and PORT
	@exec $(MANAGE) runserver --migrate $(HOST):$(PORT)

serve: export PORTAL_ENV ?= production
serve: $(BASE) $(BYTECODE) ## Start the portal as in production, on HOST and PORT
	@exec $(MANAGE) serve --host $(HOST) --port $(PORT) --processes $(PROCESSES) --threads $(THREADS) \
		--workers $(WORKERS)

worker: export PORTAL_ENV ?= production
worker: $(BASE) $(BYTECODE) ## Run background work in a process of its own
	@exec $(MANAGE) worker

migrate: $(BASE) ## Create and migrate every plugin's database
	@$(MANAGE) migrate

# --- checking ------------------------------------------------------------------------------------

dev: $(DEV) ## Install what tests and checks need; the targets below do so by themselves
	@:

test: $(DEV) ## Run the tests; ARGS="tests/portal -k cache" narrows them
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

lint: $(DEV) ## Check style and layout
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(DEV) ## Lay the code out and repair what can be repaired
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(DEV) ## Check the types
	@$(BIN)/mypy

imports: $(DEV) ## Check who may import whom
	@$(BIN)/lint-imports --no-logo

migrations: $(DEV) ## Check that no migration is missing
	@$(MANAGE) makemigrations --check --dry-run

deploy-check: $(DEV) ## Check the production settings, with example values for what comes from the environment
	@env PORTAL_ENV=production PORTAL_CONFIG=app-config.yaml:app-config.production.yaml \
		APP_BASE_URL=https://portal.example.com POSTGRES_HOST=db.example.com POSTGRES_USER=portal \
		POSTGRES_PASSWORD=example REDIS_URL=redis://cache.example.com SOURCE_HOST=git.example.com \
		PORTAL_CI_TOKEN=example-token-1 PORTAL_ADMIN_TOKEN=example-token-2 \
		CATALOG_ROOT_URL=https://git.example.com/catalog-info.yaml \
		$(MANAGE) check --deploy --fail-level WARNING

check: lint types imports migrations deploy-check test ## Everything that CI checks

conformance: $(DEV) ## Ask the portal what a Backstage was asked; SECTION=entity,facets narrows it
	@$(BIN)/python -m bench.conformance --kit $(CONFORMANCE_KIT) $(if $(SECTION),--section $(SECTION)) $(ARGS)

bench: $(DEV) $(BYTECODE) ## Measure catalog and pages; SIZE, DATABASE, ONLY and BASE_URL say what; ARGS=--help lists all
	@$(BIN)/python -m bench $(if $(SIZE),--size $(SIZE)) $(if $(DATABASE),--database $(DATABASE)) \
		$(if $(ONLY),--only $(ONLY)) $(if $(BASE_URL),--base-url $(BASE_URL)) $(ARGS)

# --- upkeep --------------------------------------------------------------------------------------

docs: $(DEV) ## Write the generated reference pages anew
	@$(MANAGE) reference

pictures: $(DEV) ## Take the pictures in docs/images anew; needs Chromium
	@$(BIN)/python -m tests.journeys.pictures

# Needs GNU gettext (Debian: gettext), which nobody needs who only runs the portal: what is compiled is committed.
messages: $(DEV) ## Collect what shell and plugins say into their locale/, and compile the translations
	@rm -rf var/messages && mkdir -p var/messages/locale && cp -r templates portal var/messages
	@rm -rf var/messages/portal/locale var/messages/portal/plugins var/messages/portal/management
	@cp -r portal/locale/. var/messages/locale
	@for place in var/messages $(patsubst %/locale,%,$(wildcard apps/*/locale)); do \
		(cd $$place && $(abspath $(BIN))/django-admin makemessages --all --no-location --no-obsolete --no-wrap) || exit 1; \
	done
	@cp -r var/messages/locale/. portal/locale && rm -rf var/messages
	@sed -i -e '/^"POT-Creation-Date/d' -e '/^"Report-Msgid-Bugs-To/d' portal/locale/*/*/django.po apps/*/locale/*/*/django.po
	@rm -f portal/locale/*/*/django.mo apps/*/locale/*/*/django.mo
	@for place in portal $(patsubst %/locale,%,$(wildcard apps/*/locale)); do \
		(cd $$place && $(abspath $(BIN))/django-admin compilemessages) || exit 1; \
	done

lock: $(DEV) ## Resolve the dependencies anew; ARGS=--upgrade takes the newest
	@$(BIN)/uv pip compile pyproject.toml -o requirements/dev.lock --all-extras --group dev $(COMPILE) $(ARGS)
	@$(BIN)/uv pip compile pyproject.toml -o requirements/base.lock $(EXTRAS) $(COMPILE) $(ARGS) \
		--constraint requirements/dev.lock

# What `make run` and `make serve` bring along: databases and caches, which only need a URL then. Clients of
# clouds are large, and most portals read from none or from one.
EXTRAS := --extra postgres --extra redis --extra memcached --extra srv
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean: ## Remove the environment and the caches; data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -----------------------------------------------------------------------------
# uv installs in seconds where it is present; plain pip does the same from the same files. Bytecode is what pip
# compiles by itself; without it each start takes seconds longer wherever the environment can't be written to.

INSTALL = { command -v uv >/dev/null 2>&1 && \
	uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(1); } || \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Greenroom needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(BASE): requirements/base.lock | $(BIN)/python
	@echo "Installing what the portal needs into $(VENV) …"
	@$(call INSTALL,$<)
	@touch $@

$(DEV): requirements/dev.lock $(BASE)
	@echo "Installing what tests and checks need into $(VENV) …"
	@$(call INSTALL,$<)
	@touch $@

# The portal's own. Python writes it by itself, but not where PYTHONDONTWRITEBYTECODE is set, as in many containers.
$(BYTECODE): $(BASE) $(shell find portal apps -name '*.py')
	-@$(BIN)/python -m compileall -q portal apps && touch $@
