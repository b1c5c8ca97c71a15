"""Our pictures for other programs: as a graph for ComfyUI, as a script for diffusers."""

from fooo.record.export.comfyui import as_comfyui
from fooo.record.export.diffusers_script import as_diffusers_script
from fooo.record.export.words import Export

__all__ = ["Export", "as_comfyui", "as_diffusers_script"]
