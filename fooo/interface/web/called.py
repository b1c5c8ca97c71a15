"""What gradio's own clients may call of the page: `draw`, and nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio.to_thread
import gradio as gr

from fooo.errors import FoooError
from fooo.interface.jobs import one_job
from fooo.interface.people import submit
from fooo.interface.people.waiting import ended
from fooo.interface.web.seam import person_of
from fooo.interface.web.view import AddressOf
from fooo.request import read_request
from fooo.service import Fooo

Draw = Callable[[dict[str, Any], gr.Request], Awaitable[dict[str, Any]]]


def draw_for(program: Fooo, address_of: AddressOf) -> Draw:
    """A function that draws a request and answers with its pictures, once they are all there."""

    async def draw(asked: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Draws a request, such as {"prompt": "a red apple"}; answers with the job's id and its pictures' addresses."""
        if not isinstance(asked, dict):  # pyright: ignore[reportUnnecessaryIsInstance] - gradio does not look
            raise _told("A request is a JSON object; put its fields between { and }.")
        try:
            wish = one_job(read_request(asked))
            job = await ended(await anyio.to_thread.run_sync(submit, program, wish, person_of(request)))
        except FoooError as error:
            raise _told(str(error)) from None
        pictures = [
            {"address": address_of(job, number).full, "seed": done.record.shot.seed}
            for number, done in enumerate(job.pictures)
        ]
        return {"job": job.id, "pictures": pictures}

    return draw


def _told(sentence: str) -> gr.Error:
    return gr.Error(sentence, print_exception=False)
