"""What holds the queue up, and what can be done about it."""

from html import escape

from fooo.interface.i18n import Words
from fooo.interface.web.failures import sentence_of
from fooo.interface.web.view import Held

_PICTURE = "api/v1/queue/trouble/picture"


def held_html(held: Held | None, words: Words) -> str:
    """The sentence; to who may rule the queue its ways on, and to whose picture waits where it is. Else nothing."""
    if held is None:
        return ""
    ways: list[str] = []
    if held.job:
        ways.append(f'<a class="chip" href="{_PICTURE}" download="fooo.png">{escape(words("held_save"))}</a>')
    if held.rules:
        drop = words("held_drop_picture" if held.with_picture else "held_drop")
        ways.append(_button("queue-retry", words("held_retry")))
        ways.append(_button("queue-drop", drop, job=held.job))
    sentence = f"{sentence_of(held.error, words)} {words('held_again')}"
    return f'<div class="held" role="status"><span>{escape(sentence)}</span>{"".join(ways)}</div>'


def _button(do: str, label: str, *, job: str = "") -> str:
    named = f' data-job="{escape(job)}"' if job else ""
    return f'<button type="button" class="chip" data-do="{do}"{named}>{escape(label)}</button>'
