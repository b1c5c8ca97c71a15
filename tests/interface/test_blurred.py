"""That a picture was blurred is said wherever it is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine
from fooo.engine.filtering import Filtered
from fooo.interface.arguments import parse
from fooo.interface.cli import make
from fooo.interface.i18n import read_languages
from fooo.interface.web.failures import FailuresTold, sentence_of
from fooo.interface.web.view import Address, Lookout
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo
from fooo.vision.safety import blurred


@pytest.fixture
def program(catalog: Catalog, tmp_path: Path) -> Iterator[Fooo]:
    """Of which each second picture must not be seen."""
    scores = iter([0.0, 1.0] * 10)
    program = Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: Filtered(FakeEngine(), lambda _: next(scores), blurred),
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
    )
    yield program
    program.close()


def test_on_the_command_line_beside_the_path(program: Fooo, capsys: pytest.CaptureFixture[str]):
    assert make(program, parse(["make", "a", "-n", "2", "--steps", "2"])) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 2
    assert told.err == "A picture was blurred: whoever runs this Fooo filters pictures of nudity.\n"


def test_on_the_page_once_in_the_persons_language(program: Fooo):
    lookout, told = Lookout(program, lambda job, number: Address("", "")), FailuresTold()
    assert told.news("a page", lookout.look()) == []
    for _ in program.submit(read_request({"prompt": "a", "output": {"count": 2}})).events():
        pass
    news = told.news("a page", lookout.look())
    said = [[sentence_of(each, words) for each in news] for _, words in sorted(read_languages().items())]
    assert [len(each) for each in said] == [1] * len(said)
    assert said[0][0].startswith("A picture was blurred")
    assert said[1][0].startswith("有一张图片已被模糊处理")
    assert told.news("a page", lookout.look()) == []
