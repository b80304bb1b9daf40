# Everything a user needs: run, test, test-all, ui, bench. Each sets up what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 3000
STORMLANTERN_HOME ?= $(CURDIR)/data
export STORMLANTERN_HOME

.PHONY: setup run test test-all ui bench lint format lock clean

setup: $(VENV)/.ready

# uv is itself installed from a pinned, hashed line of the lock file; it then installs the rest, and compiles it at
# once: some machines forbid Python to keep what it compiles, and every start would then take seconds.
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Stormlantern needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages"
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.lock
	@$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@$(BIN)/python -m compileall -q assets pipelines quality simulation warehouse
	@touch $@

run: setup
	@$(BIN)/stormlantern run --operation demonstration

test: setup
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-all: setup
	@$(BIN)/python -m pytest -m "slow or not slow"

ui: setup
	@DAGSTER_HOME=$$($(BIN)/python -m pipelines.instance) \
	  env --default-signal=INT,TERM,HUP $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p $(PORT)

bench: setup
	@$(BIN)/python -m benchmarks

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Resolve again after a change of pyproject.toml.
lock: setup
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header \
	  --output-file requirements.lock --quiet

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
