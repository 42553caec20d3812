# Everything a person or CI does here. `make help` lists it.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
UV := .tools/bin/uv
# Hashes, no index addresses, one file for Linux and macOS alike.
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

# Compiled modules lie in the project's own folders and halve the time to the first page.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help bootstrap bootstrap-dev run run-rasa run-jobs train check lint types test test-unit \
	test-integration test-calls test-dialogue test-e2e test-kills evaluate bench bench-desk bench-nlu explain \
	bench-telephony simulate-year migrate migration lock guide-check guide-format guide-book \
	twilio-setup twilio-check twilio-fallback weigh-words bench-safety

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile

bootstrap: ## Set up interpreters, packages and the sentence encoder
	@sh tools/bootstrap.sh app

bootstrap-dev: ## The same, with what tests and linters need
	@sh tools/bootstrap.sh dev

run: bootstrap ## Run the whole service; PORT=8001 make run moves it
	@$(PYTHON) -m app run

run-rasa: bootstrap ## Run Rasa alone (with its action server already running)
	@$(PYTHON) -m app rasa

run-jobs: bootstrap ## Run the job runner alone
	@$(PYTHON) -m app jobs

train: bootstrap ## Train Rasa's model now
	@$(PYTHON) -m app train

check: bootstrap-dev ## Before every commit: lint, types, guide and unit tests
	@$(PYTHON) tools/checks.py lint types guide unit

lint: bootstrap-dev ## ruff and the import contracts
	@$(PYTHON) tools/checks.py lint

types: bootstrap-dev ## mypy
	@$(PYTHON) tools/checks.py types

guide-check: bootstrap-dev ## Check every file of the guide and its training messages
	@$(PYTHON) tools/checks.py guide

guide-format: bootstrap ## Write every topic in the form that export writes
	@$(PYTHON) -m app format-guide

guide-book: bootstrap ## Render the guide as one page and one PDF in var/guide-book
	@$(PYTHON) -m app guide-book

test: bootstrap-dev ## Everything: linters, types, guide, training and every test
	@sh tools/install_chromium.sh
	@$(PYTHON) tools/checks.py lint types guide train tests

test-unit: bootstrap-dev ## Tests without database and network
	@$(PYTHON) tools/checks.py unit

test-integration: bootstrap-dev ## Tests on a real PostgreSQL
	@$(PYTHON) tools/checks.py integration

test-calls: bootstrap-dev ## Whole calls and texts against the carrier's stand-in
	@$(PYTHON) tools/checks.py calls

test-dialogue: bootstrap-dev ## Whole conversations through Rasa
	@$(PYTHON) tools/checks.py train dialogue

test-kills: bootstrap-dev ## Kill the processes 500 times and look what is lost; KILLS=50 for less
	@$(PYTHON) tools/kill_test.py --kills $(or $(KILLS),500)

test-e2e: bootstrap-dev ## Journeys in a real browser
	@sh tools/install_chromium.sh
	@$(PYTHON) tools/checks.py train e2e desk

evaluate: bootstrap ## Run messages as first messages: FILE=in.jsonl OUT=out.jsonl
	@test -n "$(FILE)" && test -n "$(OUT)" || { echo "Say FILE=in.jsonl OUT=out.jsonl."; exit 2; }
	@$(PYTHON) -m app evaluate "$(FILE)" "$(OUT)"

twilio-setup: bootstrap ## Point the helpline's number at this service; shows the changes and asks
	@$(PYTHON) -m app twilio-setup

twilio-check: bootstrap ## Check credentials, number and addresses at Twilio
	@$(PYTHON) -m app twilio-check

twilio-fallback: bootstrap ## Write what Twilio says by itself when this service is down
	@$(PYTHON) -m app twilio-fallback

bench-telephony: bootstrap-dev ## How fast texts are taken and calls answered, at 20 requests a second
	@$(PYTHON) -m tools.bench_telephony

simulate-year: bootstrap ## A year of 10,000 arrivals on a virtual clock; ARRIVALS=500 for less
	@$(PYTHON) -m app simulate-year --arrivals $(or $(ARRIVALS),10000)

bench: bootstrap-dev ## Performance table against a baseline taken in the same run
	@$(PYTHON) -m tools.bench

bench-desk: bootstrap-dev ## How fast the desk opens with a million messages stored
	@$(PYTHON) -m tools.bench_desk
weigh-words: bootstrap-dev ## Learn the weights of words that tell of danger from data/safety
	@PYTHONPATH=. $(PYTHON) tools/weigh_words.py

bench-safety: bootstrap-dev ## Is danger noticed? Writes docs/benchmarks/safety.md
	@PYTHONPATH=. $(PYTHON) tools/bench_safety.py

bench-nlu: bootstrap-dev ## Understanding beside four other ways, in docs/benchmarks/nlu.md; SEEDS=3 RASA=1
	@$(PYTHON) -m tools.bench_nlu --seeds $(or $(SEEDS),1) $(if $(RASA),--rasa)

explain: bootstrap ## Why a message is understood as it is: TEXT="he has not had his tablets"
	@test -n "$(TEXT)" || { echo 'Say TEXT="what the family wrote".'; exit 2; }
	@$(PYTHON) -m app explain "$(TEXT)"

migrate: bootstrap ## Bring the tables to the newest revision
	@$(PYTHON) -m app migrate

migration: bootstrap ## Write the next numbered migration: NAME="add shift notes"
	@test -n "$(NAME)" || { echo 'Say NAME="what it changes".'; exit 2; }
	@$(PYTHON) -m app migration "$(NAME)"

lock: bootstrap ## Pin the newest allowed versions; ARGS=--upgrade to move them
	@$(COMPILE) --python-version 3.9 $(ARGS) -o requirements/tools.txt requirements/tools.in
	@$(COMPILE) --python-version 3.12 $(ARGS) -o requirements/app.txt requirements/app.in
	@$(COMPILE) --python-version 3.12 $(ARGS) -o requirements/dev.txt requirements/dev.in
	@$(COMPILE) --python-version 3.10 $(ARGS) -o requirements/rasa.txt requirements/rasa.in
