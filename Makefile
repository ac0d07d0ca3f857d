# The whole developer interface. Needs Python >= 3.11, git and make; everything else is
# installed inside the checkout: uv into .tools, the environment into .venv.

PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
READY := .venv/.ready
BENCHMARKS := $(filter-out __init__ payload,$(basename $(notdir $(wildcard benchmarks/*.py))))
export UV_PYTHON_DOWNLOADS ?= never

.PHONY: run demo test check format bench clean

run: $(READY)
	@.venv/bin/gexwire run

demo: $(READY)
	@.venv/bin/gexwire run --demo

test: $(READY)
	.venv/bin/pytest -n 2 --dist worksteal

check: $(READY)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: $(READY)
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: $(READY) | $(UV)
	@$(UV) sync --frozen --quiet --group bench
	@for file in $(BENCHMARKS); do echo "== $$file"; .venv/bin/python -W ignore -m benchmarks.$$file || exit 1; done

$(READY): pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --compile-bytecode
	@touch $@

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "gexwire needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; exit 1; }
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools 'uv>=0.8,<1'

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .import_linter_cache dist build
