from collections.abc import Callable
from typing import Any

import pytest
import torch

from fooo.catalog import Catalog, Sampler, Schedule
from fooo.monitor import Answer
from fooo.pipeline import Networks, denoise, prepare_run
from fooo.pipeline.speed.compiled_blocks import compile_blocks, why_not_compiled
from fooo.plan import Generate, Shot, Texts
from fooo.request import Size
from fooo.weights import NetworkKey, Part
from tests.oracle.conftest import networks_of

# torch's own compiler still imports what torch advises against
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
CPU = torch.device("cpu")


def refusing(error: Exception) -> Callable[..., Any]:
    def compiled(_function: object) -> Callable[..., Any]:
        def call(*_told: object) -> None:
            raise error

        return call

    return compiled


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("No working C++ compiler found\n\nSet TORCHDYNAMO_VERBOSE=1"), "No working C++ compiler found"),
        (ImportError("no triton"), "no triton"),
        (OSError(), "OSError"),
    ],
)
def test_where_nothing_can_be_compiled_it_is_said_why(error: Exception, said: str):
    assert why_not_compiled(CPU, refusing(error)) == said


def test_where_it_works_there_is_nothing_to_say():
    def as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    assert why_not_compiled(CPU, as_it_is) is None


def test_the_blocks_that_repeat_are_compiled_and_only_once(catalog: Catalog):
    """Marked so: what is compiled is compiled when it is called, which nothing does here."""
    residency = networks_of(catalog.models["pocket/base"], None).residency
    with residency.use(NetworkKey(catalog.models["pocket/base"], Part.UNET)) as lent:
        unet: Any = lent
        compile_blocks(unet)
        marked = [module for module in unet.modules() if module._compiled_call_impl is not None]
        calls = [module._compiled_call_impl for module in marked]
        compile_blocks(unet)
        assert [module._compiled_call_impl for module in marked] == calls
    assert len(marked) == 7
    assert {type(module).__name__ for module in marked} == {"BasicTransformerBlock"}


@pytest.mark.prove
def test_compiled_it_draws_the_same_picture(catalog: Catalog):
    def drawn(*, compiled: bool) -> torch.Tensor:
        networks = networks_of(catalog.models["pocket/base"], None)
        with_it = Networks(
            base=networks.base, refiner=None, residency=networks.residency, encoders=networks.encoders,
            compiled=compiled,
        )  # fmt: skip
        generate = Generate(
            size=Size(width=64, height=64), steps=4, guidance=4.0, sampler=Sampler.EULER,
            schedule=Schedule.KARRAS, base="pocket/base", refiner=None, refiner_step=None,
        )  # fmt: skip
        shot = Shot(number=0, seed=7, texts=Texts.of("a red apple"), passes=(generate,))
        return denoise(prepare_run(shot, generate, with_it, watch=lambda clean, moment: Answer.GO)).latents

    # float32 in another order of sums; latents are of size 1
    assert torch.allclose(drawn(compiled=True), drawn(compiled=False), atol=1e-3)
