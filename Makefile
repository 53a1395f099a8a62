# The house in one word each. The work is in Tools/; `make help` says what there is.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what is missing: Debian packages, the Python environment in .venv
	@Tools/setup

.PHONY: build
build: setup ## build madang in release
	@Tools/build

.PHONY: run
run: build ## build and show the demonstration, about a minute
	@Tools/demo

.PHONY: test
test: setup ## run every test in debug, then build madang in release
	@Tools/test

.PHONY: check
check: setup ## address and thread sanitizers, long seeds, fuzzing, conformance: an hour or so
	@Tools/check

.PHONY: bench
bench: setup ## measure in release, against ceilings measured in the same run: a quarter of an hour or so
	@Tools/bench $(BENCH)

.PHONY: chaos
chaos: setup ## break strategy servers in every way we know, and tell what it costs: half an hour
	@Tools/chaos $(CHAOS)

.PHONY: crash
crash: setup ## kill, EIO and ENOSPC at every write of five runs, and again in the recovery: an hour
	@Tools/crash $(CRASH)

.PHONY: sim
sim: build ## the path of orders under every fault, from seeds: SEEDS=1..<1000001
	@.build/release/madang sim --seeds '$(or $(SEEDS),10000)'

.PHONY: plant
plant: setup ## plant bugs in a copy, one at a time, and see that seeds or tests find each
	@Tools/plant $(BUGS)

.PHONY: format
format: setup ## format Swift and Python
	@Tools/format

.PHONY: generate
generate: setup ## make the messages of Protos/ again, for Swift and Python
	@Tools/generate
	@.venv/bin/python strategies-py/tools/generate.py
