# Two commands do everything on a machine that has a Rust toolchain, CPython and pip: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The folders too: they change when a file goes.
SOURCES := $(shell find src python/gcrec -name __pycache__ -prune -o -print) Cargo.toml Cargo.lock pyproject.toml
CHECKED := python tests benchmarks scripts examples

.PHONY: demo test lint rust python truth types interpreters bench seeds seed clean

demo: $(VENV)/gcrec
	$(BIN)/gcrec demo

test: lint rust types python truth interpreters

# -- set-up -----------------------------------------------------------------------------------------------------------

# Debian's CPython may come without ensurepip: then its own pip puts one into the environment.
$(VENV)/made:
	$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m venv --clear --without-pip $(VENV) \
		&& $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(BIN)/pip install --quiet 'maturin>=1.9.4,<2'
	touch $@

# The one heavy build: the wheel serves the demo, the tests and every interpreter.
dist/made: $(VENV)/made $(SOURCES)
	rm -rf dist
	$(BIN)/maturin build --quiet --release --locked --out dist
	touch $@

$(VENV)/gcrec: dist/made
	$(BIN)/pip install --quiet --force-reinstall --no-deps dist/*.whl
	touch $@

$(VENV)/tools: $(VENV)/made tests/requirements.txt tests/requirements-checks.txt
	$(BIN)/pip install --quiet -r tests/requirements.txt -r tests/requirements-checks.txt
	touch $@

# Where the index does not have the SDK, its tests are skipped; the next run tries again.
$(VENV)/truth: $(VENV)/made tests/requirements-truth.txt
	-$(BIN)/pip install --quiet -r tests/requirements-truth.txt && touch $@

$(VENV)/truth-javascript: $(VENV)/made tests/truth/javascript/package.json
	-cd tests/truth/javascript && npm install --silent --no-audit --no-fund --no-package-lock && touch $(CURDIR)/$@

# -- the tests --------------------------------------------------------------------------------------------------------

lint: $(VENV)/tools
	$(BIN)/ruff check --quiet $(CHECKED)
	$(BIN)/ruff format --check --quiet $(CHECKED)
	$(BIN)/python scripts/derive_async_client.py --check
	cargo fmt --check
	cargo clippy --locked --all-targets --quiet -- -D warnings
	cargo clippy --locked --all-targets --quiet --no-default-features --features sim -- -D warnings

# All that does not link to Python. (What is in src/python is tested from Python.)
rust:
	cargo test --locked --quiet --no-default-features --features cli

python: $(VENV)/gcrec $(VENV)/tools
	$(BIN)/python -m pytest --ignore tests/truth

# The official SDKs, unmodified, against the simulator. What cannot be had here (the Python SDK; Node and its SDK) is
# skipped, and the reason is shown.
truth: $(VENV)/gcrec $(VENV)/tools $(VENV)/truth $(VENV)/truth-javascript
	$(BIN)/python -m pytest tests/truth -rsx

types: $(VENV)/gcrec $(VENV)/tools
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python -m mypy.stubtest gcrec --mypy-config-file pyproject.toml --allowlist tests/typing/stubtest-allowlist.txt

# The same wheel on every other CPython from 3.9 up that is installed here.
interpreters: dist/made
	$(PYTHON) scripts/test_interpreters.py

bench: $(VENV)/gcrec
	$(PYTHON) benchmarks/run.py

# Deterministic simulation: so many seeds, or one again with its story (`make seed SEED=123`).
SEEDS ?= 1000000
SEED ?= 0
DST := cargo test --locked --no-default-features --features sim --test it
seeds:
	GCREC_SEEDS=$(SEEDS) $(DST) --release dst::many -- --ignored --nocapture

seed:
	GCREC_SEED=$(SEED) $(DST) dst::replay -- --ignored --nocapture

clean:
	rm -rf $(VENV) .venvs dist benchmarks/.venv
	cargo clean --quiet
