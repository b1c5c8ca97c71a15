"""How long a silent worker is waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """In seconds.

    Attributes:
        after_stop: Silence after a stop was asked for. Where steps are known to take long, three of them.
        silence: Silence while nobody asked for an end: the longest step, or the longest reading of a model, that is
            still taken for work.
    """

    after_stop: float = 30.0
    silence: float = 30 * 60.0
