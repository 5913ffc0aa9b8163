PYTHON ?= python3
BIN := .venv/bin
GATES := .venv/gates/bin
TRANSLATED := .aws-sam/translated.json
export PATH := $(CURDIR)/$(BIN):$(PATH)
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help setup run up console runs redrive replay cost test test-browser test-sam-local test-sfn-docker mutants matrix \
	least-privilege bench lint lint-code lint-template format clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

cost: setup ## What the last run, or RUN=run-000042, costs on AWS, and a month of such runs
	python -m operate cost $(RUN)

test: setup ## Run all tests, the whole pipeline among them
	python -m pytest

test-browser: setup ## Run the tests of the console in Chromium
	python -m pytest tests/browser

test-sam-local: setup ## Send each event to its function with sam local, for those who have Docker
	python -m pytest tests/pipeline/test_sam_local.py -m docker

mutants: setup ## Change each field of the state machines in turn, and see some case of theirs fail
	python -m tests.statemachine.mutants

SFN_LOCAL := docker compose --file tests/statemachine/compose.yaml

test-sfn-docker: setup ## Run the state machines' cases on Step Functions Local, in Docker
	@docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1 || { \
		echo "make test-sfn-docker needs a Docker engine that is running and docker compose: 'docker info' or 'docker compose version' fails" >&2; exit 1; }
	trap '$(SFN_LOCAL) down' EXIT; $(SFN_LOCAL) up --detach --wait \
		&& python -m pytest tests/statemachine/test_cases.py --sfn-endpoint http://127.0.0.1:8083

matrix: setup ## Let a run fail wherever it can, redrive it each time, and write docs/failure-matrix.md
	python -m pytest tests/pipeline/test_matrix.py -m matrix --table docs/failure-matrix.md
	@tail -n 1 docs/failure-matrix.md

least-privilege: setup ## Take each permission out of its role, see a run fail, and write docs/least-privilege.md
	python -m pytest tests/pipeline/test_least_privilege.py -m privilege --table docs/least-privilege.md
	@tail -n 1 docs/least-privilege.md

bench: setup ## Measure speed, memory and cost against their aims: all, or PARTS="run jobs"; SIZES="1 10 100"; INPUT=dir for size 1
	python -m benchmarks $(PARTS) $(if $(SIZES),--size $(SIZES)) $(if $(INPUT),--input "$(INPUT)")

lint: ## Check code, types, template, state machines and workflow
	@$(MAKE) --no-print-directory --jobs=2 lint-code lint-template

lint-code: setup $(GATES)/installed
	ruff check
	ruff format --check
	mypy
	cd functions/start_pipeline && mypy --strict *.py
	cd functions/alert && mypy --strict *.py
	cd localcloud/glue/runtime && mypy --strict -p awsglue -p gluejob -m run_script -m fork_server
	$(GATES)/shellcheck .ci/run
	$(GATES)/zizmor --offline --quiet .github

lint-template: setup $(GATES)/installed
	@mkdir -p $(dir $(TRANSLATED))
	python -m gates.translate > $(TRANSLATED)
	cfn-lint template.yaml $(TRANSLATED)
	$(GATES)/python -m gates.states statemachine/*.asl.json
	$(GATES)/python -m gates.guard $(TRANSLATED)
	$(GATES)/checkov --file $(TRANSLATED) .github/workflows/*.yaml --framework cloudformation github_actions \
		--skip-download --quiet --compact

format: setup ## Format the code
	ruff check --fix
	ruff format

setup: .venv/installed ## Install what the project needs into .venv

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m localcloud.glue.class_archive
	@touch $@

$(GATES)/installed: gates/requirements.lock | setup
	$(BIN)/python -m venv .venv/gates
	$(GATES)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement gates/requirements.lock
	@touch $@

clean: ## Remove what was installed, built and written
	rm -rf .venv .aws-sam output
