"""Going to and fro between models, as a person does who compares them."""

from pathlib import Path

import psutil
import torch

from fooo.catalog import ModelKind
from fooo.weights import DeviceKind, LoraUse, MemoryPolicy, NetworkKey, Part, Precision, Residency
from tests import adapter_files, model_files
from tests.small_checkpoints import models_in, write_checkpoint

POLICY = MemoryPolicy(device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.FLOAT32)


def test_twenty_switches_between_two_models_with_loras_take_no_more_memory_than_two(tmp_path: Path):
    """One is a mapped file, one a copy. A network that stayed behind in each switch would take ten times the 3 %."""
    for name, stored in (("one", torch.float32), ("two", torch.float16)):
        write_checkpoint(tmp_path / f"{name}.safetensors", model_files.build(ModelKind.SD1), dtype=stored)
    lora = model_files.write(tmp_path / "loras" / "x.safetensors", adapter_files.lora(ModelKind.SD1))
    models = models_in(tmp_path)
    residency = Residency(POLICY)
    resident: list[int] = []
    for switch in range(20):
        model = models[("one.safetensors", "two.safetensors")[switch % 2]]
        residency.keep_only([model])
        for part in (Part.UNET, Part.TEXT_ENCODER):
            with residency.use(NetworkKey(model, part), [LoraUse(lora, 1.0 + switch)]) as network:
                sum(float(weight.sum()) for weight in network.parameters())  # so that a mapped file is read
        resident.append(psutil.Process().memory_info().rss)
    assert resident[-1] <= 1.03 * resident[1]
