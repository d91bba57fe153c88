# Everything a contributor runs. `make` alone lists it.

# The Python an existing .venv was made with stays until another one is named: make setup PYTHON=python3.13
PYTHON ?= $(shell made="$$(sed -n 's/^executable = //p' .venv/pyvenv.cfg 2>/dev/null)"; \
	if [ -x "$$made" ]; then echo "$$made"; else echo python3; fi)
BIN := .venv/bin
SOURCES := shared services tools tests bench requirements
# What tests need beside Python packages: it is found, got where that can be, and named for the command.
WITH_PROGRAMS = $(BIN)/python requirements/machine.py
# Extras that deploy/Dockerfile installs, each with a lock of its own, in the versions the tests run with.
IMAGES := gateway cabinet sync-worker monitor
COMPILE := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help python setup demo run test tests-of faults screenshots fuzz week mutate check format words bench lock clean

help: ## List what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: python ## Make or mend .venv: the locked packages and the crmap command (PYTHON=… names another Python)
	@"$(PYTHON)" requirements/install.py .venv requirements/dev.txt --with-project

demo: setup ## Show everything on this machine with pretend portals (Ctrl-C stops it; ARGS=--check goes through it once)
	@$(BIN)/crmap demo $(ARGS)

run: setup ## Run everything on this machine for real portals, with the data in ./data (Ctrl-C stops it)
	@$(BIN)/crmap standalone

test: setup ## Run the tests; Chromium, Caddy and a library of npm are got where this machine lets us (ARGS=… goes to pytest)
	@$(WITH_PROGRAMS) $(BIN)/python -m pytest -n auto $(ARGS)

tests-of: setup ## List the tests of a file: FILE=shared/db/jobs.py
	@$(BIN)/python -m tests.finding $(FILE)

faults: setup ## Run the tests of faults at ten times their usual size (ARGS="--times 50 --seed 7 -k gateway")
	@$(WITH_PROGRAMS) $(BIN)/python -m pytest -n auto --timeout 3600 --times 10 tests/faults $(ARGS)

screenshots: setup ## Take pictures of every page into build/screenshots
	@CRMAP_SCREENSHOTS="$(CURDIR)/build/screenshots" $(WITH_PROGRAMS) $(BIN)/python -m pytest -q \
	tests/stories/browser/test_looks.py $(ARGS)

fuzz: setup ## Read 10,000 random portals with anything going wrong: no history may tell what did not happen (ARGS=…)
	@$(BIN)/python -m tests.fuzz $(ARGS)

week: setup ## Let 10,000 portals live for seven days on a clock of their own, with all that may fail (ARGS="--portals 1000")
	@$(BIN)/python -m tests.week $(ARGS)

mutate: setup ## Change the source and see whether its tests notice: ARGS=shared/domain, ARGS=shared/bitrix24/php.py
	@$(BIN)/python -m tests.mutations $(ARGS)

check: setup ## Check style, formatting, types, who imports whom, what nothing uses
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.dead_code
	@$(BIN)/deptry .

format: setup ## Mend what ruff can mend by itself
	@$(BIN)/ruff check --fix-only $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

words: setup ## Take every sentence that is said into shared/wording/locale/ru.po; what is empty there wants Russian
	@said="$$(mktemp)" && trap 'rm -f "$$said"' EXIT && \
	$(BIN)/pybabel --quiet extract --mapping-file shared/wording/locale/babel.cfg --keywords NP_:1c,2 \
	--no-location --sort-output --output-file "$$said" . && \
	$(BIN)/pybabel --quiet update --locale ru --input-file "$$said" --output-file shared/wording/locale/ru.po --width 110 \
	--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

bench: python ## Measure CRMAP beside other clients, in an environment of its own (ARGS=… goes to the benchmark)
	@"$(PYTHON)" requirements/install.py .venv-bench requirements/bench.txt
	@.venv-bench/bin/python -m bench $(ARGS)

lock: python ## Resolve requirements/*.txt again from pyproject.toml (UPGRADE=1 takes newer releases)
	@tool="$$(mktemp -d)" && trap 'rm -rf "$$tool"' EXIT && \
	"$(PYTHON)" -m venv "$$tool" && "$$tool/bin/python" -m pip install --quiet uv && \
	compile="$$tool/bin/uv $(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml" && \
	$$compile -o requirements/core.txt && \
	$$compile -c requirements/core.txt --extra standalone --group dev -o requirements/dev.txt && \
	$$compile -c requirements/core.txt --extra bench -o requirements/bench.txt && \
	for extra in $(IMAGES); do $$compile -c requirements/dev.txt --extra $$extra -o requirements/$$extra.txt || exit 1; done

clean: ## Remove everything make has made
	rm -rf .venv .venv-bench build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "CRMAP needs Python 3.11 or newer and '$(PYTHON)' is not: name one with PYTHON=/path/to/python3" >&2; exit 1; }
