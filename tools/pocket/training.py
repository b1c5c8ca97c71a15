"""A training run that fits a budget of minutes and goes on where it stopped."""

import copy
import logging
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import numpy as np
import torch
from torch import nn

from tools.pocket import seam

log = logging.getLogger(__name__)

SAVE_EVERY = 120.0
"""Seconds between checkpoints: what a killed run loses at most."""
DECAY_FROM = 0.7
"""Share of the budget after which the rate falls."""


class Ended(Exception):
    """The system asked the program to end; what was learnt until then is kept."""


class Diverged(Exception):
    """The training has left the numbers; the message says what to do."""


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half(where: torch.device) -> torch.autocast:
    """bf16 where it is safe, on processors and GPUs alike."""
    return torch.autocast(where.type, torch.bfloat16)


def attention(where: torch.device) -> AbstractContextManager[None]:
    """The quicker attention to learn with.

    On processors that is the one by plain products: the fused one goes back through heads this small so slowly that a
    step of the base took 2.07 s with it and 1.67 s without.
    """
    return seam.attention_by_products() if where.type == "cpu" else nullcontext()


class Run:
    """Optimizer, moving averages, rate and checkpoints of one step.

    Enter it to train: it then takes SIGTERM as the wish to end after the present step, and leaving it saves.

    The rate rises over 200 steps, stays, and falls to 3 % over the last 30 % of the budget. A larger budget than the
    last time takes the run up again.

    Args:
        file: The checkpoint; taken up when it is there.
        networks: What learns, by name.
        minutes: Budget over all runs together.
        rate: The learning rate between its rise and its fall.
        average: Share that a moving average keeps at each step, once it is warm.
        clock: Seconds since some moment.

    Raises:
        Ended: On leaving, after SIGTERM.
    """

    def __init__(
        self,
        file: Path,
        networks: Mapping[str, nn.Module],
        *,
        minutes: float,
        rate: float,
        average: float = 0.999,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.file, self.networks, self.seconds = file, dict(networks), minutes * 60
        self.rate, self.average, self.clock = rate, average, clock
        self.parameters = [each for network in networks.values() for each in network.parameters() if each.requires_grad]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
        self.averages = {name: copy.deepcopy(network).requires_grad_(False) for name, network in networks.items()}
        self.step = 0
        self._before = 0.0
        self._losses: list[float] = []
        if file.exists():
            self._take_up()
        self._start = self._saved = clock()
        self._stopped = False
        self._handler: Any = None

    def __enter__(self) -> Self:
        self._start = self._saved = self.clock()  # what was read and built before is no training
        self._handler = signal.signal(signal.SIGTERM, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.save()
        finally:
            signal.signal(signal.SIGTERM, self._handler)
        if kind is None and self._stopped:
            raise Ended(f"{self.file.stem} was asked to end at step {self.step}; run it again to go on from there.")

    def _take_up(self) -> None:
        kept = torch.load(self.file, weights_only=True, map_location="cpu")
        for name, network in self.networks.items():
            network.load_state_dict(kept["networks"][name])
            self.averages[name].load_state_dict(kept["averages"][name])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.step, self._before = kept["step"], kept["seconds"]
        log.info("goes on from step %d, after %.0f s", self.step, self._before)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopped = True

    @property
    def share(self) -> float:
        """Of the budget that is spent, 0..1."""
        return min(1.0, self._spent() / self.seconds)

    @property
    def goes_on(self) -> bool:
        return self.share < 1 and not self._stopped

    def take(self, loss: torch.Tensor) -> None:
        """One step down the gradient of `loss`.

        Raises:
            Diverged: Loss or gradient is not a finite number. Networks and checkpoint stay as they are.
        """
        warm = min(1.0, (self.step + 1) / 200)
        fall = 1.0 if self.share < DECAY_FROM else max(0.03, (1 - self.share) / (1 - DECAY_FROM))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * warm * fall
        if not seam.descend(loss, self.optimizer, self.parameters):
            raise Diverged(
                f"{self.file.stem} came to a loss or gradient that is no number at step {self.step}; {self.file} stays "
                "as it was saved last: run the step again with another --seed."
            )
        self.step += 1
        self._average()
        self._losses.append(loss.item())
        if self.step % 100 == 0:
            log.info("%s %d, %.0f %%, loss %.4f", self.file.stem, self.step, 100 * self.share, np.mean(self._losses))
            self._losses.clear()
        if self.clock() - self._saved > SAVE_EVERY:
            self.save()

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.average, (1 + self.step) / (10 + self.step))
        for name, network in self.networks.items():
            seam.draw_near(_all(self.averages[name]), _all(network), 1 - keep)

    def save(self) -> None:
        self._saved = self.clock()
        kept = {
            "networks": {name: network.state_dict() for name, network in self.networks.items()},
            "averages": {name: network.state_dict() for name, network in self.averages.items()},
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self._spent(),
        }
        part = self.file.with_name(self.file.name + ".part")
        torch.save(kept, part)
        part.replace(self.file)

    def _spent(self) -> float:
        """Seconds, of all runs together."""
        return self._before + self.clock() - self._start


def averages(file: Path) -> dict[str, Any]:
    """The moving averages of a run's networks, as state dicts."""
    return torch.load(file, weights_only=True, map_location="cpu")["averages"]


def _all(network: nn.Module) -> list[torch.Tensor]:
    return [each.detach() for each in network.parameters()]
