"""Networks that guide a model by pictures: ControlNet, control-LoRA, IP-Adapter, and what looks at the pictures."""

from pathlib import Path

from fooo.catalog.model_files.contents import (
    Base,
    ClipVision,
    ControlLora,
    ControlNet,
    IpAdapter,
    IpAdapterKind,
    Layout,
    Unknown,
)
from fooo.catalog.model_files.header import Header
from fooo.catalog.model_files.pieces import require

_BY_WORDS = {768: Base.SD1, 1024: Base.SD2, 2048: Base.SDXL, 1280: Base.SDXL_REFINER}
"""The width of the words that a UNet's attention is guided by."""

_UNION_MARKS = ("task_embedding", "control_add_embedding.")
_HINT = {"original": "input_hint_block.0.weight", "diffusers": "controlnet_cond_embedding.conv_in.weight"}


def identify_guide(path: Path, header: Header) -> ControlNet | ControlLora | IpAdapter | ClipVision | Unknown | None:
    """What the file holds; None where it is none of these.

    Raises:
        ModelError: It lacks tensors.
    """
    if header.has_any("lllite_"):
        return Unknown("is a ControlNet-LLLite, which Fooo does not read")
    if header.has_any("image_proj.") or header.has_any("ip_adapter."):
        return _ip_adapter(path, header)
    if header.has_any("vision_model.") or header.has_any("visual."):
        return _clip_vision(path, header)
    if "lora_controlnet" in header.tensors:
        return _control_lora(header)
    return _control_net(path, header)


def _control_net(path: Path, header: Header) -> ControlNet | Unknown | None:
    if _HINT["diffusers"] in header.tensors:
        layout, prefix, ends, vector = Layout.DIFFUSERS, "", "controlnet_down_blocks.", "add_embedding."
    else:
        prefix = next((each for each in ("control_model.", "") if each + _HINT["original"] in header.tensors), None)
        if prefix is None:
            return None
        layout, ends, vector = Layout.ORIGINAL, f"{prefix}zero_convs.", f"{prefix}label_emb."
    outlets = sum(name.startswith(ends) and name.endswith(".weight") for name in header.tensors)
    require(path, "ControlNet", [f"{ends}0.weight"] if not outlets else [])
    base = _base(header, is_told_sizes=header.has_any(vector))
    if base is None:
        return Unknown("is a ControlNet for another kind of model than SD 1.x, SD 2.x and SDXL")
    return ControlNet(base=base, layout=layout, is_union=any(map(header.has_any, _UNION_MARKS)))


def _base(header: Header, *, is_told_sizes: bool) -> Base | None:
    """By the width of the words; small ones by the build, as whole UNets."""
    words = next((name for name in header.tensors if name.endswith("attn2.to_k.weight")), "")
    width = header.width(words, 1)
    if base := _BY_WORDS.get(width):
        return base
    projection = header.shape(f"{words.partition('transformer_blocks')[0]}proj_in.weight")
    if not 0 < width < 512:
        return None
    return Base.SDXL if is_told_sizes else Base.SD2 if len(projection) == 2 else Base.SD1


def _control_lora(header: Header) -> ControlLora | Unknown:
    """Its changes are called `.down` (rank x inputs) and `.up`; SDXL's alone are told sizes."""
    rank = next((header.width(name, 0) for name in header.tensors if name.endswith(".down")), 0)
    if not rank:
        return Unknown("is a control-LoRA without any change in it")
    width = next((header.width(name, 1) for name in header.tensors if name.endswith("attn2.to_k.down")), 0)
    return ControlLora(_BY_WORDS.get(width) or (Base.SDXL if header.has_any("label_emb.") else Base.SD1), rank)


def _ip_adapter(path: Path, header: Header) -> IpAdapter | Unknown:
    keys = [name for name in header.tensors if name.endswith("to_k_ip.weight")]
    values = {name for name in header.tensors if name.endswith("to_v_ip.weight")}
    lacking = [name.replace("to_k_ip", "to_v_ip") for name in keys]
    require(
        path,
        "IP-Adapter",
        [name for name in lacking if name not in values] if keys else ["ip_adapter.1.to_k_ip.weight"],
    )
    require(path, "IP-Adapter", [] if header.has_any("image_proj.") else ["image_proj.proj.weight"])
    base = _BY_WORDS.get(header.width(keys[0], 1))
    if base is None:
        return Unknown("is an IP-Adapter for another kind of model than SD 1.x, SD 2.x and SDXL")
    return IpAdapter(base, _ip_adapter_kind(header))


def _ip_adapter_kind(header: Header) -> IpAdapterKind:
    """By the network between picture and words: a matrix, a resampler, or layers on a face's numbers."""
    if "image_proj.perceiver_resampler.proj_in.weight" in header.tensors:
        return IpAdapterKind.FACE_ID_PLUS
    if "image_proj.latents" in header.tensors:
        return IpAdapterKind.PLUS
    if "image_proj.proj.3.weight" in header.tensors:
        return IpAdapterKind.FULL_FACE
    return IpAdapterKind.FACE_ID if "image_proj.proj.0.weight" in header.tensors else IpAdapterKind.PLAIN


def _clip_vision(path: Path, header: Header) -> ClipVision:
    layout, name = Layout.DIFFUSERS, "vision_model.embeddings.patch_embedding.weight"
    if header.has_any("visual."):
        layout, name = Layout.ORIGINAL, "visual.conv1.weight"
    require(path, "CLIP vision network", [] if name in header.tensors else [name])
    return ClipVision(header.width(name, 0), layout)
