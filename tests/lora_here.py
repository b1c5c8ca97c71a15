"""A LoRA that lies in the program's folders, and the words that it was trained with."""

from dataclasses import replace
from pathlib import Path

from fooo.catalog import ModelKind
from fooo.catalog.model_files.notes import Notes
from fooo.catalog.shelf import read_shelf
from tests.adapter_files import diffusers_lora
from tests.changing_catalog import ChangingCatalog
from tests.model_files import write

LORA = "wash.safetensors"


def with_lora(folders: ChangingCatalog, models: Path, *trigger_words: str) -> None:
    """Put the file there. Args: models: A folder for models. trigger_words: What is written down beside it."""
    path = write(models / "loras" / LORA, diffusers_lora(ModelKind.SDXL_BASE))
    (file,) = read_shelf((models,)).loras.values()
    told = replace(file, notes=Notes(trigger_words=trigger_words))
    shelf = replace(folders.now.shelf, files=(told,))
    folders.now = replace(folders.now, shelf=shelf, loras={LORA: path})
