"""What one file of weights can hold, as told from its header."""

from dataclasses import dataclass
from enum import StrEnum

from fooo.request import Size


class Base(StrEnum):
    """The networks that a file is made for or is one of; nothing made for one fits another."""

    SD1 = "SD 1.x"
    SD2 = "SD 2.x"
    SDXL = "SDXL"
    SDXL_REFINER = "SDXL refiner"


class ModelKind(StrEnum):
    """What a model can do. Inpaint models are told the mask and the picture under it: 9 channels in, not 4."""

    SDXL_BASE = "SDXL base"
    SDXL_REFINER = "SDXL refiner"
    SDXL_INPAINT = "SDXL inpaint"
    SD1 = "SD 1.x"
    SD1_INPAINT = "SD 1.x inpaint"
    SD2 = "SD 2.x"
    SD2_INPAINT = "SD 2.x inpaint"

    @property
    def base(self) -> Base:
        return _BASES[self]


_BASES = {
    ModelKind.SDXL_BASE: Base.SDXL,
    ModelKind.SDXL_REFINER: Base.SDXL_REFINER,
    ModelKind.SDXL_INPAINT: Base.SDXL,
    ModelKind.SD1: Base.SD1,
    ModelKind.SD1_INPAINT: Base.SD1,
    ModelKind.SD2: Base.SD2,
    ModelKind.SD2_INPAINT: Base.SD2,
}


class NumberFormat(StrEnum):
    """How most of a file's numbers are stored."""

    FP32 = "fp32"
    FP16 = "fp16"
    BF16 = "bf16"
    FP8 = "fp8"
    OTHER = "other"


class Layout(StrEnum):
    """By whose names the tensors go."""

    ORIGINAL = "original"
    """Of the networks' first publishers, and of nearly every file that is handed around."""
    DIFFUSERS = "diffusers"


class Prediction(StrEnum):
    """What the UNet was trained to tell."""

    EPSILON = "epsilon"
    V = "v"
    EDM = "edm"
    """The clean picture, as in Karras et al. 2022 (Playground v2.5)."""
    EDM_V = "edm v"
    """v, on the noise levels of Karras et al. 2022 (CosXL)."""


class CheckpointPart(StrEnum):
    UNET = "UNet"
    VAE = "VAE"
    TEXT_ENCODER = "text encoder"
    """CLIP ViT-L of SD 1.x and SDXL; OpenCLIP ViT-H of SD 2.x."""
    TEXT_ENCODER_2 = "second text encoder"
    """OpenCLIP bigG of SDXL and its refiner."""


@dataclass(frozen=True, slots=True)
class UnetShape:
    """What a UNet's loader must know of it.

    Attributes:
        in_channels: 4: latents; 9: with a mask and the masked picture.
        channels: Of each level of resolution, the finest first.
        layers: Resnets a level on the way down; one more on the way up.
        depths: Transformer blocks behind each resnet, by level; 0: no attention there.
        middle_depth: Of the middle.
        text_width: Of the encoded words, by which the attention is guided.
        vector_width: Of what it is told beside them (pooled words and size numbers); 0: nothing.
        linear: Whether the attention's ends are matrices (SD 2.x, SDXL) or convolutions of one pixel (SD 1.x).
    """

    in_channels: int
    channels: tuple[int, ...]
    layers: int
    depths: tuple[int, ...]
    middle_depth: int
    text_width: int
    vector_width: int
    linear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A UNet, mostly with the VAE and the text encoders that it was trained with."""

    kind: ModelKind
    layout: Layout
    parts: frozenset[CheckpointPart]
    unet: UnetShape
    prediction: Prediction
    zero_terminal_snr: bool
    """Whether its last training step was pure noise (Lin et al. 2023)."""
    native_size: Size


@dataclass(frozen=True, slots=True)
class Vae:
    """Those of SD 1.x, 2.x and SDXL cannot be told apart by their headers."""

    layout: Layout


class LoraAlgorithm(StrEnum):
    """How the change of a weight is written down."""

    LORA = "LoRA"
    LOHA = "LoHa"
    LOKR = "LoKr"
    FULL = "full difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """Attributes: base: None where the file does not say.

    rank: Of its first module; None of a LoKr whose factors are not split, and of full differences.
    has_magnitudes: Whether the lengths of the weights are learnt apart (DoRA, Liu et al. 2024).
    """

    base: Base | None
    layout: Layout
    algorithm: LoraAlgorithm
    rank: int | None
    has_magnitudes: bool


@dataclass(frozen=True, slots=True)
class Embedding:
    """Textual inversion: learnt tokens. Args: vectors: How many tokens it takes in a prompt."""

    base: Base
    vectors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNet:
    base: Base
    layout: Layout
    is_union: bool
    """Whether one network knows many kinds of guides, and is told which it is given."""


@dataclass(frozen=True, slots=True)
class ControlLora:
    """A ControlNet as a small change to the base model's own UNet."""

    base: Base
    rank: int


class IpAdapterKind(StrEnum):
    PLAIN = "plain"
    PLUS = "plus"
    FULL_FACE = "full face"
    FACE_ID = "face id"
    FACE_ID_PLUS = "face id plus"


@dataclass(frozen=True, slots=True)
class IpAdapter:
    base: Base
    kind: IpAdapterKind


@dataclass(frozen=True, slots=True)
class ClipVision:
    """Args: width: 1024: ViT-L, 1280: ViT-H, 1664: ViT-bigG."""

    width: int
    layout: Layout


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """Args: width: 768: CLIP ViT-L, 1024: OpenCLIP ViT-H, 1280: OpenCLIP ViT-bigG."""

    width: int
    layout: Layout


class UpscalerArchitecture(StrEnum):
    ESRGAN = "ESRGAN"
    """The layout of ESRGAN's authors: `model.0`, `model.1.sub.0`."""
    ESRGAN_NAMED = "ESRGAN, named parts"
    """`RRDB_trunk`, `upconv1`, `HRconv`."""
    REAL_ESRGAN = "Real-ESRGAN"
    """`body.0.rdb1`, `conv_up1`, `conv_hr`."""
    COMPACT = "Real-ESRGAN compact"
    SWINIR = "SwinIR"
    SWIN2SR = "Swin2SR"
    HAT = "HAT"
    DAT = "DAT"


@dataclass(frozen=True, slots=True)
class Upscaler:
    """Args: scale: How many times larger; None where the header does not tell."""

    architecture: UpscalerArchitecture
    scale: int | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whole as a file, and nothing that Fooo uses. Args: why: A part of a sentence, after "it"."""

    why: str


Contents = (
    Checkpoint
    | Vae
    | Lora
    | Embedding
    | ControlNet
    | ControlLora
    | IpAdapter
    | ClipVision
    | TextEncoder
    | Upscaler
    | Unknown
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """What a file holds, and what it says about itself."""

    contents: Contents
    number_format: NumberFormat
    title: str | None = None
    trigger_words: tuple[str, ...] = ()
