# mirlab: `make` lists what can be made.

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SPLEETER := .venv-spleeter
MADMOM := .venv-madmom
EXTRAS := lab,book,onnx,score,sound,train,dev
ESBUILD := esbuild@0.28.2

# A worker a core, each with files of its own, one browser and one JupyterLab: make test WORKERS=4
WORKERS := 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

FIRST_PAGE := $(firstword $(shell sed -n 's|.*file: \(notebooks/.*\)|\1.ipynb|p' book/_toc.yml))
# Without a screen, Python would fall back on a text browser that takes the terminal over.
NO_BROWSER := $(if $(filter Linux,$(shell uname -s)),$(if $(DISPLAY)$(WAYLAND_DISPLAY),,--no-browser))
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
BENCHMARKS := $(shell grep -ls '^def main' benchmarks/*/*.py)
SHARED := mirlab/widgets/shared/bundle.js
LOADER := mirlab/widgets/shared/js/loader.js
WIDGETS := $(filter-out $(SHARED),$(patsubst %/js/index.js,%/bundle.js,$(wildcard mirlab/widgets/*/js/index.js)))
WORKER := mirlab/widgets/piano_roll/inference_worker.js
SCORE := mirlab/widgets/listening_desk/score.js
SCRIPTS := $(shell find mirlab/widgets -path '*/js/*.js')
RUNTIME := mirlab/widgets/runtime/widgets.js

# pip installs without compiling (below), so the first process that imports a module compiles it for all.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab test long ledger check static venv system basic-pitch peers book page layers notebooks widgets bench student

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "make %-12s %s\n", $$1, $$2}'

lab: venv  ## open JupyterLab on the course (installs what it needs first)
	@$(BIN)/jupyter lab --ip=127.0.0.1 $(AS_ROOT) $(NO_BROWSER) --ServerApp.root_dir="$(CURDIR)" \
	    --LabApp.default_url=/lab/tree/$(FIRST_PAGE) --LabApp.news_url=None \
	    --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate

test:  ## everything CI runs: lint, types, all tests, the book, a real browser
	@.ci/stage installation $(MAKE) venv
	@.ci/stage "lint and types" $(MAKE) static
	@.ci/stage "the book" $(BIN)/python book/scripts/build_book.py
	@.ci/stage tests $(PYTEST) --ledger=_build/ledger.json

long: venv  ## all tests in their long forms: whole notebooks live, ten times the examples
	$(BIN)/python book/scripts/build_book.py
	$(PYTEST) --long

ledger: test  ## run all tests, and keep what they cost as tests/ledger.json
	cp _build/ledger.json tests/ledger.json

check: static  ## lint, types, import rules and the fast tests: at most 2 minutes
	$(PYTEST) -m "not slow and not browser"

static: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

venv: system $(INSTALLED)  ## make .venv and install mirlab with every extra (quick when nothing changed)

system:
	@python=$$(.ci/python "$(or $(PYTHON),$(wildcard $(BIN)/python))") && .ci/system "$$python"

# constraints.txt lists all that Python 3.11 on Linux needs, so nothing is left for pip to resolve but
# torch, whose parts differ with the build (CUDA or not). What is imported is compiled then.
PINNED := import sys; sys.exit(sys.platform != "linux" or sys.version_info[:2] != (3, 11))
PIP := $(BIN)/python -m pip install --disable-pip-version-check -q

$(INSTALLED): pyproject.toml constraints.txt
	@python=$$(.ci/python "$(PYTHON)") && { test -x $(BIN)/python || "$$python" -m venv $(VENV); }
	@if $(BIN)/python -c '$(PINNED)'; then \
	    $(PIP) --no-compile -c constraints.txt torch && \
	    $(PIP) --no-compile --no-deps -r constraints.txt && $(PIP) --no-deps -e .; \
	else \
	    $(PIP) -c constraints.txt torch -e ".[$(EXTRAS)]" && \
	    $(PIP) --no-deps -c constraints.txt basic-pitch; \
	fi
	@touch $@

basic-pitch: venv  ## install Basic Pitch's wheel anew, without the TensorFlow that it asks for
	$(BIN)/python -m pip install --no-deps --force-reinstall -c constraints.txt basic-pitch

peers: $(SPLEETER)/.installed $(MADMOM)/.installed  ## make environments of Spleeter (Python 3.11, 2.4 GB) and madmom (3.8), for benchmarks

