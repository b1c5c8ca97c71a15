"""Pictures drawn by Fooo itself: what is judged and shown is what a person gets."""

from pathlib import Path

from PIL import Image

from fooo.catalog import Catalog, read_catalog
from fooo.engine.local import build_local_engine
from fooo.monitor import Monitor
from fooo.plan import make_plan
from fooo.request import Request, merge, read_request
from fooo.settings import Settings


class Artist:
    """Draws prompts with a model folder through the planner and the local engine.

    Args:
        models: Folder with `base/` and, for pictures that are refined, `refiner/` in it.
        preset: Whose sampling is used.
        wishes: Further fields of the request, as a partial one.
    """

    def __init__(self, models: Path, *, preset: str = "pocket", refined: bool = True, **wishes: object) -> None:
        settings = Settings()
        self.catalog: Catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=(models,))
        self._engine = build_local_engine(lambda: self.catalog, always_cpu=False, threads=None)
        self._request = merge(
            {
                "preset": preset,
                "models": {
                    "base": "base",
                    "refiner": "refiner" if refined and "refiner" in self.catalog.models else None,
                },
            },
            wishes,
        )

    def __call__(self, prompt: str, seed: int, **wishes: object) -> Image.Image:
        """The picture that Fooo makes of the prompt. Args: wishes: For this picture, over all others."""
        asked = merge(self._request, {"prompt": prompt, "sampling": {"seed": seed}})
        request: Request = read_request(merge(asked, wishes))
        plan = make_plan(request, self.catalog, fallback_seed=seed)
        [made] = self._engine.run(plan, Monitor(lambda _: None))
        return Image.fromarray(made.picture.pixels)
