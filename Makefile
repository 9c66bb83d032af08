# Two commands do everything on a machine that has a Rust toolchain, CPython and pip: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUST_SOURCES := $(shell find src -name '*.rs') Cargo.toml Cargo.lock pyproject.toml
PYTHON_SOURCES := $(shell find python -name '*.py' -o -name '*.pyi' -o -name 'py.typed')

.PHONY: demo test lint rust python types interpreters bench clean

demo: $(VENV)/gcrec
	$(BIN)/gcrec demo

test: lint rust types python interpreters

# -- set-up -----------------------------------------------------------------------------------------------------------

# Debian's CPython may come without ensurepip: then virtualenv makes the environment.
$(VENV)/made:
	$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m pip install --user virtualenv && $(PYTHON) -m virtualenv $(VENV); }
	$(BIN)/pip install --quiet 'maturin>=1.9.4,<2'
	touch $@

# The one heavy build: the wheel serves the demo, the tests and every interpreter.
dist/made: $(VENV)/made $(RUST_SOURCES) $(PYTHON_SOURCES)
	rm -rf dist
	$(BIN)/maturin build --quiet --release --locked --out dist
	touch $@

$(VENV)/gcrec: dist/made
	$(BIN)/pip install --quiet --force-reinstall --no-deps dist/*.whl
	touch $@

$(VENV)/tools: $(VENV)/made tests/requirements.txt tests/requirements-types.txt
	$(BIN)/pip install --quiet -r tests/requirements.txt -r tests/requirements-types.txt
	touch $@

# -- the tests --------------------------------------------------------------------------------------------------------

lint: $(VENV)/made
	cargo fmt --check
	cargo clippy --locked --all-targets --quiet -- -D warnings
	cargo clippy --locked --all-targets --quiet --no-default-features --features sim -- -D warnings

# Without Python, and with all that does not link to it. (What is in src/python is tested from Python.)
rust:
	cargo test --locked --quiet --no-default-features --features sim
	cargo test --locked --quiet --no-default-features --features cli

python: $(VENV)/gcrec $(VENV)/tools
	$(BIN)/python -m pytest

types: $(VENV)/gcrec $(VENV)/tools
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python -m mypy.stubtest gcrec --mypy-config-file pyproject.toml --allowlist tests/typing/stubtest-allowlist.txt

# The same wheel on every other CPython from 3.9 up that is installed here.
interpreters: dist/made
	$(PYTHON) scripts/test_interpreters.py

bench: $(VENV)/gcrec
	$(PYTHON) benchmarks/run.py

clean:
	rm -rf $(VENV) .venvs dist benchmarks/.venv
	cargo clean --quiet
