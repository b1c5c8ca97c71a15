"""What crosses, and what is refused."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from fooo.engine.process.messages import FROM_ENGINE, TO_ENGINE, Finished, FromEngine, Heard, Run, Told
from fooo.engine.process.wire import MOST_JSON, VERSION, BadFrame, Wire
from fooo.image import Mask, Picture
from fooo.plan import Plan
from tests.engine.process.engines import noise

HEAD = struct.Struct(">4sBIII?")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def frame(content: bytes, *, magic: bytes = b"FOOO", version: int = VERSION, height: int = 0, width: int = 0) -> bytes:
    return HEAD.pack(magic, version, len(content), height, width, False) + content


def received(sent: bytes, *, most_pixels: int = 2**20) -> BaseModel:
    """What the bytes say to the one that uses an engine."""
    one, other = socket.socketpair()
    with one, other:
        writing = threading.Thread(target=lambda: (one.sendall(sent), one.shutdown(socket.SHUT_WR)))
        writing.start()
        try:
            return Wire(other, FROM_ENGINE, most_pixels=most_pixels).receive()[0]
        finally:
            other.close()
            writing.join()


def test_a_plan_arrives_as_it_was_sent(ends: tuple[socket.socket, socket.socket], plan_of: Callable[..., Plan]):
    plan = plan_of(prompt="a 猫", output={"count": 3}, sampling={"seed": 2**63 - 1})
    Wire(ends[0], FROM_ENGINE).send(Run(plan=plan))
    assert Wire(ends[1], TO_ENGINE).receive() == (Run(plan=plan), None)


def test_a_large_picture_keeps_every_bit(ends: tuple[socket.socket, socket.socket]):
    picture = noise(2048, 1537)
    sender = threading.Thread(target=Wire(ends[0], TO_ENGINE).send, args=(Finished(), picture))
    sender.start()
    _, arrived = Wire(ends[1], FROM_ENGINE).receive()
    sender.join()
    assert arrived is not None
    assert np.array_equal(arrived.pixels, picture.pixels)


def test_a_picture_keeps_its_alpha(ends: tuple[socket.socket, socket.socket]):
    alpha = Mask(noise(7, 5).pixels[..., 0].copy())
    Wire(ends[0], TO_ENGINE).send(Finished(), Picture(noise(7, 5).pixels, alpha))
    _, arrived = Wire(ends[1], FROM_ENGINE).receive()
    assert arrived is not None
    assert arrived.alpha is not None
    assert np.array_equal(arrived.alpha.values, alpha.values)


def test_messages_of_many_threads_arrive_whole(ends: tuple[socket.socket, socket.socket]):
    here, there = Wire(ends[0], TO_ENGINE), Wire[FromEngine](ends[1], FROM_ENGINE)
    message, picture = Told(event="Loading", fields={"what": "x" * 3000}), noise(64, 48)
    senders = [threading.Thread(target=here.send, args=(message, picture)) for _ in range(8)]
    for sender in senders:
        sender.start()
    arrived = [there.receive() for _ in senders]
    for sender in senders:
        sender.join()
    assert all(said == message and np.array_equal(beside.pixels, picture.pixels) for said, beside in arrived if beside)
    assert len(arrived) == 8


@pytest.mark.parametrize(
    "sent",
    [
        frame(b'{"kind":"finished"}', magic=b"HTTP"),
        frame(b'{"kind":"finished"}', version=VERSION + 1),
        HEAD.pack(b"FOOO", VERSION, MOST_JSON + 1, 0, 0, False),
        HEAD.pack(b"FOOO", VERSION, 2, 2**31, 2**31, False),
        HEAD.pack(b"FOOO", VERSION, 2, 0, 7, False),
        frame(b"not json"),
        frame(b'{"kind":"run"}'),
        frame(b'{"kind":"finished","more":1}'),
        frame(b'{"kind":"failed","error":"X","sentence":"x","fields":{"__class__":5}}'),
        frame(b"[" * 100_000),
        frame(b'{"kind":"ready","device":"\\ud800"}'),
        frame(b"\xff\xfe"),
        frame(b""),
    ],
    ids=["foreign", "newer", "long", "vast", "flat", "no json", "of the other side", "more", "odd field", "deep",
         "half character", "no UTF-8", "empty"],
)  # fmt: skip
def test_what_is_no_message_is_refused(sent: bytes):
    with pytest.raises(BadFrame):
        received(sent)


@pytest.mark.parametrize("sent", [b"", b"FOO", frame(b'{"kind":"finished"}')[:-1], frame(b"{}", height=9, width=9)])
def test_what_ends_too_early_is_the_end_or_refused(sent: bytes):
    with pytest.raises((EOFError, BadFrame)):
        received(sent)


def framed_json(value: object) -> bytes:
    return frame(json.dumps(value).encode())


NEARLY = st.dictionaries(
    st.sampled_from(["kind", "event", "fields", "shot", "level", "name", "text"]),
    st.sampled_from(["told", "drawn", "failed", "logged"]) | st.integers() | st.none(),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | st.builds(frame, st.binary(max_size=300)) | st.builds(framed_json, NEARLY))
def test_any_bytes_are_a_message_or_refused(sent: bytes):
    try:
        received(sent)
    except (EOFError, BadFrame):
        return


def test_a_worker_takes_no_pictures(ends: tuple[socket.socket, socket.socket]):
    Wire(ends[0], FROM_ENGINE).send(Heard(), noise(8, 8))
    with pytest.raises(BadFrame, match="8 x 8"):
        Wire(ends[1], TO_ENGINE, most_pixels=0).receive()
