# Each goes through launch.py, which sets up what is missing: a fresh clone is enough.
PYTHON ?= python3

.PHONY: check test prove bench pocket-sheet

check:  ## lint, format, types, layers
	$(PYTHON) launch.py check

test:  ## the ordinary tests
	$(PYTHON) launch.py test

prove:  ## the tests that take long: real installs, full figures
	$(PYTHON) launch.py test -m prove

bench:  ## our loop beside diffusers' pipeline, an hour on two cores; writes docs/performance-of-the-loop.md
	$(PYTHON) -m tools.launch benchmarks.loop $(BENCH)

pocket-sheet:  ## sheets of pictures that the shipped pocket model draws, in models/pocket/
	$(PYTHON) -m tools.launch pocket sheet
