"""The helper that writes one file, held against diffusers' own reading of such files."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fooo.settings import ROOT
from tests.single_file import FIRST, SECOND, UNET, VAE, original_unet, write_single_file

diffusers: Any = importlib.import_module("diffusers")
reading: Any = importlib.import_module("diffusers.loaders.single_file_utils")
safetensors: Any = importlib.import_module("safetensors.torch")

FOLDER = ROOT / "models" / "pocket" / "base"
NETWORKS = ("unet", "vae", "text_encoder", "text_encoder_2")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("single") / "pocket.safetensors"
    write_single_file(FOLDER, file)
    return file


@pytest.fixture(scope="module")
def held(file: Path) -> dict[str, torch.Tensor]:
    return safetensors.load_file(file)


@pytest.fixture(scope="module")
def from_folder() -> Any:
    return _quiet(diffusers.StableDiffusionXLPipeline.from_pretrained(FOLDER, dtype=torch.float32))


@pytest.fixture(scope="module")
def from_file(file: Path) -> Any:
    return _quiet(
        diffusers.StableDiffusionXLPipeline.from_single_file(
            str(file), config=str(FOLDER), dtype=torch.float32, local_files_only=True
        )
    )


def _quiet(pipeline: Any) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def differing(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> list[str]:
    """Names that only one has, or whose tensors differ."""
    return sorted(
        name
        for name in {*one, *other}
        if name not in one or name not in other or one[name].dtype != other[name].dtype
        or not torch.equal(one[name], other[name])
    )  # fmt: skip


@pytest.mark.parametrize("part", NETWORKS)
def test_diffusers_reads_every_tensor_back_as_it_is_in_the_folder(from_file: Any, from_folder: Any, part: str):
    theirs, ours = getattr(from_file, part).state_dict(), getattr(from_folder, part).state_dict()
    assert len(ours) > 60
    assert differing(theirs, ours) == []


def test_both_draw_the_same_picture(from_file: Any, from_folder: Any):
    one, other = (
        pipeline(
            "a red apple", num_inference_steps=4, height=128, width=128, output_type="np",
            generator=torch.Generator().manual_seed(1),
        ).images[0]
        for pipeline in (from_file, from_folder)
    )  # fmt: skip
    assert np.array_equal(one, other)
    assert one.std() > 0.05


def test_the_file_holds_nothing_but_the_four_networks_each_under_its_own_name(held: dict[str, torch.Tensor]):
    counts = {prefix: sum(name.startswith(prefix) for name in held) for prefix in (UNET, VAE, FIRST, SECOND)}
    assert sum(counts.values()) == len(held)
    stored = {part: len(safetensors.load_file(next((FOLDER / part).glob("*.safetensors")))) for part in NETWORKS}
    assert counts[UNET] == stored["unet"]
    assert counts[VAE] == stored["vae"]
    assert counts[FIRST] == stored["text_encoder"] + 1  # the position numbers
    layers = sum(name.endswith("in_proj_weight") for name in held)
    assert counts[SECOND] == stored["text_encoder_2"] - 4 * layers + 1  # three pairs are one; the scale
    assert {str(weight.dtype) for weight in held.values()} == {"torch.float16", "torch.int64"}


def test_names_and_shapes_are_those_of_sdxls_own_file(held: dict[str, torch.Tensor], from_folder: Any):
    width = from_folder.text_encoder_2.config.hidden_size
    pooled = from_folder.text_encoder_2.config.projection_dim
    latents = from_folder.vae.config.block_out_channels[-1]
    names = {
        UNET + "input_blocks.0.0.weight": 4,
        UNET + "input_blocks.1.0.in_layers.2.weight": 4,
        UNET + "input_blocks.2.0.op.weight": 4,
        UNET + "input_blocks.3.1.transformer_blocks.0.attn2.to_k.weight": 2,
        UNET + "input_blocks.3.1.proj_in.weight": 2,
        UNET + "middle_block.1.transformer_blocks.0.ff.net.0.proj.weight": 2,
        UNET + "middle_block.2.out_layers.3.weight": 4,
        UNET + "output_blocks.0.0.skip_connection.weight": 4,
        UNET + "output_blocks.1.2.conv.weight": 4,
        UNET + "time_embed.2.weight": 2,
        UNET + "label_emb.0.0.weight": 2,
        UNET + "out.2.weight": 4,
        VAE + "encoder.down.0.block.0.norm1.weight": 1,
        VAE + "encoder.down.2.downsample.conv.weight": 4,
        VAE + "encoder.mid.attn_1.q.weight": 4,
        VAE + "decoder.up.3.upsample.conv.weight": 4,
        VAE + "decoder.mid.block_2.conv2.weight": 4,
        VAE + "decoder.norm_out.weight": 1,
        VAE + "quant_conv.weight": 4,
        FIRST + "embeddings.position_ids": 2,
        FIRST + "encoder.layers.0.self_attn.q_proj.weight": 2,
        FIRST + "final_layer_norm.weight": 1,
        SECOND + "token_embedding.weight": 2,
        SECOND + "positional_embedding": 2,
        SECOND + "transformer.resblocks.0.attn.in_proj_weight": 2,
        SECOND + "transformer.resblocks.0.attn.in_proj_bias": 1,
        SECOND + "transformer.resblocks.0.mlp.c_fc.weight": 2,
        SECOND + "ln_final.weight": 1,
        SECOND + "logit_scale": 0,
    }
    assert {name: held[name].ndim if name in held else None for name in names} == names
    assert held[SECOND + "transformer.resblocks.0.attn.in_proj_weight"].shape == (3 * width, width)
    assert held[SECOND + "text_projection"].shape == (width, pooled)
    assert held[VAE + "encoder.mid.attn_1.q.weight"].shape == (latents, latents, 1, 1)
    projection = from_folder.text_encoder_2.text_projection.weight
    assert torch.equal(held[SECOND + "text_projection"].float(), projection.T)
    # the decoder's first block, counted from the latents, is its last one in the file
    first = from_folder.vae.decoder.up_blocks[0].resnets[0].conv1.weight
    assert torch.equal(held[VAE + "decoder.up.3.block.0.conv1.weight"].float(), first)


@pytest.mark.parametrize("kinds", [("", "CrossAttn", "CrossAttn"), ("", "CrossAttn", "CrossAttn", "")])
def test_unets_with_sdxls_two_layers_a_block_come_back_too(kinds: tuple[str, ...]):
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16, 24, 24)[: len(kinds)], layers_per_block=2, norm_num_groups=8,
        down_block_types=tuple(f"{kind}DownBlock2D" for kind in kinds),
        up_block_types=tuple(f"{kind}UpBlock2D" for kind in reversed(kinds)),
        transformer_layers_per_block=2, attention_head_dim=1, cross_attention_dim=8, use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=56,
    )  # fmt: skip
    weights = unet.state_dict()
    original = {UNET + name: weight for name, weight in original_unet(weights, layers=2).items()}
    assert len(original) == len(weights)
    assert differing(reading.convert_ldm_unet_checkpoint(original, unet.config), weights) == []
