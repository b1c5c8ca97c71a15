"""What the faces say about a plan besides drawing it, in a person's language."""

import heapq
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict

from fooo.catalog import POCKET
from fooo.errors import FoooError, ModelError
from fooo.events import MemoryChosen, PassSkipped, PassStep, PrecisionRaised
from fooo.interface.i18n import Words
from fooo.plan import EnglishName, Notice, Plan, PlanNotice, Promise

_MOST_WORDS = 3
_LONGEST_WORD = 30
"""Characters; a pasted line without spaces is one word."""
_MOST_NOTICES = 3
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_MINUTES_FROM = 90.0
"""Seconds from which minutes say it better."""


def notes_on(plan: Plan, words: Words, *, but: Collection[str] = ()) -> tuple[str, ...]:
    """A sentence for each thing that a person may not expect of the plan, with the next step; mostly none.

    Args:
        plan: Of one job.
        words: The person's.
        but: Words of the prompt of which they have been told already.
    """
    unknown = [word for word in plan.beyond if word not in but]
    beyond = (told_of_beyond(plan, unknown, words),) if unknown else ()
    others = [notice for notice in plan.notices if not isinstance(notice, EnglishName)]
    return (*beyond, *(_told(notice, words) for notice in others[:_MOST_NOTICES]))


def told_of_memory(event: MemoryChosen | PrecisionRaised, words: Words) -> str:
    """How the models are held in memory, or that one computes again, a sentence or two."""
    if isinstance(event, PrecisionRaised):
        return words("precision_raised", what=event.what)
    how = words(f"memory_{event.placement.name.lower()}")
    return words("memory_again", how=how) if event.again else how


def told_of_pass(event: PassStep | PassSkipped, words: Words) -> str:
    """What is done to the picture after it is drawn and how far that is, or what had to be left out."""
    what = f"pass_{event.name.value}"
    if isinstance(event, PassSkipped):
        return words("pass_skipped", what=words(what))
    return words("pass_step", what=words(what), done=event.done, total=event.total)


def told_of_error(error: FoooError, words: Words) -> str:
    """Its sentence in the language, as far as that knows it; the fields of requests have no labels here."""
    if isinstance(error, ModelError):
        problem, hint = words.sentences(error.problem), words.sentences(error.hint)
        return words("model_problem", path=error.path, problem=problem, hint=hint)
    return words.sentences(str(error))


def promised(promises: Iterable[Promise | None], words: Words, *, workers: int = 1) -> str:
    """How long some jobs will take, such as "about 12 s"; nothing where that is not known of one of them.

    Args:
        promises: Of the jobs, in the order of their turns.
        words: The person's.
        workers: How many jobs are drawn at once.
    """
    ends = [0.0] * workers
    for promise in promises:  # whoever is free first takes the next one
        heapq.heapreplace(ends, ends[0] + (promise.seconds if promise else math.inf))
    if math.isinf(total := max(ends)):
        return ""
    if total < _MINUTES_FROM:
        return words("about_seconds", count=max(1, round(total)))
    return words("about_minutes", count=round(total / 60))


def _told(notice: PlanNotice | str, words: Words) -> str:
    if isinstance(notice, str):
        return notice
    if isinstance(notice, EnglishName):
        said, english = (words("quoted", word=_short(name)) for name in (notice.said, notice.english))
        return words("english_name", said=said, english=english)
    if not isinstance(notice, Notice):
        return words(f"notice_{notice.kind}", **asdict(notice))
    said = words("quoted", word=notice.said)
    told = words(f"notice_{notice.kind}", said=said, position=notice.position)
    return words(f"notice_in_{notice.at}", told=told)


def told_of_beyond(plan: Plan, unknown: Sequence[str], words: Words) -> str:
    """The prompt goes beyond what the model has learnt. Args: unknown: Words of the plan that it has not learnt."""
    base = plan.request.models.base or ""
    model = words("the_pocket_model") if base.startswith(POCKET) else base.rsplit("/", 1)[-1]
    names = {notice.said: notice for notice in plan.notices if isinstance(notice, EnglishName)}
    strange = [word for word in unknown if word not in names]
    named = [_told(names[word], words) for word in unknown if word in names]
    quoted = [words("quoted", word=_short(word)) for word in strange]
    # what a full model knows, it knows in English
    beyond = "beyond_in_chinese" if any(map(_HAN.search, strange)) else "beyond"
    told = (
        words(beyond, model=model, words=_listed(quoted, words)) if strange else "",
        words("reads_english", model=model, words=_listed(named, words)) if named else "",
    )
    return " ".join(filter(None, told))


def chinese_beyond(plan: Plan) -> tuple[str, ...]:
    """The Chinese words of the prompt that the model has not learnt."""
    return tuple(word for word in plan.beyond if _HAN.search(word))


def _listed(said: Sequence[str], words: Words) -> str:
    """The first of them, and how many more there are."""
    told, more = words("list_mark").join(said[:_MOST_WORDS]), len(said) - _MOST_WORDS
    return words("and_more", words=told, count=more) if more > 0 else told


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…"
