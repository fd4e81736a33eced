# `make` lists what there is. Everything fetched lies in .deps/, everything built in .build/.
.DEFAULT_GOAL := help
.PHONY: help setup build release test demo bench wheel format lint docs clean distclean

# Warnings are errors in debug builds, as in Scripts/test, so that building and testing share one build.
STRICT := -Xswiftc -warnings-as-errors

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## get what is needed: C libraries, libtorch (or LIBTORCH=folder), the C++ side; safe to repeat
	@Scripts/setup

build: setup ## build everything for debugging
	swift build $(STRICT)

release: setup ## build the program with optimisation: .build/release/supernet
	swift build -c release --product supernet

test: ## build with warnings as errors and run all tests (ARGS="--filter Name" for some)
	@Scripts/test $(ARGS)

demo: release ## search on a small data set, from nothing to a report
	.build/release/supernet demo $(ARGS)

bench: setup ## measure, and compare with Python peers (ARGS=... for the benchmark program)
	@Scripts/bench-env
	swift build -c release --product SupernetBenchmarks
	.build/release/SupernetBenchmarks $(ARGS)

wheel: ## build the Python wheel with the program in it, into .deps/wheels (TORCH="2.11.0 …" for other versions)
	@Scripts/wheel $(TORCH)

format: ## lay out all Swift in place
	@Scripts/format

lint: ## judge the sources without building: layout, floors, forbidden words, scripts
	@Scripts/lint

docs: setup ## build the pages into .build/book and the documentation of all modules into .build/docs, warnings as errors
	@Scripts/book
	@Scripts/docs

clean: ## remove what was built
	rm -rf .build

distclean: clean ## remove what was fetched, too
	rm -rf .deps
