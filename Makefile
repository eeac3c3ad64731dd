# Commands for people: make run, make test, make check, make bench, make tour.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.DEFAULT_GOAL := help
.PHONY: help run build test check check-python check-sql check-metrics bench rooms tour format clean

help: ## Show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo "Installing the tools for tests and checks (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

build: $(VENV)/.runtime ## Build both data sets from data/, if anything changed
	@$(BIN)/python -m metrics build
	@$(BIN)/python -m metrics build --dataset demo

run: build ## Set up, build and open the dashboard on http://localhost:8501
	@echo "The dashboard is on http://localhost:$(PORT) (this machine only). Stop it with Ctrl+C."
	@CX_LOADING=on CX_PREVIEW=on CX_TEAM=all $(BIN)/streamlit run app.py --server.port $(PORT) --server.address 127.0.0.1

test: $(VENV)/.dev ## Set up and run every test
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: check-python check-sql check-metrics ## Format, lint, types, SQL lint, metrics

check-python: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports

check-sql: $(VENV)/.dev
	@$(BIN)/sqlfluff lint sql/aggregates sql/checks sql/macros sql/publish sql/tables data/demo --disable-progress-bar

check-metrics: $(VENV)/.dev
	@$(BIN)/python -m metrics build
	@$(BIN)/python -m metrics docs --check
	@$(BIN)/python -m metrics check

bench: $(VENV)/.dev ## Measure, as ratios to a floor of the same run
	@$(BIN)/python -m tests.bench

rooms: $(VENV)/.dev ## Print which room of the code uses which, and draw it into docs/architecture.md
	@$(BIN)/python -m tests.rooms --write

tour: $(VENV)/.dev ## Take the pictures of docs/tour.md anew (needs Chromium)
	@$(BIN)/python -m tests.tour

format: $(VENV)/.dev ## Format Python and SQL
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix sql data/demo --processes 2 --quiet

clean: ## Remove what make made (not the data in data/local)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
