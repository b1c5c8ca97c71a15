"""What clients of the webui ask, as requests of ours. Nothing is added to their words, nothing of a preset's taste."""

from collections.abc import Mapping
from typing import Any, cast

from fooo.catalog import Catalog, ModelKind
from fooo.interface.http.foreign import Refused
from fooo.interface.http.webui.asked import Drawing, Extras, TextToImage
from fooo.interface.http.webui.options import models_of, plain_name
from fooo.request import Partial, Request, StrengthSteps, merge, read_request

USUAL_STRENGTH = 0.75
"""The webui's, where a client says none."""
_NOT_HERE = 501
_PLAIN: Partial = {
    "dialect": "webui",
    "expansion": "off",
    "quality": {"words": "", "unwanted": ""},
    "styles": [],
    "models": {"refiner": None, "loras": []},
    "sampling": {"sharpness": 0.0, "size_scale": None, "free_u": None, "guidance_options": {"adaptive": None}},
    "faces": {"on": False},
}
_ALONE = ("none", "lanczos", "nearest")
_ESRGAN = {"r-esrgan 4x+": "photo", "r-esrgan 4x+ anime6b": "drawing"}
"""The webui's names, folded, of what has short names here."""


def text_to_image(asked: TextToImage, options: Mapping[str, Any], catalog: Catalog) -> Request:
    """The request.

    Raises:
        RequestError: A field cannot be carried out.
        Refused: It asks for what Fooo has not.
    """
    fields = _drawing(asked, options, catalog)
    if asked.enable_hr:
        fields = merge(fields, {"enlarge": _hires(asked)})
    return read_request(fields)


def image_to_image(asked: Drawing, options: Mapping[str, Any], catalog: Catalog, picture: str) -> Request:
    """The same over a picture of the store. Args: picture: Its id."""
    strength = USUAL_STRENGTH if asked.denoising_strength is None else asked.denoising_strength
    start = {"kind": "vary", "picture": picture, "strength": strength, "counted": StrengthSteps.SHARE.value}
    return read_request({**_drawing(asked, options, catalog), "start": start})


def enlarging(asked: Extras, picture: str, size: tuple[int, int]) -> Request:
    """A picture of the store made larger. Args: size: Its width and height.

    Raises:
        RequestError: A field cannot be carried out.
    """
    enlarge: dict[str, Any] = {"upscaler": upscaler_named(asked.upscaler_1), "repaint": 0.0}
    wanted = (asked.upscaling_resize_w or 0, asked.upscaling_resize_h or 0)
    if asked.resize_mode != 1:
        enlarge["by"] = asked.upscaling_resize
    elif asked.upscaling_crop:
        enlarge["to"] = wanted
    else:
        enlarge["by"] = max(wanted[0] / size[0], wanted[1] / size[1])
    return read_request({"start": {"kind": "keep", "picture": picture}, "enlarge": enlarge})


def refuse_extras(asked: Extras) -> None:
    """Raises: Refused: It asks for what Fooo has not."""
    for name, wanted in (
        ("gfpgan_visibility", asked.gfpgan_visibility),
        ("codeformer_visibility", asked.codeformer_visibility),
    ):
        if wanted:
            raise Refused(_NOT_HERE, f"{name}: Fooo restores no faces of a finished picture; set it to 0.", name)
    if asked.extras_upscaler_2_visibility and asked.upscaler_2 not in (None, "", "None"):
        raise Refused(_NOT_HERE, "upscaler_2: Fooo does not mix two upscalers; name one.", "upscaler_2")


def upscaler_named(name: str | None) -> str | None:
    """Ours by the webui's name; None: the one that suits."""
    folded = (name or "none").casefold()
    if folded in _ALONE or folded.startswith("latent"):
        return None
    return _ESRGAN.get(folded, name)


def _drawing(asked: Drawing, options: Mapping[str, Any], catalog: Catalog) -> Partial:
    _refuse_drawing(asked)
    said = {
        "prompt": asked.prompt or "",
        "negative": asked.negative_prompt or "",
        "styles": list(asked.styles or ()),
        "size": _size(asked),
        "output": {"count": (asked.batch_size or 1) * (asked.n_iter or 1)},
        "sampling": _sampling(asked),
        "models": {**models_of(options, catalog), **_refiner(asked, catalog)},
        "faces": {"on": bool(asked.restore_faces)},
    }
    return merge(_PLAIN, {name: value for name, value in said.items() if value is not None})


