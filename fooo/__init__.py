"""Fooo draws a picture from a sentence. `fooo.app.build` puts the program together; importing does nothing."""

__version__ = "0.1.0"
