from dataclasses import replace
from pathlib import Path

import pytest

from fooo.app import build
from fooo.engine.process import read_devices
from fooo.errors import RequestError
from fooo.settings import Settings


def two_cards() -> tuple[str, ...]:
    return ("cuda:0", "cuda:1")


def no_card() -> tuple[str, ...]:
    return ()


def never() -> tuple[str, ...]:
    raise AssertionError("the cards were counted")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("cuda:1", ("cuda:1",)),
        ("CUDA:1, cuda:0", ("cuda:1", "cuda:0")),
        ("cuda,cpu", ("cuda:0", "cpu")),
        ("all", ("cuda:0", "cuda:1")),
    ],
)
def test_devices_are_those_that_are_named_in_that_order(typed: str, names: tuple[str, ...]):
    assert read_devices(typed, two_cards) == names


def test_all_is_the_processor_where_there_is_no_card():
    assert read_devices("all", no_card) == ("cpu",)


def test_for_the_processor_alone_nobody_counts_cards():
    assert read_devices("cpu", never) == ("cpu",)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("gpu", "'gpu' is no device; write them as cuda:0,cuda:1 or cpu, or all."),
        ("cuda:0,all", "'all' is no device"),
        ("", "'' is no device"),
        ("cuda:01", "'cuda:01' is no device"),
        ("cpu,cpu", "cpu is named 2 times; name it once: a device has one worker."),
        ("cuda,cuda:0", "cuda:0 is named 2 times"),
        ("cuda:2", "cuda:2 is not here; there is: cuda:0, cuda:1, cpu."),
    ],
)
def test_what_is_no_device_is_refused_with_what_to_write(typed: str, says: str):
    with pytest.raises(RequestError) as caught:
        read_devices(typed, two_cards)
    assert says in str(caught.value)


@pytest.mark.parametrize(("devices", "workers"), [((), 1), (("cpu",), 1), (("cuda:0", "cuda:1", "cpu"), 3)])
def test_each_device_has_a_worker_and_without_a_word_there_is_one(
    devices: tuple[str, ...], workers: int, tmp_path: Path
):
    settings = replace(Settings(), devices=devices, own_process=True, outputs=tmp_path, timings=tmp_path / "timings")
    program = build(settings)  # no process is begun before there is something to draw
    assert program.workers == workers
    program.close()
