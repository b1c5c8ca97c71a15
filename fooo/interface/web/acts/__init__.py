"""What may be done with a finished picture, or with one that was brought, by one press."""

from fooo.interface.web.acts.act import FOR_BROUGHT, FOR_FINISHED, Act, family_words, labels, said_act
from fooo.interface.web.acts.asked import asked_again, begun_with
from fooo.interface.web.acts.target import Target, target_named

__all__ = [
    "FOR_BROUGHT",
    "FOR_FINISHED",
    "Act",
    "Target",
    "asked_again",
    "begun_with",
    "family_words",
    "labels",
    "said_act",
    "target_named",
]
