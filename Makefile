# Commands for people: make run, make test, make check, make bench, make tour.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
UV := uv==0.13.9
# uv installs three times as fast as pip, which does it where uv cannot be had.
# The locked files name everything, so nothing is resolved anew (--no-deps).
install = { $(PIP) install $(UV) && $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r $(1); } \
	|| $(PIP) install --no-deps --require-hashes -r $(1)
lock = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--override requirements-override.in \
	--no-header --no-annotate $(1).in -o $(1).txt

.DEFAULT_GOAL := help
.PHONY: help run build test check check-python check-sql check-metrics bench mutants rooms tour lock format clean

help: ## Show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) (once, about half a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo "Installing the tools for tests and checks (once) ..."
	@$(call install,requirements-dev.txt)
	@touch $@

build: $(VENV)/.runtime ## Build both data sets from data/, if anything changed
	@$(BIN)/python -m metrics build
	@$(BIN)/python -m metrics build --dataset demo

run: $(VENV)/.runtime ## Set up, build and open the dashboard on http://localhost:8501
	@$(BIN)/python -m metrics build
	@$(BIN)/python -m metrics build --dataset demo > $(VENV)/demo.log 2>&1 &
	@echo "The demonstration is being built behind it, if anything changed ($(VENV)/demo.log)."
	@echo "The dashboard is on http://localhost:$(PORT) (this machine only). Stop it with Ctrl+C."
	@CX_LOADING=on CX_PREVIEW=on CX_TEAM=all $(BIN)/streamlit run app.py --server.port $(PORT) --server.address 127.0.0.1

test: $(VENV)/.dev ## Set up and run every test
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: check-python check-sql check-metrics ## Format, lint, types, SQL lint, metrics

check-python: $(VENV)/.dev
	@echo "Format ..." && $(BIN)/ruff format --check --quiet .
	@echo "Lint ..." && $(BIN)/ruff check --quiet .
	@echo "Walls between rooms ..." && { PYTHONPATH=. $(BIN)/lint-imports > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }; }
	@echo "Types ..." && $(BIN)/mypy

check-sql: $(VENV)/.dev
	@echo "Style of SQL ..." && $(BIN)/sqlfluff lint sql data/demo --disable-progress-bar --processes 2

check-metrics: $(VENV)/.dev
	@echo "Docs ..." && $(BIN)/python -m metrics docs --check
	@echo "Figures that ship, every metric and every check query ..." && $(BIN)/python -m metrics build
	@$(BIN)/python -m metrics check

bench: $(VENV)/.dev ## Measure, as ratios to a floor of the same run
	@$(BIN)/python -m tests.bench

mutants: $(VENV)/.dev ## Plant faults one by one; each must be caught by the test it names
	@$(BIN)/python -m tests.mutants "$(ARGS)"

rooms: $(VENV)/.dev ## Print which room of the code uses which, and draw it into docs/architecture.md
	@$(BIN)/python -m tests.rooms --write

tour: $(VENV)/.dev ## Take the pictures of docs/tour.md anew (needs Chromium)
	@$(BIN)/python -m tests.tour

lock: $(VENV)/.dev ## Write requirements*.txt anew from requirements*.in
	@$(call lock,requirements)
	@$(call lock,requirements-dev)

format: $(VENV)/.dev ## Format Python and SQL
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix sql data/demo --processes 2 --quiet

clean: ## Remove what make made (not the data in data/local)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
