# Two commands: "make drill" runs the drills, "make test" runs every check and test. Both set up what is missing.
#
# make itself ends with 2 whatever a command ended with; the code it prints ("Error 3") is drillbook's own:
# 0 pass, 1 fail, 2 usage, 3 inconclusive, 4 the environment could not run it, 130 aborted.

BIN := .venv/bin
LOG := .drillbook/logs/setup.log
FUZZ := .drillbook/fuzz
FUZZ_LOG := .drillbook/logs/fuzz.log
FUZZ_SECONDS := 60

.DEFAULT_GOAL := help
.PHONY: help drill test checks fuzz cluster-tests long-tests benchmarks setup venv lock clean distclean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

# Between runs the cluster is paused: it keeps its memory, uses no processor, and goes on in 0.2 s.
drill: setup ## Set up what is missing, run every drill with the project's own runbook
	@$(BIN)/drillbook drill; code=$$?; $(BIN)/drillbook cluster pause > /dev/null; exit $$code

# The checks need no cluster, so they run while the set-up goes on; its own lines follow when they are done.
test: venv ## Set up what is missing, run every check, every test and every drill
	@mkdir -p $(dir $(LOG))
	@$(BIN)/drillbook doctor
	@$(BIN)/drillbook setup > $(LOG) 2>&1 & setup=$$!; \
	trap 'kill $$setup 2> /dev/null' INT TERM; \
	$(MAKE) --no-print-directory checks || { kill $$setup 2> /dev/null; wait $$setup; exit 1; }; \
	tail --lines +1 --follow --pid $$setup $(LOG); \
	wait $$setup
	@$(MAKE) --no-print-directory cluster-tests

checks: venv ## Lint, types, import contract, unit tests: no cluster needed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@mkdir -p $(dir $(FUZZ_LOG))
	@$(MAKE) --no-print-directory fuzz > $(FUZZ_LOG) 2>&1 & fuzz=$$!; \
	$(BIN)/coverage run -m pytest tests -m "not cluster and not component and not long" || { kill $$fuzz 2> /dev/null; wait $$fuzz; exit 1; }; \
	wait $$fuzz || { tail --lines 40 $(FUZZ_LOG); exit 1; }  # not --cov: our own plugin is imported before it
	$(BIN)/coverage report

# What it finds it keeps as $(FUZZ)/crash-*; where atheris has no wheel nothing is run, and it says so.
fuzz: venv ## Fuzz drillbook check, guided by coverage, for FUZZ_SECONDS (60)
	@mkdir -p $(FUZZ)/corpus
	@if $(BIN)/python -c 'import atheris' 2> /dev/null; then \
	  nice -n 19 $(BIN)/python tests/fuzz/fuzz_check.py -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=120 \
	    -verbosity=0 -print_final_stats=1 -artifact_prefix=$(FUZZ)/ $(FUZZ)/corpus docs/rules runbooks; \
	else echo "atheris is not installed here: not fuzzed"; fi

cluster-tests: ## The tests that need containers or the cluster, the drills themselves among them
	$(BIN)/pytest tests -m "component or cluster"; code=$$?; $(BIN)/drillbook cluster pause > /dev/null; exit $$code

long-tests: setup ## More runs of damaged runbooks and of the one as received: about half an hour
	$(BIN)/pytest tests -m long; code=$$?; $(BIN)/drillbook cluster pause > /dev/null; exit $$code

benchmarks: venv ## Our load generator beside vegeta and Locust: three minutes, needs Go and a quiet machine
	@$(BIN)/python -m benchmarks.load

setup: venv ## Set up what is missing
	@$(BIN)/drillbook setup

venv:
	@requirements/bootstrap.sh

lock: venv ## Renew requirements.lock after a change of pyproject.toml
	.drillbook/uv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --python-version 3.11 --extra dev pyproject.toml requirements/build.in --output-file requirements.lock

clean: ## Delete the cluster and what was built; images and Go's caches stay, so that setting up again is quick
	@[ ! -x $(BIN)/drillbook ] || $(BIN)/drillbook cluster down
	rm -rf .drillbook/build .drillbook/logs .drillbook/supply.json

distclean: clean ## Delete all that setting up made in this directory
	rm -rf .drillbook .venv
