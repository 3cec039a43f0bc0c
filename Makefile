# Every recipe is one script of scripts/, which set up what is missing first. Nothing here runs
# when the file is read: on a fresh machine there is no environment yet to ask.
PYTHON ?= python3
NO_PYTHON = Python 3.11 or newer is needed. Debian, Ubuntu: sudo apt install python3 python3-venv
SCRIPT = @command -v $(PYTHON) >/dev/null || { echo "$(NO_PYTHON)" >&2; exit 1; }; \
	exec $(PYTHON) scripts/launch.py

.DEFAULT_GOAL := help
.PHONY: help run test gate test-all test-postgres test-studio check key demo bench shots previews contact-sheet model-tables fmt setup lock wheel

help: ## this menu
	@$(PYTHON) scripts/menu.py

run: ## set up and start Reelgraph; Ctrl-C stops it (PORT=8001 for another port)
	$(SCRIPT) run

test: ## the short tier, six minutes (T="tests/unit -k words" for a part)
	$(SCRIPT) suite

check: ## lint, format, types, layers, migrations, then make test
	$(SCRIPT) check

gate: ## what CI runs beside make check: the tests that tests/gate.txt lists
	$(SCRIPT) gate

test-all: ## the other tests and all examples, two hours (PART=browser, slow, storms, postgres)
	$(SCRIPT) test_all

test-postgres: ## the integration tests once more, on a throw-away Postgres
	$(SCRIPT) test_postgres

key: ## a new API key for a person, created if needed (USER=alice; without it, for the owner)
	$(SCRIPT) key
export KEY_USER
# USER is set in everybody's environment: only one written on the command line counts.
key: KEY_USER := $(or $(if $(filter command,$(origin USER)),$(USER)),owner)

demo: ## people, remixes, reports and runs to look around in (on your own machine only)
	$(SCRIPT) demo

bench: ## measure; prints a table and writes bench.json
	$(SCRIPT) bench

shots: ## photograph again what README and docs show (T="--out FOLDER" for all pages)
	$(SCRIPT) shots

previews: ## render previews of the samples that changed (T=--all for all of them)
	$(SCRIPT) previews

contact-sheet: ## what every tool of the studio makes, as pictures in contact-sheet/
	$(SCRIPT) contact_sheet

model-tables: ## rows of models whose prices or proofs are older than 90 days
	$(SCRIPT) model_tables

test-studio: ## the studio's tests alone, without Django (T="-k speech" for a part)
	$(SCRIPT) test_studio

fmt: ## format the code and fix lint errors
	$(SCRIPT) fmt

setup: ## install everything without starting anything
	$(SCRIPT) setup

wheel: ## build the installable wheel into dist/
	$(SCRIPT) wheel

lock: ## regenerate requirements/*.txt from requirements/*.in (needs uv)
	$(SCRIPT) lock
