"""Partial requests with a name: what a preset is, and where they are read from."""

from fooo.catalog.presets.preset import Preset, PresetFile
from fooo.catalog.presets.preset_files import read_presets

__all__ = ["Preset", "PresetFile", "read_presets"]
