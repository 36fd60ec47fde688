# The two commands: `make demo` and `make test`. Both install what is missing,
# build, and run. Everything else is a step of them.

BUILD   ?= build
TYPE    ?= Release
PREFIX  ?= /usr/local
DIR     ?= $(CURDIR)
JOBS    ?= $(shell nproc)

DEPS := build-essential cmake ninja-build pkg-config \
	libnng-dev liblmdb-dev libmsgpack-dev libyaml-dev libjansson-dev \
	libmd-dev libjemalloc-dev uthash-dev libxxhash-dev unicode-data
TEST_DEPS := libcmocka-dev bats jq python3 python3-jsonschema lmdb-utils \
	clang clang-format clang-tidy libclang-rt-14-dev procps \
	shellcheck codespell universal-ctags scdoc mandoc \
	python3-msgpack nanomsg-utils valgrind

.PHONY: all build deps test-deps demo test sim soak bench guard lint install clean help

all: build

help:
	@echo 'make demo [DIR=tree]  audit a source tree with Tutti, show the run'
	@echo 'make test             every test, with sanitizers'
	@echo 'make sim              the simulator, SEED=n STEPS=n'
	@echo 'make soak             what only shows after long, KILLS=500 SEED=n'
	@echo 'make build            the release build in $(BUILD)/'
	@echo 'make bench            measure against floors; QUICK=1 in two minutes,'
	@echo '                      ONLY="ROW..." some rows, KEEP=DIR for large stores'
	@echo 'make guard            do hot paths take more instructions? UPDATE=1 records'
	@echo 'make lint             clang-tidy'
	@echo 'make install          into PREFIX=$(PREFIX)'
	@echo 'make clean            remove the builds'

deps:
	@cmake/install-packages.sh $(DEPS)

test-deps: deps
	@cmake/install-packages.sh $(TEST_DEPS)

build: deps
	@cmake -S . -B $(BUILD)/release -G Ninja -DCMAKE_BUILD_TYPE=$(TYPE) \
		-DCMAKE_INSTALL_PREFIX=$(PREFIX) -DTUTTI_TESTS=OFF >/dev/null
	@cmake --build $(BUILD)/release -j $(JOBS)

demo: build
	@BUILD=$(BUILD)/release examples/tree-audit/audit.sh "$(DIR)"

test: test-deps
	@tests/run.sh

# The engine's life under faults; the same seed lives it again.
sim: test-deps
	@cmake -S . -B $(BUILD)/sim -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
		-DTUTTI_BENCH=OFF >/dev/null
	@cmake --build $(BUILD)/sim --target simulate -- --quiet
	@$(BUILD)/sim/tests/simulation/simulate $(SIM) \
		--seed $(or $(SEED),1) --steps $(or $(STEPS),1)

soak: test-deps
	@KILLS=$(KILLS) SEED=$(SEED) STEPS=$(STEPS) tests/soak/soak.sh $(BUILD)

bench: build
	@cmake/install-packages.sh python3
	@bench/run.py --build $(BUILD)/release --json $(BUILD)/bench.json \
		$(if $(QUICK),--quick) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(KEEP),--keep '$(KEEP)') $(if $(ONLY),--only $(ONLY))

# Instructions of hot paths, against those recorded in bench/guard/counts.
guard: test-deps
	@cmake --preset debug >/dev/null
	@cmake --build build/debug -j $(JOBS) --target guard -- --quiet
	@bench/guard/guard.py $(if $(UPDATE),--update) \
		build/debug/bench/guard/guard

# clang-tidy over everything of ours; two minutes.
lint: test-deps
	@cmake --preset clang >/dev/null
	@find orchestrator plugins -name '*.c' | \
		xargs -P $(JOBS) -n 8 clang-tidy -p build/clang --quiet

install: build
	@cmake --install $(BUILD)/release

clean:
	rm -rf $(BUILD)
