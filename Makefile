# Two commands for a newcomer: `make demo` and `make test`. Nothing needs root; with root the test servers are installed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test install servers lint unit check bench screenshots lock clean

demo: install
	$(BIN)/mailbot demo

test: install servers lint check unit

install: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mailbot needs Python 3.11 or newer"; exit 2; }
	$(PYTHON) -m venv .venv || { echo "python3-venv is missing: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

servers: install
	$(BIN)/python -m tests.servers.install

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: install
	$(BIN)/mailbot rules check

unit: install
	$(BIN)/pytest

bench: install
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

# The pictures of docs/letters.md; needs Chromium.
screenshots: install
	$(BIN)/python -m tests.writing.screenshots

# Needs pip-tools. The lock holds hashes and names no registry.
lock:
	pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --extra demo --extra dev --extra einvoice --extra postgres -o requirements.lock pyproject.toml

clean:
	rm -rf .venv .cache demo-out .pytest_cache .mypy_cache .ruff_cache
