"""What the prompt box knows and takes: the names that it suggests, and settings that are pasted or dropped."""

from fooo.interface.web.words.brought import path_brought, read_brought
from fooo.interface.web.words.known import known_html, known_words
from fooo.interface.web.words.room import told_of_room
from fooo.interface.web.words.suggesting import Suggesting

__all__ = ["Suggesting", "known_html", "known_words", "path_brought", "read_brought", "told_of_room"]
