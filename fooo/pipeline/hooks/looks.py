"""The hooks that a pass wishes, whatever its words are."""

from fooo.pipeline.hooks.free_u import FreeU
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.hooks.sharpness import Sharpness
from fooo.pipeline.hooks.size_scale import SizeScale
from fooo.pipeline.hooks.tiling import SeamlessTiling
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.plan import Generate
from fooo.plan.finish.windows import tiling_in_a_window
from fooo.request import Tiling


def hooks_for_looks(generate: Generate, levels: NoiseLevels) -> list[Hook]:
    """In the order in which they have their say; none of what is off."""
    hooks: list[Hook] = []
    if size := generate.size_scale:
        until = levels.sigma((1 - size.end) * (levels.count - 1))
        hooks.append(SizeScale(positive=size.positive, negative=size.negative, until=until))
    if generate.sharpness:
        hooks.append(Sharpness(generate.sharpness, levels))
    if free := generate.free_u:
        hooks.append(FreeU(b1=free.b1, b2=free.b2, s1=free.s1, s2=free.s2))
    if (tiling := tiling_in_a_window(generate)) is not Tiling.NONE:
        hooks.append(SeamlessTiling(tiling))
    return hooks
