"""What a feature may do to the denoising loop."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.events import LegName
from fooo.pipeline.guidance import Guesses
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Call, Moment


class Hook:
    """A feature of the loop. Override what you need; each method does nothing by default.

    Hooks see one picture at a time, before pictures are stacked into a network call and after they are split.

    Attributes:
        legs: On which it acts; on the others the loop goes on as if it were not there.
    """

    legs: ClassVar[frozenset[LegName]] = frozenset(LegName)

    def patch(self, unet: UNet2DConditionModel) -> AbstractContextManager[None]:
        """Change a network for as long as its leg lasts; leaving the context undoes it bit for bit."""
        return nullcontext()

    def calls(self, wanted: Sequence[Call], moment: Moment) -> Sequence[Call]:
        """Add named calls beside those that the guidance wants."""
        return wanted

    def condition(self, call: Call, moment: Moment) -> Call:
        """Change what goes into one network call."""
        return call

    def guide(self, guesses: Guesses, moment: Moment) -> Guesses:
        """Change the named guesses before they are combined."""
        return guesses

    def settle(self, clean: Latents, moment: Moment) -> Latents:
        """See, and maybe replace, the guess of the clean latents."""
        return clean
