from collections.abc import Callable
from pathlib import Path

import pytest

from fooo.errors import (
    BadNumbers,
    BadPicture,
    EngineError,
    FoooError,
    ModelError,
    NotAllowed,
    RequestError,
    UnknownName,
    WorkerDied,
)
from fooo.interface.i18n import read_languages
from fooo.interface.web.failures import sentence_of
from fooo.request import Partial, read_request

EN, ZH = (read_languages()[code] for code in ("en", "zh"))

PATH = Path("models/loras/ink.safetensors")


def wrong(partial: Partial) -> RequestError:
    with pytest.raises(RequestError) as raised:
        read_request(partial)
    return raised.value


IN_CHINESE: list[tuple[Callable[[], FoooError], str]] = [
    (lambda: wrong({"output": {"count": 99}}), "张数：99 超出范围；应当不大于 64。"),
    (lambda: wrong({"sampling": {"steps": "x"}}), "步数：'x' 不对；应当是整数。"),
    (lambda: wrong({"styles": [3]}), "风格：3 不对；应当是文字。"),
    (lambda: UnknownName("styles", "ink", ["Inks", "Inka"]), "风格：没有 'ink'；是不是想用 Inks 或 Inka。"),
    (lambda: UnknownName("preset", "ink", []), "预设：没有 'ink'；一个也还没有安装。"),
    (
        lambda: BadPicture("cat.png", "cannot be read (it is damaged, or no picture)", "choose another file"),
        "cat.png：无法读取（文件已损坏，或不是图片）；请换一个文件。",
    ),
    (
        lambda: RequestError("picture", "is not in the history any more", "open the history again"),
        "图片：已经不在历史里了；请重新打开历史。",
    ),
    (
        lambda: ModelError(PATH, "is damaged: there is a hole between tensors", "download or copy it again"),
        f"模型文件 {PATH} 已损坏：张量之间有空缺；请重新下载或复制。",
    ),
    (
        lambda: EngineError(str(ModelError(Path("ink.ckpt"), "is gone", "leave it out"))),
        "模型文件 ink.ckpt 不见了；请不要用它。",
    ),
    (
        lambda: BadNumbers(
            "The base model gave numbers that are no picture at step 3; draw again with --always-cpu, "
            "or copy the model again."
        ),
        "基础模型在第 3 步算出的数值不成画面；请用 --always-cpu 再画，或重新复制模型。",
    ),
    (
        lambda: WorkerDied(
            "The process that draws crashed (SIGSEGV); try again, a new one takes its place. "
            "What is known of it lies in crash.txt."
        ),
        "绘图进程崩溃了（SIGSEGV）；请再试一次，会有新的进程接替。详细情况记在 crash.txt。",
    ),
    (
        lambda: NotAllowed("A guest may not fetch or change models; ask the owner of this Fooo."),
        "访客不能下载或更改模型；请找这个 Fooo 的管理员。",
    ),
    (lambda: FoooError("what nobody has put into Chinese"), "what nobody has put into Chinese"),
]


@pytest.mark.parametrize(("make", "said"), IN_CHINESE)
def test_an_error_is_said_in_the_language_of_the_page(make: Callable[[], FoooError], said: str) -> None:
    assert sentence_of(make(), ZH) == said


@pytest.mark.parametrize("make", [make for make, _ in IN_CHINESE[5:]])
def test_in_english_an_error_is_said_as_it_is(make: Callable[[], FoooError]) -> None:
    assert sentence_of(make(), EN) == str(make())
