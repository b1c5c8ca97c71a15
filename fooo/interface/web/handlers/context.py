"""What every handler works with: the page's parts, and the program behind it."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from gradio.blocks import Block

from fooo.errors import BadPicture
from fooo.interface.i18n import Tongues, Words
from fooo.interface.web.failures import FailuresTold
from fooo.interface.web.html.begun import small_address
from fooo.interface.web.html.notices import Tone, notice_html
from fooo.interface.web.parts import Parts
from fooo.interface.web.seam import person_of
from fooo.interface.web.view import Lookout, View
from fooo.request import Request
from fooo.service import Fooo

_MOST_SMALL = 64
"""Small pictures that are kept, of a few kilobytes each."""

Updates = dict[Block, object]
Inputs = Mapping[Block, Any]
"""What the named parts show; gradio types it no closer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Of every open page.

    Attributes:
        start: What a page shows before anybody has asked for anything.
        words_for: The words for a browser.
        tongues: The languages between which a person may switch on the page.
        told: Which page knows of which failure.
    """

    parts: Parts
    program: Fooo
    lookout: Lookout
    start: Request
    words_for: Callable[[gr.Request], Words]
    tongues: Tongues = field(default_factory=dict[str, Words])
    told: FailuresTold = field(default_factory=FailuresTold)
    _small: dict[str, str] = field(default_factory=dict[str, str])
    _notices: "itertools.count[int]" = field(default_factory=itertools.count)

    def look(self, request: gr.Request) -> View:
        """What there is to see for the person."""
        return self.lookout.look(person_of(request))

    def meet(self, request: gr.Request) -> View:
        """The same, for a page that may be new here: of what failed before it is told nothing."""
        view = self.look(request)
        self.told.to(request.session_hash, view)
        return view

    def small(self, picture: str) -> str:
        """A picture of the store, small, as an address that holds it; empty where the store has it no more."""
        if picture not in self._small:
            try:
                address = small_address(self.program.pictures.open(picture))
            except BadPicture:
                return ""
            while len(self._small) >= _MOST_SMALL:
                del self._small[next(iter(self._small))]
            self._small[picture] = address
        return self._small[picture]

    def new(self, html: str) -> str:
        """The markup as one that the page has not had yet, so that it shows what was closed again."""
        return f"<!--{next(self._notices)}-->{html}"

    def notice(self, sentence: str, *, tone: Tone = Tone.WRONG, button: str = "") -> str:
        """The sentence for the notice, shown again where it is the one from before. Args: as of `notice_html`."""
        return notice_html(sentence, next(self._notices), tone=tone, button=button)
