"""Our prompts in the simpler forms that other programs read."""

import re
from dataclasses import dataclass

from fooo.plan import Enlarge, Generate, Mend, Open, Shot, parse
from fooo.plan.prompt.grammar import Alternating, Break, Embedding, Nodes, Plain, Scheduled, leaves
from fooo.record.parameters import stem

_TO_ESCAPE = re.compile(r"[()]")


@dataclass(frozen=True, slots=True)
class Worded:
    """A text, and a sentence for each thing in it that the other program has no form for."""

    text: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """What another program runs. Args: left_out: What of the picture is not in it, a sentence each."""

    text: str
    left_out: tuple[str, ...] = ()


def weighted_words(text: str) -> Worded:
    """As ComfyUI reads it: each stretch with its own weight, no brackets within others."""
    return _worded(text, weighs=True)


def plain_words(text: str) -> Worded:
    """Words alone."""
    return _worded(text, weighs=False)


def left_out_of(shot: Shot) -> tuple[str, ...]:
    """What of a shot no export knows, a sentence each."""
    found: dict[str, bool] = {}
    for drawn in shot.generates:
        found |= _unusual(drawn)
    found["the picture that it begins with"] = any(isinstance(each, Open) for each in shot.passes)
    found["the mending of small things"] = any(isinstance(each, Mend) for each in shot.passes)
    return tuple(f"Left out: {name}." for name, is_there in found.items() if is_there)


def enlarges(shot: Shot) -> tuple[Enlarge, ...]:
    return tuple(each for each in shot.passes if isinstance(each, Enlarge))


def _unusual(drawn: Generate) -> dict[str, bool]:
    options = drawn.guidance_options
    return {
        "sharpness": bool(drawn.sharpness),
        "the scale of the size that the model is told": drawn.size_scale is not None,
        "the variation of the noise": drawn.variation is not None,
        "the mixed noise of several seeds": bool(drawn.seeds),
        "FreeU": drawn.free_u is not None,
        "tiling": drawn.tiling.value != "none",
        "resting layers between steps": drawn.step_cache > 1,
        "adaptive guidance": options.adaptive is not None,
        "rescaled guidance": options.rescale > 0,
        "guidance for a part of the steps": options.start > 0 or options.end < 1,
        "perturbed attention": options.perturbed_attention > 0,
    }


def _worded(text: str, *, weighs: bool) -> Worded:
    parts = parse(text).prompt.parts
    left_out: dict[str, None] = {"Several prompts of one picture (AND) are one here.": None} if len(parts) > 1 else {}
    said = ", ".join(_joined(part.tree, left_out, weighs=weighs).strip() for part in parts)
    return Worded(said, tuple(left_out))


def _joined(nodes: Nodes, left_out: dict[str, None], *, weighs: bool) -> str:
    said = ""
    for leaf, weight in leaves(nodes):
        match leaf:
            case Plain(words):
                said += _weighted(words, weight, left_out, weighs=weighs)
            case Embedding(name):
                said += f"embedding:{stem(name)}" if weighs else stem(name)
            case Break():
                left_out["BREAK is a space here."] = None
                said += " "
            case Scheduled(before, after):
                left_out["Words that change from step to step stay as they begin."] = None
                said += _joined(before or after, left_out, weighs=weighs)
            case Alternating(options):
                left_out["Words that change from step to step stay as they begin."] = None
                said += _joined(options[0], left_out, weighs=weighs)
            case _:
                pass  # LoRAs stand beside the words
    return said


def _weighted(words: str, weight: float, left_out: dict[str, None], *, weighs: bool) -> str:
    if not weighs:
        if weight != 1:
            left_out["Words have no weights here."] = None
        return words
    escaped = _TO_ESCAPE.sub(r"\\\g<0>", words)
    return escaped if weight == 1 else f"({escaped}:{weight:.4g})"
