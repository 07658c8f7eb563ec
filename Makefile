# One command for each thing to do. Everything is installed into .venv, at the pinned versions.
#
#   make ask     the questions, in this terminal    (ARGS="--plain" passes options)
#   make serve   the same as web pages, at http://127.0.0.1:8000
#   make test    the tests                          (ARGS="-k diarrhoea" passes options)
#   make test-engines   those that need pandas, DuckDB, Spark, a browser or a FHIR renderer
#   make test-thorough  all of them, each property on many random examples; takes long
#   make check   what must hold before a change lands: format, lint, types, rule files
#   make format  put the code into its format
#   make mutants what faults the tests of the decision core miss (ARGS="--file engine/combine.py"); takes long
#   make docs    the reference of the library, into build/docs
#   make lock    choose newer versions of what is installed
#   make help    this list
#   make clean   remove .venv

SHELL := /bin/sh
VENV ?= .venv
# The first of these that runs and is one of 3.11 to 3.13.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
# durable-rules comes as C source. Unoptimised is what its own build gives; on Python 3.13 it cannot be
# imported without the second define, because a function it calls has been renamed there.
BUILD_FLAGS := CPPFLAGS="-O2 -DPyEval_CallObject=PyObject_CallObject $(CPPFLAGS)"
COMPILER := run apt install build-essential python3-dev (or xcode-select --install on a Mac)
LOCK := $(VENV)/bin/python -m uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --upgrade

.PHONY: help ask serve test test-engines test-thorough check format mutants docs lock clean
.DELETE_ON_ERROR:

help:
	@sed -n "/^#   make/s/^#  //p" Makefile

ask: $(VENV)/run.stamp
	@$(BIN)/whentocall ask $(ARGS)

serve: $(VENV)/serve.stamp
	@$(BIN)/whentocall serve $(ARGS)

test: $(VENV)/test.stamp
	$(PYTEST) -m "not engines" $(ARGS)

test-engines: $(VENV)/dev.stamp
	$(PYTEST) -m engines $(ARGS)

test-thorough: $(VENV)/dev.stamp
	WHENTOCALL_THOROUGH=1 $(PYTEST) $(ARGS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/whentocall fmt --check
	$(BIN)/whentocall check

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

mutants: $(VENV)/dev.stamp
	$(BIN)/python tests/mutants/run.py $(ARGS)

docs: $(VENV)/dev.stamp
	$(BIN)/python -m pdoc --docformat google --output-directory build/docs whentocall whentocall.errors \
		whentocall.engine.advice whentocall.engine.advise whentocall.interview.flow \
		whentocall.protocol.protocol whentocall.fhir whentocall.http whentocall.tables

lock: $(VENV)/dev.stamp
	$(PIP) uv
	$(LOCK) requirements/build.in -o requirements/build.txt
	$(LOCK) pyproject.toml -c requirements/build.txt -o requirements/run.txt
	$(LOCK) pyproject.toml --extra serve --group smoke -c requirements/build.txt -c requirements/run.txt -o requirements/smoke.txt
	$(LOCK) pyproject.toml --extra review --extra serve --extra batch --group test -c requirements/smoke.txt -c requirements/build.txt -c requirements/run.txt -o requirements/test.txt
	$(LOCK) pyproject.toml --extra serve --extra batch --group bench -c requirements/build.txt -c requirements/run.txt -o requirements/bench.txt
	$(LOCK) pyproject.toml --extra review --extra serve --extra batch --group dev -c requirements/test.txt -c requirements/build.txt -c requirements/run.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV)

$(VENV)/build.stamp: requirements/build.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed, and none is on the path" \
		"(python3 is $$(python3 -V 2>&1 || true)): make PYTHON=/path/to/it" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is $$($(PYTHON) -V 2>&1)" >&2; exit 1; }
	@command -v $(firstword $(CC)) >/dev/null || { \
		echo "A C compiler ($(CC)) is needed to install durable-rules: $(COMPILER)" >&2; exit 1; }
	@echo '#include <Python.h>' | $(CC) -x c -fsyntax-only -I"$$($(PYTHON) -c \
		'import sysconfig; print(sysconfig.get_path("include"))')" - 2>/dev/null || { \
		echo "$(CC) cannot compile for $(PYTHON), which is needed for durable-rules: $(COMPILER)" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/run.stamp: $(VENV)/build.stamp requirements/run.txt pyproject.toml
	@$(BUILD_FLAGS) $(PIP) --no-build-isolation --require-hashes -r requirements/run.txt || { \
		echo "pip failed, as it says above. If it could not build durable-rules: $(COMPILER)" >&2; exit 1; }
	@$(PIP) --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m whentocall.protocol.cache_build >/dev/null  # a start is faster with it, and right without
	@touch $@

$(VENV)/serve.stamp: $(VENV)/run.stamp requirements/smoke.txt
	@$(BUILD_FLAGS) $(PIP) --no-build-isolation --require-hashes -r requirements/smoke.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements/test.txt
	@$(BUILD_FLAGS) $(PIP) --no-build-isolation --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/test.stamp requirements/dev.txt
	@$(BUILD_FLAGS) $(PIP) --no-build-isolation --require-hashes -r requirements/dev.txt
	@touch $@
