# Homeroom. `make demo` to try it, `make test` to prove it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What one process has compiled the next need not: where this is set, each of the tests' workers would compile them all.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo demo-reset test prove bench lint schema lock

demo: $(VENV)/installed
	@$(BIN)/homeroom demo

demo-reset:
	@rm -rf .demo

# What is not compiled yet would be compiled by each worker, all at the same time.
test: $(VENV)/ready-to-test $(VENV)/neighbours
	@$(BIN)/python -m compileall -q -j 0 bot handlers models
	@$(BIN)/python -m tests.compiling
	@$(BIN)/python -m pytest -n auto --dist worksteal

prove: $(VENV)/ready-to-test
	@HOMEROOM_PROOFS=full $(BIN)/python -m pytest tests/proofs tests/models/test_reminder_year.py \
		tests/models/test_coursemerges.py tests/models/test_courseexports.py -s

bench: $(VENV)/ready-to-test
	@$(BIN)/python -m tests.benchmarks

lint: $(VENV)/ready-to-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# What is made from the models: models/schema.prisma, and the tables and the picture in docs/schema.md.
schema: $(VENV)/ready-to-test
	@$(BIN)/python -m tests.schema

# The lock files hold names, versions and hashes; run this after changing pyproject.toml.
lock:
	@$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv
	@$(VENV)-lock/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements.lock
	@$(VENV)-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements-dev.lock
	@rm -rf $(VENV)-lock

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Homeroom needs Python 3.11 or newer; name one with: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/made
	@echo "Installing what Homeroom needs (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/ready-to-test: requirements-dev.lock pyproject.toml | $(VENV)/installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/neighbours: tests/neighbours/prisma/package-lock.json | $(VENV)/ready-to-test
	@$(BIN)/python -m tests.neighbours.node
	@touch $@
