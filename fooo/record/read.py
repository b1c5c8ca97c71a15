"""Reads how a picture was made, whoever made it: from its file, or from a text that was copied out of one."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fooo.catalog import Catalog
from fooo.errors import RequestError, UnreadableMetadata
from fooo.record.bounded import LONGEST, as_object, read_object
from fooo.record.metadata import own_text
from fooo.record.others import Loss, LossKind, Program, Read
from fooo.record.others.comfyui import is_drawing, is_graph, read_comfyui
from fooo.record.others.draw_things import is_draw_things, read_draw_things
from fooo.record.others.fooocus import is_fooocus, is_ruined, read_fooocus, read_ruined
from fooo.record.others.invokeai import read_invokeai, read_invokeai_2, read_invokeai_3
from fooo.record.others.novelai import is_novelai, read_novelai
from fooo.record.others.webui import read_webui
from fooo.record.picture_texts import HIDDEN, XMP, texts_of, xmp_value
from fooo.record.upgrade import upgrade_and_tell
from fooo.request import Request, read_request

_INVOKEAI = frozenset(("invokeai_metadata", "sd-metadata", "Dream"))
_PLACES = ("parameters", "UserComment", "prompt", "workflow", "ImageDescription", "Comment", HIDDEN)
"""Names under which programs keep what they say, in the order in which they are believed."""
_PREFIXED = {"Model": "prompt:", "Make": "workflow:"}
"""Of EXIF, where ComfyUI's nodes for WebP put its graphs."""
_BROKEN = (ValidationError, ValueError, RecursionError)

Reading = Callable[[], Read | None]


def read(source: Path | bytes, catalog: Catalog | None = None) -> Read | None:
    """What a picture says of how it was made; None where it says nothing that we know.

    Args:
        source: A PNG, JPEG or WebP file.
        catalog: What is here: names that it lacks are left open and told. None: names stay as they are said.

    Raises:
        UnreadableMetadata: It is no picture, or what it says is broken.
    """
    return read_texts(texts_of(source), catalog)


def read_text(text: str, catalog: Catalog | None = None) -> Read | None:
    """The same from a text that was copied out of a picture, a page or a file: JSON, or the webui's form.

    Raises:
        UnreadableMetadata: It is broken, or longer than any picture's.
    """
    if len(text) > LONGEST:
        problem = f"has more than {LONGEST // 2**20} million characters"
        raise UnreadableMetadata("text", problem, "copy the settings alone")
    return read_texts({"parameters": text.removeprefix("\ufeff").strip()}, catalog, said_in="text")


def read_texts(texts: Mapping[str, str], catalog: Catalog | None = None, *, said_in: str = "picture") -> Read | None:
    """What the texts of a picture say. Args: said_in: What an error names.

    Raises:
        UnreadableMetadata: What is there is broken.
    """
    broken = False
    for reading in _readings(texts, catalog):
        try:
            if found := reading():
                return found
        except _BROKEN:
            broken = True
        except RequestError as error:
            raise UnreadableMetadata(said_in, f"holds a request with a mistake in it ({error})", "mend it") from None
    if broken:
        problem = "holds a record that this version cannot read"
        raise UnreadableMetadata(said_in, problem, f"update Fooo, or choose another {said_in}")
    return None


def _readings(texts: Mapping[str, str], catalog: Catalog | None) -> Iterator[Reading]:
    """Ways to read them, the surest first."""
    own = own_text(texts)
    if own is not None:
        yield partial(_read_own, own)
    if _INVOKEAI & set(texts):
        yield partial(read_invokeai, texts, catalog)
    if is_novelai(texts):
        yield partial(read_novelai, texts, catalog)
    program = Program.FOOOCUS if "a1111" in {texts.get("fooocus_scheme"), texts.get("MakerNote")} else None
    for text in _places(texts):
        # a prompt of the webui may begin with a brace too, as {a|b} does
        if text.startswith("{") and not _is_of_webui(text):
            yield partial(_read_json, text, catalog)
        else:
            yield partial(read_webui, text, catalog, program)


def _is_of_webui(text: str) -> bool:
    """Whether its last line is one of settings: no line of JSON begins so."""
    return text.rpartition("\n")[2].startswith("Steps: ")


def _places(texts: Mapping[str, str]) -> Iterator[str]:
    packet = texts.get(XMP, "")
    of_xmp = (xmp_value(packet, name) for name in ("exif:UserComment", "dc:description")) if packet else ()
    prefixed = (
        texts[name].removeprefix(mark) for name, mark in _PREFIXED.items() if texts.get(name, "").startswith(mark)
    )
    for text in (*(texts.get(name) for name in _PLACES), *of_xmp, *prefixed):
        if text and text.strip():
            yield text.strip()


def _read_own(text: str) -> Read:
    record, left_out = upgrade_and_tell(read_object(text))
    return Read(
        program=Program.FOOO,
        version=record.versions.get("fooo", ""),
        request=record.request,
        losses=tuple(Loss(LossKind.FIELD, place, "what a newer version says") for place in left_out),
        record=record,
    )


def _read_json(text: str, catalog: Catalog | None) -> Read | None:
    """By the names of its fields."""
    fields = read_object(text)
    if {"request", "shot"} <= set(fields):
        return _read_own(text)
    for knows, reading in _FORMS:
        if knows(fields):
            return reading(fields, catalog)
    nested = as_object(fields.get("prompt"))
    if is_graph(nested):
        return read_comfyui(nested, catalog)
    if "prompt" in fields and set(fields) <= set(Request.model_fields):
        return Read(program=Program.FOOO, request=read_request(fields))
    return None


def _is_invokeai(fields: Mapping[str, Any]) -> bool:
    return "positive_prompt" in fields and bool({"cfg_scale", "generation_mode", "scheduler"} & set(fields))


def _is_invokeai_2(fields: Mapping[str, Any]) -> bool:
    return "prompt" in as_object(fields.get("image"))


def _is_comment(fields: Mapping[str, Any]) -> bool:
    return {"uc", "sampler", "scale"} <= set(fields)


def _read_comment(fields: Mapping[str, Any], catalog: Catalog | None) -> Read | None:
    return read_novelai({"Comment": fields}, catalog)


_FORMS: tuple[
    tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any], Catalog | None], Read | None]], ...
] = (
    (_is_invokeai, read_invokeai_3),
    (_is_invokeai_2, read_invokeai_2),
    (is_ruined, read_ruined),
    (is_fooocus, read_fooocus),
    (is_draw_things, read_draw_things),
    (is_novelai, read_novelai),
    (_is_comment, _read_comment),
    (is_graph, read_comfyui),
    (is_drawing, read_comfyui),
)
