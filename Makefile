# Two commands on a fresh machine with Python >= 3.11: `make demo` and `make test`.

.DEFAULT_GOAL := help
.PHONY: help demo install test test-slow hostile fuzz lint types examples clean

VENV := .venv
BIN := $(VENV)/bin
# What type checkers see: the packages under the names that they are installed as.
TYPED := $(VENV)/typed
SPECS := $(wildcard examples/*.toml)
PYTEST := $(BIN)/python -m pytest -n 2

help:
	@echo "make demo       build, train and judge a classifier of handwritten digits"
	@echo "make test       lint, types, fresh examples, and the quick tests"
	@echo "make test-slow  the slow tests"
	@echo "make hostile    a thousand hostile texts in every place of a spec: half an hour"
	@echo "make fuzz       random and mutated specs, as many as COUNT says; what is found stays in .fuzz"
	@echo "make install    make .venv, with everything to develop"
	@echo "make clean      remove .venv and what tools have left"

demo: install
	$(BIN)/specc run examples/digits.toml
	@echo "Pictures: $$(ls runs/digits/*.png)"

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml Makefile
	@test -x $(BIN)/python || { \
	  for python in python3.13 python3.12 python3.11 python3 python; do \
	    $$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
	      2>/dev/null && exec $$python -m venv $(VENV); \
	  done; \
	  echo "specc needs Python 3.11 or later, with its modules venv and ensurepip." >&2; \
	  echo "(Debian and Ubuntu have these in the package python3-venv.)" >&2; \
	  exit 1; \
	}
	@echo "Installing into $(VENV): torch is large, the first time takes minutes."
	@$(BIN)/python -m pip install --quiet 'pip>=25.1'
	@# One command, so that no package brings another torch than the one asked for.
	$(BIN)/python -m pip install --quiet torch==2.13.0 --editable . --group dev
	@touch $@

test: lint types examples
	$(PYTEST) -m "not slow"

test-slow: install
	$(PYTEST) -m slow

hostile: install
	HOSTILE=1 $(PYTEST) -m slow -k all_hostile -s tests/test_injection.py

COUNT := 50000
SECONDS := 1e9
SEED := 0
fuzz: install
	PYTHONPATH=tests $(BIN)/python -m fuzz --count $(COUNT) --seconds $(SECONDS) --seed $(SEED) \
	  --kept .fuzz $(if $(TORCH),--torch)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --config templates/runtime/ruff.toml generated
	$(BIN)/ruff format --check --config templates/runtime/ruff.toml generated

types: install
	@rm -rf $(TYPED) && mkdir -p $(TYPED)/specc
	@ln -s $(addprefix "$(CURDIR)"/,specc/* spec compiler templates examples) $(TYPED)/specc
	MYPYPATH=$(TYPED) $(BIN)/mypy --strict -p specc
	MYPYPATH=$(TYPED):tests:benchmarks $(BIN)/mypy --strict tests benchmarks

examples: install
	@for spec in $(SPECS); do \
	  echo "specc build --check $$spec"; \
	  $(BIN)/specc build --check $$spec || exit 1; \
	done

clean:
	rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
