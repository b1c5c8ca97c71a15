"""Measurements, run by hand: `python -m benchmarks.<name>` in the checkout."""