def _refuse_drawing(asked: Drawing) -> None:
    """Raises: Refused: It asks for what Fooo has not."""
    if asked.script_name:
        raise Refused(_NOT_HERE, f"script_name: Fooo runs no scripts, and so not {asked.script_name!r}.", "script_name")
    for name, script in (asked.alwayson_scripts or {}).items():
        if _is_on(script):
            raise Refused(_NOT_HERE, f"alwayson_scripts: Fooo has no {name!r}; leave it out.", "alwayson_scripts")
    if (asked.seed_resize_from_h or 0) > 0 and (asked.seed_resize_from_w or 0) > 0:
        raise Refused(_NOT_HERE, "seed_resize_from_w: Fooo does not resize seeds; leave it out.", "seed_resize_from_w")


def _is_on(script: object) -> bool:
    """Whether a client wants it: some send every extension they know, switched off."""
    if isinstance(script, list):
        return any(map(_is_on, cast(list[object], script)))
    if not isinstance(script, dict):
        return bool(script)
    fields = cast(dict[str, object], script)
    if "args" in fields:
        return _is_on(fields["args"])
    return bool(fields) and fields.get("enabled") is not False


def _size(asked: Drawing) -> Partial | None:
    if asked.width is None and asked.height is None:
        return None
    return {"width": asked.width or asked.height, "height": asked.height or asked.width}


def _sampling(asked: Drawing) -> Partial:
    options = {
        "eta": asked.eta,
        "s_churn": asked.s_churn,
        "s_tmin": asked.s_tmin,
        # the webui writes 0 where it means no end
        "s_tmax": asked.s_tmax or None,
        "s_noise": asked.s_noise,
    }
    said = {
        "steps": asked.steps,
        "guidance": asked.cfg_scale,
        "sampler": asked.sampler_name or asked.sampler_index or None,
        "schedule": asked.scheduler or None,
        "seed": asked.seed,
        "variation": {"seed": -1 if asked.subseed is None else asked.subseed, "strength": asked.subseed_strength}
        if asked.subseed_strength
        else None,
        "sampler_options": {name: value for name, value in options.items() if value is not None},
        "tiling": "both" if asked.tiling else "none",
    }
    return {name: value for name, value in said.items() if value is not None}


def _refiner(asked: Drawing, catalog: Catalog) -> Partial:
    name = plain_name(asked.refiner_checkpoint or "")
    if not name or name.casefold() == "none":
        return {}
    refiner = catalog.model(name, {ModelKind.SDXL_REFINER}, "refiner_checkpoint").name
    switch = {} if asked.refiner_switch_at is None else {"refiner_switch": asked.refiner_switch_at}
    return {"refiner": refiner, **switch}


def _hires(asked: TextToImage) -> Partial:
    """What is enlarged and then drawn over once more.

    Raises:
        Refused: It asks for what Fooo has not.
    """
    for name in ("hr_checkpoint_name", "hr_sampler_name", "hr_scheduler", "hr_prompt", "hr_negative_prompt"):
        if getattr(asked, name) not in (None, "", "Use same checkpoint", "Use same sampler", "Use same scheduler"):
            raise Refused(_NOT_HERE, f"{name}: Fooo draws over with what it drew with; leave it out.", name)
    if asked.firstphase_width or asked.firstphase_height:
        problem = "firstphase_width: Fooo takes the first size as width and height; say hr_resize_x and hr_resize_y."
        raise Refused(_NOT_HERE, problem, "firstphase_width")
    strength = USUAL_STRENGTH if asked.denoising_strength is None else asked.denoising_strength
    return {
        **_hires_size(asked),
        "upscaler": upscaler_named(asked.hr_upscaler),
        "repaint": strength,
        "steps": asked.hr_second_pass_steps or 0,
    }


def _hires_size(asked: TextToImage) -> Partial:
    wide, high = asked.hr_resize_x or 0, asked.hr_resize_y or 0
    if wide and high:
        return {"to": (wide, high)}
    if wide or high:
        side = asked.width if wide else asked.height
        if not side:
            raise Refused(
                422, "hr_resize_x: say width and height too, or both sides of the larger size.", "hr_resize_x"
            )
        return {"by": (wide or high) / side}
    return {"by": 2.0 if asked.hr_scale is None else asked.hr_scale}
