PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help setup run up console runs redrive replay test test-browser matrix lint format clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## Run the pipeline on generated data, or on INPUT=dir; results go to OUTPUT=dir (output); CONSOLE=1 shows it in the browser
	python -m localcloud run $(if $(INPUT),--input "$(INPUT)") $(if $(OUTPUT),--output "$(OUTPUT)") $(if $(CONSOLE),--console)

up: setup ## Keep the account up for the aws command and boto3
	python -m localcloud up

console: setup ## Show runs, results and checks of the account that is up in the browser, or of a new one
	python -m localcloud console

runs: setup ## List the runs of the stack that the AWS environment variables lead to
	python -m operate runs

redrive: setup ## Go on with the last failed run, or with RUN=run-000042, from the step that failed
	python -m operate redrive $(RUN)

replay: setup ## Start a run for the objects that are in the bucket
	python -m operate replay

test: setup ## Run all tests, the whole pipeline among them
	python -m pytest

test-browser: setup ## Run the tests of the console in Chromium
	python -m pytest tests/browser

matrix: setup ## Let a run fail wherever it can, redrive it each time, and write docs/failure-matrix.md
	python -m pytest tests/pipeline/test_matrix.py -m matrix --table docs/failure-matrix.md
	@tail -n 1 docs/failure-matrix.md

lint: setup ## Check code, types and template
	ruff check
	ruff format --check
	mypy
	cd functions/start_pipeline && mypy --strict *.py
	cd functions/alert && mypy --strict *.py
	cd localcloud/glue/runtime && mypy --strict -p awsglue -p gluejob -m run_script -m fork_server
	cfn-lint template.yaml

format: setup ## Format the code
	ruff check --fix
	ruff format

setup: .venv/installed ## Install what the project needs into .venv

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@touch $@

clean: ## Remove what was installed, built and written
	rm -rf .venv .aws-sam output
