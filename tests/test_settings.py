"""What the environment and the flags say of the network and of the card that draws."""

import pytest

from fooo.settings import NetworkSettings, choose_device, network_settings


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_ENDPOINT", "HF_TOKEN", "CIVITAI_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_word_it_is_the_hub_without_a_token():
    assert network_settings() == NetworkSettings()


def test_each_token_belongs_to_its_host(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", "hf")
    monkeypatch.setenv("CIVITAI_TOKEN", "cv")
    assert network_settings().tokens == {"huggingface.co": "hf", "civitai.com": "cv"}


def test_a_hub_of_ones_own_is_told_the_token(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", "hf")
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example:8080/")
    found = network_settings(offline=True)
    assert (found.hub, dict(found.tokens), found.offline) == (
        "https://hub.example:8080", {"hub.example:8080": "hf"}, True,
    )  # fmt: skip


@pytest.mark.parametrize("typed", ["hf-mirror.com", "https://hf-mirror.com", "https://hf-mirror.com/"])
def test_a_mirror_that_was_typed_is_not_told_the_token(typed: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", "hf")
    found = network_settings(mirror=typed)
    assert (found.hub, dict(found.tokens)) == ("https://hf-mirror.com", {"huggingface.co": "hf"})


def test_tokens_are_not_shown():
    assert "secret" not in repr(NetworkSettings(tokens={"huggingface.co": "secret"}))


@pytest.mark.parametrize(
    ("seen", "name", "then"),
    [(None, "cuda:1", "1"), ("", "cuda:0", "0"), ("2,5", "cuda:1", "5"), ("GPU-ab, GPU-cd", "cuda:0", "GPU-ab")],
)
def test_a_card_is_counted_among_those_that_are_seen(
    seen: str | None, name: str, then: str, monkeypatch: pytest.MonkeyPatch
):
    said = {} if seen is None else {"CUDA_VISIBLE_DEVICES": seen, "HIP_VISIBLE_DEVICES": seen}
    monkeypatch.setattr("os.environ", said)
    choose_device(name)
    assert said == {"CUDA_VISIBLE_DEVICES": then, "HIP_VISIBLE_DEVICES": then}


@pytest.mark.parametrize("name", ["cpu", "mps"])
def test_the_processor_needs_no_choosing(name: str, monkeypatch: pytest.MonkeyPatch):
    said: dict[str, str] = {}
    monkeypatch.setattr("os.environ", said)
    choose_device(name)
    assert said == {}
