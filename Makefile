# Each goes through launch.py, which sets up what is missing: a fresh clone is enough.
PYTHON ?= python3

.PHONY: check test prove pocket-sheet

check:  ## lint, format, types, layers
	$(PYTHON) launch.py check

test:  ## the ordinary tests
	$(PYTHON) launch.py test

prove:  ## the tests that take long: real installs, full figures
	$(PYTHON) launch.py test -m prove

pocket-sheet:  ## sheets of pictures that the shipped pocket model draws, in models/pocket/
	$(PYTHON) -m tools.launch pocket sheet
