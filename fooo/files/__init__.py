"""Model files as files: fetched, converted, put in their place, taken away. No network is loaded here."""

from fooo.files.add import add, add_file, add_link
from fooo.files.convert import convert
from fooo.files.fetch import fetch, fetch_all
from fooo.files.trash import move_to_trash

__all__ = ["add", "add_file", "add_link", "convert", "fetch", "fetch_all", "move_to_trash"]
