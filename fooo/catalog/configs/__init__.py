"""How the networks of each family are built, in diffusers' layout: what a checkpoint of one file leaves out.

Sources of the sizes: Rombach et al. 2022, table 15 (SD 1.x and 2.x); Podell et al. 2023, table 1 and section 2.5
(SDXL); Radford et al. 2021 and OpenCLIP's model files (the text towers).
"""

import json
from pathlib import Path
from typing import cast

from fooo.catalog.local_models import LocalModel
from fooo.catalog.model_files.contents import Base
from fooo.errors import ModelError

_HERE = Path(__file__).parent
_FAMILIES = {Base.SD1: "sd1", Base.SD2: "sd2", Base.SDXL: "sdxl", Base.SDXL_REFINER: "sdxl_refiner"}


def config_folder(model: LocalModel) -> Path:
    """Where a model's configurations and vocabularies are.

    Of a folder its own; of a checkpoint `NAME.config` beside it, else what is usual in its family.
    """
    if model.file is None:
        return model.folder
    own = model.file.with_suffix(".config")
    return own if own.is_dir() else _HERE / _FAMILIES[model.kind.base]


def text_layers(model: LocalModel) -> int | None:
    """How many layers the shallowest of a model's text towers has; None where its configurations do not say.

    Raises:
        ModelError: A configuration is damaged.
    """
    folder = config_folder(model)
    configs = (folder / name / "config.json" for name in ("text_encoder", "text_encoder_2"))
    layers = [_layers_in(config) for config in configs if config.is_file()]
    return min((each for each in layers if each is not None), default=None)


def _layers_in(config: Path) -> int | None:
    try:
        told: object = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ModelError(config, "is damaged", "copy the model again") from None
    layers = cast(dict[str, object], told).get("num_hidden_layers") if isinstance(told, dict) else None
    return layers if isinstance(layers, int) else None