$(SPLEETER)/.installed:
	@command -v python3.11 >/dev/null || { echo "Spleeter needs python3.11, which was not found"; exit 1; }
	python3.11 -m venv $(SPLEETER)
	@echo '*' > $(SPLEETER)/.gitignore
	$(SPLEETER)/bin/pip install --disable-pip-version-check -q spleeter==2.4.2
	@touch $@

$(MADMOM)/.installed:
	@command -v python3.8 >/dev/null || { echo "madmom needs python3.8, which was not found"; exit 1; }
	python3.8 -m venv $(MADMOM)
	@echo '*' > $(MADMOM)/.gitignore
	$(MADMOM)/bin/pip install --disable-pip-version-check -q "cython<3" "numpy<1.20" "setuptools<60" wheel scipy mido
	$(MADMOM)/bin/pip install --disable-pip-version-check -q --no-build-isolation madmom==0.16.1
	@touch $@

book: venv  ## build the book into _build/html
	$(BIN)/python book/scripts/build_book.py

page: notebooks  ## execute and build one page into _build/page: make page PAGE=04_notes
	$(BIN)/python book/scripts/build_page.py $(PAGE)

layers: venv  ## draw the layers of ARCHITECTURE.md from the import contract
	$(BIN)/python book/scripts/draw_layers.py

notebooks: venv  ## write notebooks/ from book/chapters/ and the public address where it belongs
	$(BIN)/python book/scripts/stamp_address.py
	$(BIN)/python book/scripts/make_notebooks.py

student: venv  ## write the notebooks without their solutions to _build/student
	$(BIN)/python book/scripts/make_student.py

widgets: $(RUNTIME) $(SHARED) $(WIDGETS) $(WORKER) $(SCORE)  ## bundle the widgets' JavaScript (needs Node)
	@echo "$(words $(WIDGETS)) widgets bundled"

BUNDLE := npx --yes $(ESBUILD) --bundle --minify --legal-comments=none --log-level=warning

# An instrument's own code is a function of `require`, which gives it the shared modules.
mirlab/widgets/%/bundle.js: mirlab/widgets/%/js/index.js $(SCRIPTS)
	$(BUNDLE) $< --format=cjs --external:../../shared/js/* --external:../../../shared/js/* \
	    --banner:js='const instrument=require=>{const module={exports:{}};' \
	    --footer:js="return module.exports.default};$$(npx --yes $(ESBUILD) $(LOADER) --minify)" --outfile=$@

$(SHARED): mirlab/widgets/shared/js/index.js $(SCRIPTS)
	$(BUNDLE) $< --format=esm --outfile=$@

$(WORKER): mirlab/widgets/piano_roll/js/inference_worker/index.js $(SCRIPTS)
	$(BUNDLE) $< --format=esm --outfile=$@

# Loaded when an analysis is corrected on the desk.
$(SCORE): mirlab/widgets/listening_desk/js/score/index.js $(SCRIPTS)
	$(BUNDLE) $< --format=esm --outfile=$@

$(RUNTIME): $(wildcard book/runtime/*.js book/runtime/*.json book/runtime/*.css book/runtime/licences/*)
	cd book/runtime && npm ci --ignore-scripts --no-audit --no-fund --silent
	cd book/runtime && npx --yes $(ESBUILD) styles.css --bundle --minify --log-level=warning \
	    --outfile=build/styles.css --metafile=build/styles.json
	mv book/runtime/build/styles.css book/runtime/build/styles.txt
	cd book/runtime && npx --yes $(ESBUILD) index.js --bundle --minify --format=iife --legal-comments=none \
	    --banner:js="// The licences of the packages in here: widgets.licences.txt, beside this file in mirlab" \
	    --loader:.css=empty --log-level=warning --outfile=$(CURDIR)/$@ --metafile=build/index.json
	cd book/runtime && node licences.js $(CURDIR)/$(@:.js=.licences.txt) build/styles.json build/index.json
	rm -rf book/runtime/node_modules book/runtime/build

bench: venv  ## run every benchmark; most want the recordings in $MIRLAB_DATA
	@missed=; for file in $(BENCHMARKS); do \
	    module=$$(echo $${file%.py} | tr / .); echo "python -m $$module"; \
	    $(BIN)/python -m $$module || missed="$$missed $$module"; done; \
	    test -z "$$missed" || { echo "not measured:$$missed"; exit 1; }
