# Everything runs in .venv, made from the lock files; a stamp in it says what is up to date, so second runs start at once.
PYTHON ?= python3
UV ?= uv
ARGS ?=

venv := .venv
bin := $(venv)/bin
pip := $(bin)/python -m pip --disable-pip-version-check -qq
locking := pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help demo test test-keyring test-faults test-hostile fuzz check format bench documents wheelhouse sbom lock clean

help: ## What there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(venv)/.runtime ## Set up and open the program on an invented Kingshurst (ARGS="--people 500" and so on)
	@$(bin)/kingshurst demo $(ARGS)

test: $(venv)/.dev ## Set up and run every test (ARGS="tests/intake -x" narrows it)
	@$(bin)/python -m pytest -q -n 3 --dist worksteal $(ARGS)

test-faults: $(venv)/.dev ## 10,000 power losses, a fault at every call to the disk, every page altered: an hour (ARGS=--thinned: a quarter)
	@$(bin)/python -m tests.faults $(ARGS)

test-keyring: $(venv)/.dev ## Test the second factor against a real Secret Service; says so where it cannot
	@tests/keyring/run.sh $(bin)/python $(ARGS)

test-hostile: $(venv)/.dev ## 2,000 hostile strings on each screen in a real terminal, every role: three quarters of an hour
	@KINGSHURST_HOSTILE=2000 $(bin)/python -m pytest -q -n 0 -s tests/screens/test_hostile_store.py $(ARGS)

fuzz: $(venv)/.dev ## Fuzz each reader of strangers' bytes for a minute (ARGS="--seconds 600 --only header")
	@HYPOTHESIS_PROFILE=deep $(bin)/python -m tests.fuzz $(ARGS)

check: $(venv)/.dev ## Lint, types, and who may import whom
	@$(bin)/ruff check .
	@$(bin)/ruff format --check --quiet .
	@$(bin)/mypy
	@$(bin)/lint-imports --no-logo

format: $(venv)/.dev ## Lay the code out as ruff does
	@$(bin)/ruff check --fix .
	@$(bin)/ruff format .

bench: $(venv)/.dev .bench/.peers ## Run the measurements of benchmarks/ (ARGS="first_paint" for one)
	@$(bin)/python -m benchmarks $(ARGS)

documents: $(venv)/.dev ## Write the keys, the roles and the picture of the documents again from the program
	@$(bin)/python docs/write_tables.py
	@$(bin)/python docs/make_picture.py

wheelhouse: $(venv)/.runtime ## Collect the program and all it needs for a terminal that has no network
	@rm -rf wheelhouse
	@$(pip) wheel --require-hashes --no-deps --wheel-dir wheelhouse -r requirements.lock
	@$(pip) wheel --no-deps --no-build-isolation --wheel-dir wheelhouse .
	@cp requirements.lock wheelhouse/
	@echo "wheelhouse/: $$(ls wheelhouse/*.whl | wc -l) wheels for $$($(PYTHON) -c 'import platform, sys; print(platform.system(), platform.machine(), "Python %d.%d" % sys.version_info[:2])')"
	@echo "install there with: pip install --no-index --find-links wheelhouse kingshurst"

sbom: $(venv)/.dev ## Write what the program is made of as CycloneDX JSON: dist/kingshurst.cdx.json
	@$(bin)/python tools/bill_of_materials.py dist/kingshurst.cdx.json

lock: ## Write the lock files again from pyproject.toml (needs uv); no index address goes into them
	@$(UV) $(locking) pyproject.toml -o requirements.lock
	@$(UV) $(locking) --group dev -c requirements.lock -o requirements-dev.lock
	@sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml | $(UV) $(locking) - -o requirements-build.lock

clean: ## Remove what make made
	@rm -rf $(venv) .bench wheelhouse build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(venv)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "Kingshurst needs Python 3.11 or newer on the PATH." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kingshurst needs Python 3.11 or newer; this is $$($(PYTHON) --version)." >&2; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv $(venv)

$(venv)/.runtime: $(venv)/pyvenv.cfg requirements.lock requirements-build.lock pyproject.toml
	@echo "Installing what the program needs ..."
	@$(pip) install --require-hashes -r requirements.lock -r requirements-build.lock
	@$(pip) install --no-deps --no-build-isolation --editable .
	@touch $@

$(venv)/.dev: $(venv)/.runtime requirements-dev.lock
	@echo "Installing what the tests and checks need ..."
	@$(pip) install --require-hashes -r requirements-dev.lock
	@touch $@

.bench/.peers: benchmarks/requirements-peers.txt
	@echo "Installing the programs that the benchmarks compare with ..."
	@$(PYTHON) -m venv .bench/venv
	@.bench/venv/bin/python -m pip --disable-pip-version-check -qq install -r benchmarks/requirements-peers.txt
	@touch $@
