from collections.abc import Callable

import pytest

from fooo.interface.web.view import Drawing
from fooo.plan import Plan
from fooo.service import Job


@pytest.fixture
def drawing(plan_of: Callable[..., Plan]) -> Drawing:
    return Drawing(
        job=Job(plan_of()), width=16, height=8, number=1, count=2, loading=None, step=None, preview=None,
        has_picture=False, ending=False,
    )  # fmt: skip
