"""Stops a picture whose numbers are broken, instead of handing out a black one."""

import math

from fooo.errors import BadNumbers
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Moment


class NanGuard(Hook):
    """Raises `BadNumbers` at the first guess that holds NaN or infinity."""

    def settle(self, clean: Latents, moment: Moment) -> Latents:
        # one that is no number makes their sum none
        if not math.isfinite(clean.sum().item()):
            raise BadNumbers(
                f"The {moment.leg.value} model gave numbers that are no picture at step {moment.step + 1};"
                " draw again with --always-cpu, or copy the model again."
            )
        return clean
