"""The workshop of the pocket model: pictures, networks, training, export and an honest judge.

`python -m tools.pocket --help` names the steps; models/pocket/README.md tells what came out.
"""
