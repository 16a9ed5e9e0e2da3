# Every target works on a fresh clone: what is missing is installed first, into .venv and .tools.
# Preparation speaks on standard error only, so that standard output belongs to the command that was asked for.

MAKEFLAGS += --no-print-directory
# uv fetches Pythons from outside the package index; the machine's own Python is used instead.
export UV_PYTHON_DOWNLOADS = never
export UV_PROJECT_ENVIRONMENT = .venv
unexport VIRTUAL_ENV

UV := .tools/bin/uv
RUN := .venv/bin

# Tests run in this many processes; one per processor unless said otherwise.
WORKERS ?= logical

.PHONY: help setup demo test endurance check texts format bench bench-growth bench-list bench-profile

help:
	@echo "make setup    install everything into .venv"
	@echo "make demo     start Gatelodge, a simulated LMS and a sample tool"
	@echo "make test     run all tests that this machine can run"
	@echo "make endurance kill processes, databases and disks under load, and change keys"
	@echo "make check    check format, style, types, floors and documents"
	@echo "make format   format the code and mend what can be mended"
	@echo "make texts    take out what people read, and bring the catalogues of translators up to date"
	@echo "make bench    what a launch costs, against the limit and PyLTI1p3; see bench/README.md"

setup: .venv/stamp-dev
	@:

demo: .venv/stamp-run
	@exec $(RUN)/gatelodge demo

test: setup
	@$(RUN)/pytest --numprocesses=$(WORKERS) --maxprocesses=8 --dist=worksteal $(ARGS)

# A tenth of it is in `make test`.
endurance: setup
	@GATELODGE_ENDURANCE=full $(RUN)/pytest tests/endurance --verbose $(ARGS)

check: setup
	@tools/check.sh

texts: setup
	@$(RUN)/python tools/texts.py

format: setup
	@$(RUN)/ruff check --fix-only --quiet .
	@$(RUN)/ruff format .

bench: bench/.venv/stamp .venv/stamp-run
	@bench/.venv/bin/python bench/compare.py

bench-growth: bench/.venv/stamp .venv/stamp-run
	@bench/.venv/bin/python bench/growth.py

bench-list: .venv/stamp-run
	@$(RUN)/python bench/list_page.py

bench-profile: bench/.venv/stamp .venv/stamp-run
	@bench/.venv/bin/python bench/profile_launch.py $(ARGS)

# Stamp files: what is up to date is not done again.
.tools/stamp: tools/bootstrap.sh
	@tools/bootstrap.sh
	@touch $@

.venv/stamp-run: pyproject.toml uv.lock .tools/stamp
	@$(UV) sync --quiet --frozen --no-dev --inexact >&2
	@touch $@

.venv/stamp-dev: pyproject.toml uv.lock .tools/stamp
	@$(UV) sync --quiet --frozen >&2
	@touch .venv/stamp-run $@

bench/.venv/stamp: bench/pyproject.toml bench/uv.lock .tools/stamp
	@cd bench && ../$(UV) sync --quiet --frozen >&2
	@touch $@
