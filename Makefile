# Everything a newcomer needs: `make grade` and `make test` set up a virtual environment on demand.
PYTHON ?= python3
VENV ?= .venv
SUBMISSION ?=
DATA ?= auto
SANDBOX ?= auto
export SUBMISSION  # a name may hold any character, so the shell gets it as a variable

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev grade train release test matrix hostile mutants faults quick lint bench fairness soak results zoo batch clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.ok ## set up the environment that grading needs
setup-dev: $(VENV)/.dev

$(VENV)/.ok: pyproject.toml constraints.txt
	@echo "Setting up $(VENV): about 1.5 GB with PyTorch, one or two minutes, only once."
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "make: $(PYTHON) is not Python 3.10 to 3.13; name one: make PYTHON=python3.11 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.ok
	@$(INSTALL) --editable '.[dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	@$(INSTALL) --editable '.[dev,bench]'
	@touch $@

grade: $(VENV)/.ok ## grade SUBMISSION=folder (DATA=auto|digits|mnist, SANDBOX=auto|require|plain), or a first look at everything
ifneq ($(SUBMISSION),)
	@$(BIN)/python -m grader grade "$$SUBMISSION" --data $(DATA) --sandbox $(SANDBOX)
else
	@if [ -d solutions/reference ]; then \
		echo "1 of 2: the reference solution, trained on the spot"; \
		$(BIN)/python -m grader grade solutions/reference --data $(DATA) --train always && \
		echo && echo "2 of 2: the stubs, as a student receives them"; \
	fi && $(BIN)/python -m grader grade assignment --data $(DATA)
endif

train: $(VENV)/.ok ## train the model from assignment/ (DATA=auto|digits|mnist)
	@$(BIN)/python -m assignment.train --data $(DATA)

release: $(VENV)/.ok ## make the student repository, build/assignment and build/assignment.zip
	@mkdir -p build
	@$(BIN)/python -m solutions release -o build/assignment --zip build/assignment.zip

test: $(VENV)/.dev ## run every test, then grade every submission in tests/submissions, hostile ones too
	@$(BIN)/python -m pytest -n auto
	@$(MAKE) --no-print-directory matrix
	@$(MAKE) --no-print-directory hostile

matrix: $(VENV)/.dev ## grade every submission in tests/submissions: false passes, false fails
	@mkdir -p build
	@$(BIN)/python -m tests.submissions matrix --out build/matrix.json --markdown build/matrix.md

hostile: $(VENV)/.dev ## attack the grader with every hostile submission (needs bubblewrap)
	@mkdir -p build
	@$(BIN)/python -m tests.submissions hostile --warm --out build/hostile.json --markdown build/hostile.md

mutants: $(VENV)/.dev ## grade every machine-made mutant of the reference
	@$(BIN)/python -m tests.mutants

faults: $(VENV)/.dev ## grade while the machine fails: killed, full disks, a broken sandbox
	@$(BIN)/python -m tests.faults

quick: $(VENV)/.dev ## run the tests that take seconds
	@$(BIN)/python -m pytest -n auto -m 'not slow'

lint: $(VENV)/.dev ## check style, types, and that the stubs are up to date
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/python -m solutions stubs --check
	@$(BIN)/python -m solutions zoo tables --check
	@$(BIN)/python -m tests.benchmarks page --check

bench: $(VENV)/.bench ## measure everything beside its peers (an hour, on a quiet machine), and make the page
	@$(BIN)/python -m tests.benchmarks compare
	@$(BIN)/python -m tests.benchmarks page

fairness: $(VENV)/.dev ## measure tolerances and flakes again (over an hour; tests/README.md)
	@$(BIN)/python -m tests.fairness tolerances --out tests/fairness/tolerances.json
	@$(BIN)/python -m tests.fairness flakes --out tests/fairness/flakes.json
	@$(BIN)/python -m tests.fairness memorisation --out tests/fairness/memorisation_digits.json

batch: $(VENV)/.dev ## grade a class of 40 made-up submissions: gradebook, export, statistics
	@$(BIN)/python -m tests.classroom demo

soak: $(VENV)/.dev ## attacks on workers of their own, a batch killed in 20 tries, every fault, a million cases of fuzzing
	@$(BIN)/python -m tests.submissions hostile
	@$(BIN)/python -m tests.classroom soak --tries 20
	@$(BIN)/python -m tests.faults
	@$(BIN)/python -m tests.fuzz --cases 1050000 --out tests/fuzz/soak.json

results: $(VENV)/.ok ## measure the reference again (20 seeds a profile; about 12 minutes)
	@$(BIN)/python -m solutions results

zoo: $(VENV)/.dev ## measure of the zoo what is missing or stale (about 90 minutes for all)
	@$(BIN)/python -m solutions zoo reproduce

clean: ## remove what make has set up
	rm -rf $(VENV)
