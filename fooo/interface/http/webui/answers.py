"""What the webui answers: pictures as base64, a text that says how each was made, and how it says no."""

import json
from pathlib import PurePosixPath
from typing import Any

from starlette.responses import JSONResponse, Response

import fooo
from fooo.errors import UnreadableMetadata
from fooo.interface.http.foreign import Refused, as_base64
from fooo.interface.http.webui.asked import Drawing
from fooo.record import Record, parameters_text, read_record
from fooo.record.infotext import parse_infotext
from fooo.record.picture_texts import texts_of
from fooo.request import Size
from fooo.service import Job


def say_no(refused: Refused) -> Response:
    """The error as its clients read it."""
    headers = {"WWW-Authenticate": 'Basic realm="Fooo"'} if refused.status == 401 else None
    told = {"error": "HTTPException", "detail": refused.sentence, "body": "", "errors": refused.sentence}
    return JSONResponse(told, refused.status, headers)


def drawing_answer(job: Job, asked: Drawing, hidden: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The finished pictures of a job. Args: hidden: Fields of what was asked that are not said again."""
    files = [done.path for done in job.pictures]
    records = [done.record for done in job.pictures]
    said = asked.model_dump(mode="json")
    return {
        "images": [] if asked.send_images is False else [as_base64(file) for file in files],
        "parameters": {**said, **dict.fromkeys(hidden & set(said))},
        "info": json.dumps(_info(records, asked)),
    }


def png_info(content: bytes) -> dict[str, Any]:
    """What a picture's file says of how it was made, in the webui's words where it has them.

    Raises:
        UnreadableMetadata: It is no picture, or what it holds is no text.
    """
    texts = dict(texts_of(content))
    said = texts.pop("parameters", None) or texts.pop("UserComment", None) or _told_by_record(content)
    found = parse_infotext(said)
    fields = {"Prompt": found.prompt, "Negative prompt": found.negative, **found.fields} if found else {}
    return {"info": said, "items": texts, "parameters": fields}


def _told_by_record(content: bytes) -> str:
    try:
        return parameters_text(read_record(content))
    except UnreadableMetadata:
        return ""


def _info(records: list[Record], asked: Drawing) -> dict[str, Any]:
    """Of a job's pictures; empty where it was stopped before the first."""
    if not records:
        return {"infotexts": [], "all_seeds": [], "all_prompts": []}
    first = records[0]
    drawn = first.shot.generates[0]
    # before it is enlarged; a small model draws smaller still
    size = first.request.size if isinstance(first.request.size, Size) else drawn.size
    variations = [record.shot.generates[0].variation for record in records]
    subseeds = [each.seed if each else -1 for each in variations]
    base = next((used for used in first.models if used.name == drawn.base), None)
    return {
        "prompt": first.shot.texts.positive,
        "all_prompts": [record.shot.texts.positive for record in records],
        "negative_prompt": first.shot.texts.negative,
        "all_negative_prompts": [record.shot.texts.negative for record in records],
        "seed": first.shot.seed,
        "all_seeds": [record.shot.seed for record in records],
        "subseed": subseeds[0],
        "all_subseeds": subseeds,
        "subseed_strength": variations[0].strength if variations[0] else 0,
        "width": size.width,
        "height": size.height,
        "sampler_name": drawn.sampler.label,
        "scheduler": drawn.schedule.label,
        "cfg_scale": drawn.guidance,
        "steps": drawn.steps,
        "batch_size": asked.batch_size or 1,
        "restore_faces": bool(asked.restore_faces),
        "face_restoration_model": None,
        "sd_model_name": PurePosixPath(drawn.base).stem,
        "sd_model_hash": (base.sha256 or "")[:10] if base else "",
        "sd_vae_name": drawn.vae,
        "sd_vae_hash": None,
        "seed_resize_from_w": -1,
        "seed_resize_from_h": -1,
        "denoising_strength": asked.denoising_strength,
        "extra_generation_params": {},
        "index_of_first_image": 0,
        "infotexts": [parameters_text(record) for record in records],
        "styles": list(asked.styles or ()),
        "job_timestamp": "0",
        "clip_skip": drawn.clip_skip,
        "is_using_inpainting_conditioning": False,
        "version": f"Fooo {fooo.__version__}",
    }
