"""Three thousand requests that our OpenAPI document allows or not: each is answered as the document says."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from fooo.catalog import Catalog
from fooo.engine import FakeEngine
from fooo.record import Archive
from fooo.service import Fooo
from tests.interface.http.v1.conftest import Api, GatedEngine
from tests.interface.http.v1.described import SLOW, conforms, operations, schema_of
from tests.prove.conftest import Figure

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]

CASES = 3000


def test_three_thousand_cases_are_answered_as_the_document_says(tmp_path: Path, catalog: Catalog, figure: Figure):
    program = Fooo(
        catalog=lambda: catalog, make_engine=FakeEngine, archive=Archive(tmp_path / "outputs"), draw_seed=lambda: 1
    )
    api = Api(program, GatedEngine())
    asked = operations(schema_of(api.get("openapi.json").json()))
    ways = [each.as_strategy(mode) for each in asked for mode in GenerationMode]
    statuses: Counter[int] = Counter()

    @given(st.data())
    @settings(
        max_examples=CASES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=SLOW,
    )  # fmt: skip
    def ask(data: st.DataObject) -> None:
        statuses[conforms(api, data.draw(st.one_of(ways)))] += 1

    ask()
    program.close()
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    figure("requests by the OpenAPI document, kept and broken", f"{statuses.total()} ({told})", "no 5xx, as described")
    assert statuses.total() >= CASES
    assert max(statuses) < 500
    # both kinds came: what is taken, and what is refused
    assert statuses[200] + statuses[201] > CASES / 10
    assert statuses[422] > CASES / 10
