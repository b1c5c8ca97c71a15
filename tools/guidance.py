"""Draws the sheets of docs/guidance.md and docs/samplers.md: python -m tools.launch guidance [NAME ...]."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from fooo.catalog import Sampler
from fooo.request import Partial
from fooo.settings import ROOT
from tools.pocket import sheet
from tools.pocket.artist import Artist

PICTURES = ROOT / "docs" / "pictures"
SEED = 11
CAT = "a red cat on a blue background, cartoon"
PROMPTS = (CAT, "a house and a tree, watercolour", "a pink castle in the sky, 3d render")
SCALES = (1, 2, 4, 7, 10, 15, 30)
WAYS: dict[str, Partial] = {
    "plain": {},
    "adaptive 4": {"guidance_options": {"adaptive": 4}},
    "rescale 0.7": {"guidance_options": {"rescale": 0.7}},
    "0.2 to 0.75": {"guidance_options": {"start": 0.2, "end": 0.75}},
}
SHARPNESS = (0, 2, 10, 30)
SWITCHES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
STEPS = (4, 8, 15, 30)
STRENGTHS = (0, 0.1, 0.2, 0.4, 0.7, 1)
TRICKS: dict[str, Partial] = {
    "none": {},
    "size scale": {"size_scale": {}},
    "perturbed 1": {"guidance_options": {"perturbed_attention": 1}},
    "perturbed 3": {"guidance_options": {"perturbed_attention": 3}},
    "FreeU, Fooocus's": {"free_u": {}},
    "FreeU, its authors'": {"free_u": {"b1": 1.3, "b2": 1.4, "s1": 0.9, "s2": 0.2}},
}
TILED = "a house and a tree, watercolour"

Labelled = tuple[Image.Image, str]
Rows = list[list[Labelled]]


def guidance(artist: Artist) -> Rows:
    """One row a way, one column a scale."""
    return [
        [(artist(CAT, SEED, sampling={"guidance": scale, **way}), f"{name}, scale {scale}") for scale in SCALES]
        for name, way in WAYS.items()
    ]


def sharpness(artist: Artist) -> Rows:
    return [
        [(artist(prompt, SEED, sampling={"sharpness": each}), f"sharpness {each}") for each in SHARPNESS]
        for prompt in PROMPTS
    ]


def refiner(artist: Artist) -> Rows:
    return [
        [
            (artist(prompt, SEED, models={"refiner_switch": switch, "refiner_method": method}), f"{method} {switch}")
            for switch in SWITCHES
        ]
        for prompt in PROMPTS
        for method in ("joint", "separate")
    ]


def samplers(artist: Artist) -> Rows:
    """Two samplers a row, each with all numbers of steps."""

    def row(sampler: Sampler) -> list[Labelled]:
        wishes: Any = {"sampler": sampler.value, "schedule": sampler.usual_schedule.value}
        drawn = {steps: artist(CAT, SEED, sampling={**wishes, "steps": steps}) for steps in STEPS}
        return [(picture, f"{sampler.label}, {steps} steps") for steps, picture in drawn.items()]

    rows = [row(sampler) for sampler in Sampler]
    return [[*one, *other] for one, other in zip(rows[::2], rows[1::2], strict=True)]


def tricks(artist: Artist) -> Rows:
    return [[(artist(prompt, SEED, sampling=wish), name) for name, wish in TRICKS.items()] for prompt in PROMPTS]


def variation(artist: Artist) -> Rows:
    return [
        [
            (artist(prompt, SEED, sampling={"variation": {"seed": 5, "strength": strength}}), f"strength {strength}")
            for strength in STRENGTHS
        ]
        for prompt in PROMPTS
    ]


def tiling(artist: Artist) -> Rows:
    """Each picture four times, side by side and one above the other."""

    def four(tiling: str) -> Image.Image:
        picture = artist(TILED, SEED, sampling={"tiling": tiling})
        copies = Image.new("RGB", (2 * picture.width, 2 * picture.height))
        for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
            copies.paste(picture, (x * picture.width, y * picture.height))
        return copies

    return [[(four(each), f"tiling {each}, four copies") for each in ("none", "x", "y", "both")]]


SHEETS: dict[str, Callable[[Artist], Rows]] = {
    "guidance": guidance,
    "sharpness": sharpness,
    "refiner": refiner,
    "samplers-steps": samplers,
    "tricks": tricks,
    "variation": variation,
    "tiling": tiling,
}


def main(names: Sequence[str]) -> None:
    artist = Artist(ROOT / "models" / "pocket")
    for name in names or SHEETS:
        rows = SHEETS[name](artist)
        pictures, labels = [[each[0] for each in row] for row in rows], [[each[1] for each in row] for row in rows]
        sheet.save(sheet.grid(pictures, labels), PICTURES / f"{name}.jpg")


if __name__ == "__main__":
    main(sys.argv[1:])
