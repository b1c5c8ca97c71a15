"""Which language a page speaks: the browser's own, or the one that a person chose on the page."""

from fooo.interface.web.languages.chosen import SpeakChosen, next_language

__all__ = ["SpeakChosen", "next_language"]
