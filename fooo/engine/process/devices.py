"""Which devices have a worker each, as a person names them."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from fooo.errors import EngineError, RequestError

CPU = "cpu"
_ALL = "all"
_NAME = re.compile(r"(cuda|xpu):(0|[1-9]\d?)|mps|cpu", re.ASCII)


def cards_here() -> tuple[str, ...]:
    """The graphics cards of this machine, as PyTorch names them; looked for in a process that ends with that.

    Raises:
        EngineError: PyTorch cannot be asked.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as other:
        try:
            return other.submit(_cards).result()
        except (OSError, ImportError, RuntimeError) as error:
            raise EngineError(
                f"The graphics cards cannot be counted ({error}); python launch.py doctor says more."
            ) from None


def read_devices(typed: str, cards: Callable[[], tuple[str, ...]] = cards_here) -> tuple[str, ...]:
    """The devices in the order in which they are named; `all` is every card, or the processor where there is none.

    Args:
        typed: As cuda:0,cuda:1 or cpu or all.
        cards: The names of this machine's; not asked for the processor alone.

    Raises:
        RequestError: One is written otherwise, is named twice, or is not here.
        EngineError: As of `cards_here`.
    """
    names = tuple("cuda:0" if name == "cuda" else name for name in typed.lower().replace(" ", "").split(","))
    if names == (_ALL,):
        return cards() or (CPU,)
    for name, times in Counter(names).items():
        if not _NAME.fullmatch(name):
            raise RequestError("--devices", f"{name!r} is no device", "write them as cuda:0,cuda:1 or cpu, or all")
        if times > 1:
            raise RequestError("--devices", f"{name} is named {times} times", "name it once: a device has one worker")
    there = () if names == (CPU,) else cards()
    for name in names:
        if name not in (*there, CPU):
            raise RequestError("--devices", f"{name} is not here", f"there is: {', '.join((*there, CPU))}")
    return names


def _cards() -> tuple[str, ...]:
    from fooo.weights.device import cards  # noqa: PLC0415 - brings torch, which this process is for

    return cards()
