"""The models of the last pass, held as the memory allows, and with less where that was not enough."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from fooo.catalog import LocalModel
from fooo.catalog.model_files.contents import Base
from fooo.events import Loading, MemoryChosen
from fooo.monitor import Monitor
from fooo.pipeline import TextEncoders
from fooo.weights import (
    DeviceInfo,
    DeviceKind,
    MemoryPolicy,
    ModelSizes,
    Residency,
    choose_policy,
    lowered,
    model_sizes,
)

_SDXL = {Base.SDXL, Base.SDXL_REFINER}


class HeldModels:
    """Args: device: What draws. low_memory: Whether as little memory as possible shall be taken."""

    def __init__(self, device: DeviceInfo, *, low_memory: bool = False) -> None:
        self._device, self._low_memory = device, low_memory
        self._residency: Residency | None = None
        self._encoders: TextEncoders | None = None
        self._sizes = ModelSizes(unets=(), towers=(), vae=0, pixels=0)
        self._planned: MemoryPolicy | None = None
        self._enough: dict[MemoryPolicy, MemoryPolicy] = {}
        """By a policy that took more than there was: the one that did not."""

    def hold(
        self, models: Sequence[LocalModel], vae: Path | None, *, pixels: int, monitor: Monitor
    ) -> tuple[Residency, TextEncoders]:
        """What holds these models and forgets all others, and what encodes words with it.

        Args:
            models: The base, and the refiner where there is one.
            vae: A file that decodes in place of the base's own.
            pixels: Of the picture.
            monitor: Is told how they are held, where that is new.

        Raises:
            ModelError: A file is missing or damaged.
        """
        base, *others = models
        self._sizes = model_sizes(base, others, vae, pixels=pixels)
        safe = base.kind.base not in _SDXL or (vae is not None and is_safe_in_half(vae))
        planned = choose_policy(self._device, self._sizes, low_memory=self._low_memory, safe_vae=safe)
        residency, encoders = self._with(self._enough.get(planned, planned), models, monitor)
        self._planned = planned
        residency.keep_only(models, [vae] if vae else [])
        residency.listen(lambda what: monitor.tell(Loading(what)))
        return residency, encoders

    def lower(self, monitor: Monitor) -> bool:
        """Hold what is held with less memory; False, and all as planned again, where there is no less."""
        if self._residency is None or self._planned is None:
            return False
        policy = lowered(self._residency.policy, self._sizes)
        self._residency.put_all_away()
        self._residency.adopt(policy or self._planned)
        if policy is None:
            self._enough.pop(self._planned, None)
            return False
        self._enough[self._planned] = policy
        monitor.tell(MemoryChosen(placement=policy.placement, again=True))
        return True

    def _with(
        self, policy: MemoryPolicy, models: Sequence[LocalModel], monitor: Monitor
    ) -> tuple[Residency, TextEncoders]:
        """The same as before where it can be, so that nothing is read twice."""
        residency, encoders = self._residency, self._encoders
        before = residency.policy.placement if residency else None
        if residency is not None and encoders is not None and not residency.has_stale(models):
            if residency.policy.precision is not policy.precision:
                encoders = TextEncoders(residency)
            if residency.policy != policy:
                residency.adopt(policy)
        else:
            residency = Residency(policy)
            encoders = TextEncoders(residency)
        self._residency, self._encoders = residency, encoders
        if policy.placement is not before:
            monitor.tell(MemoryChosen(placement=policy.placement))
        return residency, encoders


def vae_for_half(device: DeviceInfo, base: LocalModel, vaes: Mapping[str, Path]) -> Path | None:
    """The VAE to decode SDXL's pictures with on a device that computes in float16, in place of the model's own.

    SDXL's own overflows there and would be computed in float32, in twice the memory and time. Without such a file, or
    elsewhere, None.
    """
    in_half = device.kind is not DeviceKind.CPU and not device.quick_bfloat16
    if not in_half or base.kind.base is not Base.SDXL:
        return None
    return next((file for file in vaes.values() if is_safe_in_half(file)), None)


def is_safe_in_half(vae: Path) -> bool:
    """Whether a VAE's file says that it was mended for float16. It is believed: broken numbers would be noticed."""
    name = re.sub(r"[^a-z0-9]", "", vae.stem.casefold())
    return "xl" in name and "fp16fix" in name
