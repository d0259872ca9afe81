# make run starts the practice page, make test tests it, make help lists the rest.

PYTHON ?= python3
VENV := .venv
AUDIT_VERSION := 2.10.1
UV_VERSION := 0.13.9
# Of tests: as many files at the same time. Each has its own database server, program and browser.
PROCESSES ?= 2

BIN := $(VENV)/bin
RUN := $(VENV)/installed-run
DEV := $(VENV)/installed-dev
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install -qq
# Wheels only: native builds take minutes and seldom succeed on a machine not set up for them.
LOCKED := --only-binary :all: --require-hashes --requirement

define require_python
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is: $$($(PYTHON) --version 2>&1)"; \
		echo "Install a newer one, or name one that you have, such as: make run PYTHON=python3.12"; \
		exit 1; }
endef

.DEFAULT_GOAL := help
.PHONY: help install run demo test test-model check evals report bench retest audit lock clean FORCE

help:
	@echo "make run         install what is missing and start the practice page; ARGS=\"--port 8000\""
	@echo "make demo        the same with made-up people and graded interviews, gone when it ends"
	@echo "make install     only install it, into .venv"
	@echo "make test        every test that needs no model; offline once installed"
	@echo "make test-model  the tests of the embedded model; fetches it first (1.1 GB, once)"
	@echo "make check       style, types, and the content: prompts, rubrics, questions"
	@echo "make evals       how well grades agree with raters, from recordings; fails if a gate does"
	@echo "make report      the same as a page to read, in evals/report"
	@echo "make retest      whether the embedded model grades the same answers alike"
	@echo "make bench       how fast the parts are on this machine"
	@echo "make audit       whether anything installed has a known weakness; status 3: could not look"
	@echo "make lock        bring requirements/*.txt up to pyproject.toml; UPGRADE=1 takes newer versions"
	@echo "make clean       remove what these commands made, but no interviews and no model"
	@echo "PYTHON=...       the Python to use, 3.11 or newer (now: $(PYTHON))"

install: $(RUN)

run: $(RUN)
	@$(BIN)/mock-interviewer serve --open $(ARGS)

demo: $(RUN)
	@$(BIN)/mock-interviewer demo --open $(ARGS)

test: $(DEV)
	@$(BIN)/python -m pytest -m "not model" --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

test-model: $(DEV)
	@$(BIN)/mock-interviewer model download
	@$(BIN)/python -m pytest -m model

check: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mock-interviewer check

evals: $(DEV)
	@$(BIN)/mock-interviewer eval run $(SUITE)

report: $(DEV)
	@$(BIN)/mock-interviewer eval report --out evals/report

bench: $(DEV)
	@$(BIN)/python -m tests.bench

retest: $(DEV)
	@$(BIN)/python -m tests.retest

audit: $(VENV)-audit/installed
	@$(VENV)-audit/bin/python tests/audit.py

$(VENV)-audit/installed:
	$(require_python)
	@$(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python -m pip --disable-pip-version-check install -qq \
		--only-binary :all: pip-audit==$(AUDIT_VERSION)
	@touch $@

lock:
	$(require_python)
	@$(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip --disable-pip-version-check install -qq uv==$(UV_VERSION)
	@for name in run postgres dev; do \
		echo "Resolving requirements/$$name.txt ..."; \
		case $$name in \
			postgres) set -- --extra postgres --constraint requirements/run.txt;; \
			dev) set -- --extra postgres --extra dev --constraint requirements/postgres.txt;; \
		esac; \
		$(VENV)-lock/bin/uv pip compile pyproject.toml requirements/build.in "$$@" \
			--output-file requirements/$$name.txt --universal --python-version 3.11 \
			--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
			--custom-compile-command "make lock" --quiet $(if $(UPGRADE),--upgrade) || exit 1; \
	done
	@rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(VENV)-audit $(VENV)-lock .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
	find mock_interviewer tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment holds absolute paths: in a moved or copied checkout, or when its Python
# is gone, it is made anew.
STALE := $(shell [ ! -e $(VENV)/pyvenv.cfg ] || { [ -x $(BIN)/python ] && \
	grep -q -F '$(CURDIR)/$(VENV)' $(VENV)/pyvenv.cfg; } || echo --clear)
ifdef STALE
$(RUN): FORCE
endif

# The two stamps are written last, so each one's existence means that its installation completed.
$(RUN): pyproject.toml requirements/run.txt
	$(require_python)
	@echo "Making the environment $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(STALE) $(VENV) || { \
		echo "Python's venv module is incomplete; on Debian and Ubuntu: apt-get install python3-venv"; \
		exit 1; }
	@echo "Installing the packages of requirements/run.txt (about 130 MB the first time) ..."
	@$(PIP_INSTALL) $(LOCKED) requirements/run.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@echo "Installed."
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "Installing the packages of requirements/dev.txt (about 90 MB more the first time) ..."
	@$(PIP_INSTALL) $(LOCKED) requirements/dev.txt
	@echo "Installed."
	@touch $@
