import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from torch import nn

from tools.pocket import seam, training
from tools.pocket.training import Diverged, Ended, Run, averages

RATE = 0.01


@dataclass
class Clock:
    """Stands still unless it is moved."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Bench:
    """A small network to train, and the file of its run."""

    file: Path
    clock: Clock = field(default_factory=Clock)

    def start(self, *, minutes: float = 10, average: float = 0.999) -> Run:
        """A run on freshly drawn weights; where there is a file, it takes those up."""
        seam.seed_everything(3)
        network = nn.Sequential(nn.Linear(4, 8), nn.SiLU(), nn.Linear(8, 1))
        return Run(self.file, {"network": network}, minutes=minutes, rate=RATE, average=average, clock=self.clock)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "run.pt")


def take(run: Run, steps: int) -> None:
    """Steps, each on pictures of its own number."""
    for _ in range(steps):
        inputs = torch.randn(16, 4, generator=torch.Generator().manual_seed(run.step))
        run.take((run.networks["network"](inputs) - inputs.sum(1, keepdim=True)).pow(2).mean())


def rate(run: Run) -> float:
    return run.optimizer.param_groups[0]["lr"]


def weights(network: nn.Module) -> torch.Tensor:
    return torch.cat([each.detach().flatten() for each in network.parameters()])


def test_a_run_that_was_killed_goes_on_from_its_checkpoint_as_if_nothing_had_happened(bench: Bench, tmp_path: Path):
    whole = Bench(tmp_path / "whole.pt").start()
    take(whole, 30)
    killed = bench.start()
    take(killed, 12)
    killed.save()
    take(killed, 7)  # lost
    again = bench.start()
    assert again.step == 12
    take(again, 18)
    assert again.step == whole.step == 30
    assert torch.equal(weights(again.networks["network"]), weights(whole.networks["network"]))
    assert torch.equal(weights(again.averages["network"]), weights(whole.averages["network"]))


def test_a_run_without_a_checkpoint_begins_at_nothing(bench: Bench):
    run = bench.start()
    assert run.step == 0
    assert run.share == 0
    assert not bench.file.exists()


def test_the_budget_counts_the_seconds_of_all_runs(bench: Bench):
    first = bench.start(minutes=10)
    bench.clock.seconds += 240
    assert first.share == pytest.approx(0.4)
    first.save()
    bench.clock.seconds += 9999  # nothing runs
    second = bench.start(minutes=10)
    assert second.share == pytest.approx(0.4)
    bench.clock.seconds += 300
    second.save()
    third = bench.start(minutes=10)
    assert third.share == pytest.approx(0.9)
    assert third.goes_on
    bench.clock.seconds += 60
    assert third.share == 1
    assert not third.goes_on


def test_a_larger_budget_takes_a_finished_run_up_again(bench: Bench):
    run = bench.start(minutes=1)
    take(run, 5)
    bench.clock.seconds += 61
    run.save()
    assert not bench.start(minutes=1).goes_on
    longer = bench.start(minutes=2)
    assert longer.goes_on
    assert longer.step == 5


def test_the_rate_rises_stays_and_falls_at_the_end(bench: Bench):
    run = bench.start(minutes=10, average=0.9)
    take(run, 1)
    assert rate(run) == pytest.approx(RATE / 200)
    take(run, 99)
    assert rate(run) == pytest.approx(RATE / 2)
    take(run, 150)
    assert rate(run) == pytest.approx(RATE)
    for share, wanted in ((0.69, 1.0), (0.85, 0.5), (0.97, 0.1), (0.9999, 0.03), (1.2, 0.03)):
        bench.clock.seconds = 1000 + share * 600
        take(run, 1)
        assert rate(run) == pytest.approx(RATE * wanted, rel=1e-3), share


def test_a_checkpoint_that_cannot_be_written_leaves_the_last_one_whole(bench: Bench):
    run = bench.start()
    take(run, 3)
    run.save()
    kept = bench.file.read_bytes()
    assert [path.name for path in bench.file.parent.iterdir()] == ["run.pt"]
    take(run, 3)
    part = bench.file.with_name("run.pt.part")
    part.mkdir()  # so that writing fails, as on a full disk
    with pytest.raises((OSError, RuntimeError)):
        run.save()
    assert bench.file.read_bytes() == kept
    part.rmdir()
    assert bench.start().step == 3


def test_a_half_written_checkpoint_is_not_taken_up(bench: Bench):
    run = bench.start()
    take(run, 3)
    run.save()
    bench.file.with_name("run.pt.part").write_bytes(bench.file.read_bytes()[:100])
    assert bench.start().step == 3


def test_a_checkpoint_is_written_every_two_minutes(bench: Bench):
    run = bench.start()
    take(run, 1)
    assert not bench.file.exists()
    bench.clock.seconds += training.SAVE_EVERY + 1
    take(run, 1)
    assert bench.start().step == 2
    bench.clock.seconds += training.SAVE_EVERY - 1
    take(run, 1)
    assert bench.start().step == 2


def test_being_told_to_end_stops_the_run_after_its_step_and_keeps_it(bench: Bench):
    def train() -> None:
        with bench.start() as run:
            take(run, 2)
            os.kill(os.getpid(), signal.SIGTERM)
            assert not run.goes_on

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Ended, match=r"^run was asked to end at step 2; run it again"):
        train()
    assert signal.getsignal(signal.SIGTERM) is before
    again = bench.start()
    assert again.goes_on
    assert again.step == 2


def test_a_run_that_comes_to_its_end_is_kept_and_listens_to_no_signal_any_more(bench: Bench):
    before = signal.getsignal(signal.SIGTERM)
    with bench.start() as run:
        assert signal.getsignal(signal.SIGTERM) is not before
        take(run, 3)
    assert signal.getsignal(signal.SIGTERM) is before
    assert bench.start().step == 3


def test_a_run_that_fails_is_not_kept_and_listens_to_no_signal_any_more(bench: Bench):
    def train() -> None:
        with bench.start() as run:
            take(run, 3)
            raise OSError("disk")

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(OSError, match="disk"):
        train()
    assert signal.getsignal(signal.SIGTERM) is before
    assert not bench.file.exists()


def not_a_number(run: Run) -> torch.Tensor:
    return torch.nan * next(run.networks["network"].parameters()).sum()


def too_steep(run: Run) -> torch.Tensor:
    """A loss of 0, whose gradient is infinite."""
    some = next(run.networks["network"].parameters()).flatten()[0]
    return (some - some.detach()).abs().pow(0.5)


@pytest.mark.parametrize("loss", [not_a_number, too_steep])
def test_a_loss_that_is_no_number_ends_the_run_and_leaves_the_checkpoint_as_it_was(
    bench: Bench, loss: Callable[[Run], torch.Tensor]
):
    run = bench.start()
    take(run, 3)
    run.save()
    kept, learnt = bench.file.read_bytes(), weights(run.networks["network"]).clone()
    bench.clock.seconds += training.SAVE_EVERY + 1  # a step that went well would be kept now
    with pytest.raises(Diverged, match=r"no number at step 3.*another --seed"), run:
        run.take(loss(run))
    assert bench.file.read_bytes() == kept
    assert torch.equal(weights(run.networks["network"]), learnt)


def test_the_averages_follow_the_weights_slowly_and_are_what_is_kept_for_drawing(bench: Bench):
    run = bench.start(average=0.9)
    begin = weights(run.networks["network"]).clone()
    take(run, 60)
    moved = (weights(run.networks["network"]) - begin).abs().mean()
    behind = (weights(run.averages["network"]) - weights(run.networks["network"])).abs().mean()
    assert 0 < float(behind) < 0.5 * float(moved)
    run.save()
    network = nn.Sequential(nn.Linear(4, 8), nn.SiLU(), nn.Linear(8, 1))
    network.load_state_dict(averages(bench.file)["network"])
    assert torch.equal(weights(network), weights(run.averages["network"]))


def test_a_network_that_is_held_fast_does_not_learn(tmp_path: Path):
    held, free = nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 1)
    before = weights(held).clone()
    run = Run(tmp_path / "run.pt", {"held": held, "free": free}, minutes=1, rate=1.0)
    for _ in range(3):
        run.take(free(held(torch.ones(1, 2))).pow(2).mean())
    assert torch.equal(weights(held), before)


def test_training_learns(bench: Bench):
    run = bench.start()
    inputs = torch.randn(256, 4, generator=torch.Generator().manual_seed(99))

    @torch.no_grad()
    def error() -> float:
        return float((run.networks["network"](inputs) - inputs.sum(1, keepdim=True)).pow(2).mean())

    before = error()
    take(run, 400)
    assert error() < 0.2 * before
