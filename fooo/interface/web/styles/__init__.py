"""Styles chosen by looking: their pictures, favourites, and sheets of a person's own words."""

from fooo.interface.web.styles.contact import Contact, contact_html, contact_of, without
from fooo.interface.web.styles.trying import on_a_sheet

__all__ = ["Contact", "contact_html", "contact_of", "on_a_sheet", "without"]
