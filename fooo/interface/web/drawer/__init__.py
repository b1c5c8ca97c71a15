"""The LoRAs of the drawer: which are chosen, how strongly, and the words that they were trained with."""

from fooo.interface.web.drawer.loras import loras_html

__all__ = ["loras_html"]
