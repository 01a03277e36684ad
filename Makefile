# The two commands: `make warehouse` and `make test`. They need python3, pip, make and git.
# Tests take WORKERS (processes) and PYTEST (more of pytest's options): make test WORKERS=4 PYTEST="-k mirror"

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
SPARK_VENV := .venv-spark
SPARK_STAMP := $(SPARK_VENV)/.set-up
WORKERS ?= 3
PYTEST ?=
# A file's tests stay together, since they share what they build
TESTS := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 20 $(PYTEST)
# SQL is linted as dbt compiles it, against two empty files
SQRUFF := REE_DBT_CANDIDATE="$$PWD/$(VENV)/lint/rare_earths.duckdb" REE_DBT_WORK="$$PWD/$(VENV)/lint/work.duckdb" $(BIN)/sqruff

.PHONY: warehouse test test-fast test-slow test-all test-long coverage setup dev serve demo-live bi-demo spark \
	spark-panel spark-setup check check-python check-sql format hooks lock clean

warehouse: setup ## Build and publish the warehouse from the bundled snapshot, offline
	@$(BIN)/ree build

test: setup ## Run the tests of an everyday change
	@$(TESTS) -m "not slow and not spark and not long"

test-fast: setup ## Run the quick tests that need no built warehouse: units, contracts
	@$(TESTS) -m "not home and not thorough and not slow and not spark and not long" tests/unit tests/publishers

test-slow: setup ## Run what `make test` leaves out: whole commands, live publishers, crashes, serving
	@$(TESTS) -m "slow and not long"

test-all: setup ## Run all of these, and compare the bundle's facts on Spark with DuckDB's if there is Java
	@$(TESTS) -m "not long"

test-long: setup ## Run what takes hours, by hand or at night
	@$(TESTS) -m long

coverage: setup ## Run the tests of an everyday change and report lines they never reach
	@$(TESTS) -m "not slow and not spark and not long" --cov --cov-report term-missing:skip-covered

setup: $(STAMP) ## Create .venv from the hash-pinned lock

$(STAMP): requirements.lock requirements-uv.txt pyproject.toml
	@echo "Setting up $(VENV) from requirements.lock …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@UV_COMPILE_BYTECODE=1 $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

PORT := 3000
SPARK_TO := var/spark
spark: spark-setup warehouse ## Build the bundle's facts on Spark too, to SPARK_TO, and compare each with DuckDB's; needs Java
	@$(SPARK_VENV)/bin/ree spark --to $(SPARK_TO) --table core --compare

spark-panel: spark-setup warehouse ## The same of a panel of a million raw rows, on both engines
	@$(SPARK_VENV)/bin/python -m benchmarks.spark_panel $${REE_HOME:-var} $(SPARK_TO)-panel

spark-setup: setup $(SPARK_STAMP) ## Create .venv-spark, an environment of its own: pyspark has 400 MB

$(SPARK_STAMP): deploy/spark/requirements.lock pyproject.toml
	@echo "Setting up $(SPARK_VENV) from deploy/spark/requirements.lock …"
	@$(PYTHON) -m venv $(SPARK_VENV)
	@UV_COMPILE_BYTECODE=1 $(BIN)/uv pip sync --quiet --python $(SPARK_VENV)/bin/python --require-hashes deploy/spark/requirements.lock
	@$(BIN)/uv pip install --quiet --python $(SPARK_VENV)/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

dev: setup ## Open Dagster's UI on http://localhost:3000, or another port with PORT=3001
	@home="$$($(BIN)/ree prepare)" && DAGSTER_HOME="$$home" $(BIN)/dagster dev -m orchestration.definitions -p $(PORT)

serve: setup ## Run Dagster's daemon and web server for unattended operation, on PORT
	@$(BIN)/ree serve --port $(PORT)

demo-live: setup ## Simulate the publishers on this machine: a new month, a revised figure, a fault and its repair
	@$(BIN)/python -m tests.fakes.demo

SUPERSET := .venv-superset
bi-demo: PORT := 8088
bi-demo: setup $(SUPERSET)/.set-up ## Open a Superset dashboard of the release on http://localhost:8088, or another PORT
	@$(BIN)/python deploy/superset/demo.py --superset $(SUPERSET) --port $(PORT)

$(SUPERSET)/.set-up: deploy/superset/requirements.lock | $(STAMP)
	@echo "Setting up $(SUPERSET) from deploy/superset/requirements.lock …"
	@$(PYTHON) -m venv $(SUPERSET)
	@$(BIN)/uv pip sync --quiet --python $(SUPERSET)/bin/python --require-hashes deploy/superset/requirements.lock
	@touch $@

check: check-python check-sql ## Format, lint, imports between packages, types, SQL lint; with -j2 at once

check-python: setup ## Format, lint, imports between packages and types of Python
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/mypy

SQL := dbt_project
check-sql: setup ## Lint SQL: all of it, or the files of SQL="a.sql b.sql"
	@mkdir -p $(VENV)/lint
	@$(SQRUFF) lint $(SQL)

format: setup ## Format Python and SQL
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@mkdir -p $(VENV)/lint
	@$(SQRUFF) fix dbt_project

hooks: setup ## Install the git hooks of .pre-commit-config.yaml
	@$(BIN)/pre-commit install

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --quiet

lock: setup ## Renew the locks from pyproject.toml, and that of Superset
	@$(BIN)/$(COMPILE) pyproject.toml --group dev --output-file requirements.lock
	@$(BIN)/$(COMPILE) --group bootstrap --output-file requirements-uv.txt
	@$(BIN)/$(COMPILE) deploy/superset/requirements.in --output-file deploy/superset/requirements.lock
	@$(BIN)/$(COMPILE) pyproject.toml --extra spark --group spark --constraint requirements.lock \
		--output-file deploy/spark/requirements.lock

clean: ## Remove the environments; the warehouse under REE_HOME stays
	@rm -rf $(VENV) $(SUPERSET) $(SPARK_VENV)
