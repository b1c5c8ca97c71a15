"""How a picture is denoised, as a person may ask for it; every unusual wish is off until it is made."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from fooo.request.frozen import Frozen, Name

RANDOM_SEED = -1

Seed = Annotated[int, Field(ge=0, lt=2**63)]
SeedWish = Annotated[int, Field(ge=RANDOM_SEED, lt=2**63)]
"""-1 draws a new one."""

Share = Annotated[float, Field(ge=0, le=1)]

Strength = Annotated[float, Field(gt=0, le=1)]
"""How much of a source picture is drawn anew: 1 leaves nothing of it, 0.4 its layout and colours."""


class StrengthSteps(StrEnum):
    """What a number of steps means where a strength below 1 walks only the end of the schedule."""

    ALL = "all"
    """That many are carried out, as in Fooocus."""
    SHARE = "share"
    """Strength times that many are carried out and one more, the end of a schedule of that many, as in the webui."""


class RefinerMethod(StrEnum):
    """How the refiner takes over."""

    JOINT = "joint"
    """Within one run: the sampler keeps what it remembers of the base's guesses."""
    SEPARATE = "separate"
    """In a run of its own, which begins with the base's noisy latents and remembers nothing."""


class Tiling(StrEnum):
    """Along which axes copies of the picture, put side by side, meet without a seam."""

    NONE = "none"
    X = "x"
    Y = "y"
    BOTH = "both"


class SamplerOptions(Frozen):
    """How much chance there is in a sampler that has any; the others pass over it."""

    eta: Share | None = None
    """Share of a step's noise that is drawn anew; 0 draws none. Unset: the sampler's own."""
    s_churn: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """How much noise Euler, Heun and DPM2 add before their steps, over the whole walk. Karras et al. 2022 try 0 to 80.
    """
    s_tmin: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    """They do so from this noise level up..."""
    s_tmax: Annotated[float, Field(ge=0, le=10_000)] = 10_000.0
    """... to this one, by itself above every model's."""
    s_noise: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Scales all noise that is added on the way; a little above 1 keeps details that guesses smooth away."""

    def eta_or(self, own: float) -> float:
        return own if self.eta is None else self.eta


class GuidanceOptions(Frozen):
    """What becomes of the guidance scale on the way."""

    adaptive: Annotated[float, Field(ge=1, le=30)] | None = None
    """A scale above this one begins as this one and rises to its own while the noise falls. Fooocus has 7."""
    rescale: Share = 0.0
    """How far the guided guess is brought back to the contrast of the unguided one. Lin et al. 2024 advise 0.7."""
    start: Share = 0.0
    """Share of the steps before which there is no guidance..."""
    end: Share = 1.0
    """... and from which on there is none any more; after the start."""
    perturbed_attention: Annotated[float, Field(ge=0, le=20)] = 0.0
    """Scale away from the guess of a network that cannot see its picture as a whole. Ahn et al. 2024 advise 3."""


class Variation(Frozen):
    """Another seed's noise in the picture's own; picture n of a request has this seed + n, and all one seed."""

    seed: SeedWish = RANDOM_SEED
    strength: Share
    """0 is the picture's own noise, 1 the other seed's."""


class WeightedSeed(Frozen):
    seed: Seed
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0


class SizeScale(Frozen):
    """The size of which SDXL is told that its picture was cut, times these; SDXL draws what looks that large."""

    positive: Annotated[float, Field(ge=0.1, le=3)] = 1.5
    negative: Annotated[float, Field(ge=0.1, le=3)] = 0.8
    end: Share = 0.3
    """Share of the noise's time after which it is told the truth."""


class FreeU(Frozen):
    """More of the UNet's deep features, less of what skips past them: 1 leaves each as it is."""

    b1: Annotated[float, Field(ge=0, le=2)] = 1.01
    """Of the deepest features."""
    b2: Annotated[float, Field(ge=0, le=2)] = 1.02
    """Of those above them."""
    s1: Annotated[float, Field(ge=0, le=4)] = 0.99
    """Of the coarse part of what skips past the deepest features."""
    s2: Annotated[float, Field(ge=0, le=4)] = 0.95
    """Of the coarse part of what skips past those above them."""


class Sampling(Frozen):
    """How the picture is denoised. Unset fields are filled by the performance mode, then by the preset."""

    performance: Name | None = None
    """A mode that the model's family has. Unset: the preset's, else Speed."""
    budget: Name | None = None
    """How long a picture may take, such as `20 s`, `1 min` or `best`: it chooses mode, steps and size where these are
    open, by what this machine was measured to do."""
    steps: Annotated[
        Annotated[int, Field(ge=1, le=200)] | None,
        Field(
            description="How often the picture is improved, 1 to 200; more steps take longer. "
            "Empty: as the performance mode has it."
        ),
    ] = None
    guidance: Annotated[
        Annotated[float, Field(ge=1, le=30)] | None,
        Field(description="How closely the words are followed, 1 to 30; 1 leaves the negative prompt out."),
    ] = None
    """Classifier-free guidance scale. Ho and Salimans 2022."""
    sampler: Annotated[Name | None, Field(description="How each step is made; they differ in detail and calm.")] = None
    schedule: Annotated[Name | None, Field(description="How the steps are spread over the noise.")] = None
    seed: Annotated[
        SeedWish,
        Field(
            description="The same seed and the same settings draw the same picture; the next pictures of a press have "
            "the numbers after it."
        ),
    ] = RANDOM_SEED
    """-1 draws a new one; picture n of a request has seed + n."""
    sampler_options: SamplerOptions = SamplerOptions()
    guidance_options: GuidanceOptions = GuidanceOptions()
    variation: Variation | None = None
    seeds: Annotated[tuple[WeightedSeed, ...], Field(max_length=16)] = ()
    """Their noise, mixed by weight, in place of the seed's; picture n has each + n."""
    sharpness: Annotated[float, Field(ge=0, le=30)] = 0.0
    """Texture that the guesses would smooth away. Fooocus has 2."""
    size_scale: SizeScale | None = None
    free_u: FreeU | None = None
    tiling: Tiling = Tiling.NONE
    step_cache: Annotated[int, Field(ge=1, le=5)] = 1
    """At every how many steps the whole network is asked, from the sixth on; at those between, its deep layers rest. 1:
    at each. 2 is much quicker and draws nearly the same picture, 5 the quickest and furthest from it."""
