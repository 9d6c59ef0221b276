# From a clone to a built program: each target installs what is missing first (tools/setup.sh), and a second call does none of it again.
# Other builds (warnings as errors, sanitizers) are presets of CMake: see CONTRIBUTING.md.

BUILD := build
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help setup build test demo format clean

help:  ## this list
	@echo "Sublayer: a laboratory for sequence-to-sequence Transformers"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup:  ## install Debian packages and the Python environment .venv, if missing
	@tools/setup.sh

$(BUILD)/build.ninja: CMakePresets.json | setup
	cmake --preset default
	@touch $@

build: setup $(BUILD)/build.ninja  ## build the program build/sublayer
	cmake --build --preset default --target sublayer

test: setup $(BUILD)/build.ninja  ## build and run all tests
	@tools/setup.sh --tests
	cmake --build --preset default
	@rm -f $(BUILD)/conformance.txt
	ctest --preset default; status=$$?; cat $(BUILD)/conformance.txt; exit $$status

demo: build  ## train a small model, evaluate it, translate with it, export it
	tools/demo.sh

format:  ## format the C++ sources with clang-format
	@command -v clang-format >/dev/null || { echo "clang-format is missing (Debian: apt-get install clang-format)"; exit 2; }
	git ls-files --cached --others --exclude-standard -- '*.cpp' '*.h' | xargs clang-format -i

clean:  ## remove the build directories (not .venv, not runs)
	rm -rf build build-dev build-asan
