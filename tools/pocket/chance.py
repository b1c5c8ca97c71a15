"""Random numbers of a named purpose: no purpose draws what another one draws from the same seed."""

import hashlib

import numpy as np


def stream(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """The generator of `purpose`, told apart further by `numbers`, such as a file's or a training step's."""
    named = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:16], "big")
    return np.random.default_rng((seed, named, *numbers))
