"""The texts of each language, and how a sentence that has no id is found among them."""

from fooo.interface.languages.sentences import Sentences

__all__ = ["Sentences"]
