"""What the faces say about a plan besides drawing it, in a person's language."""

from fooo.catalog import POCKET
from fooo.interface.i18n import Words
from fooo.plan import Plan

_MOST_WORDS = 3
_LONGEST_WORD = 30
"""Characters; a pasted line without spaces is one word."""
_MOST_NOTICES = 3


def notes_on(plan: Plan, words: Words) -> tuple[str, ...]:
    """A sentence for each thing that a person may not expect of the plan, with the next step; mostly none."""
    beyond = (_beyond(plan, words),) if plan.beyond else ()
    return (*beyond, *plan.notices[:_MOST_NOTICES])


def _beyond(plan: Plan, words: Words) -> str:
    """The prompt goes beyond what the model has learnt."""
    base = plan.shots[0].generate.base
    model = words("the_pocket_model") if base.startswith(POCKET) else base.rsplit("/", 1)[-1]
    told = words("list_mark").join(words("quoted", word=_short(word)) for word in plan.beyond[:_MOST_WORDS])
    more = len(plan.beyond) - _MOST_WORDS
    return words("beyond", model=model, words=words("and_more", words=told, count=more) if more > 0 else told)


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…"
