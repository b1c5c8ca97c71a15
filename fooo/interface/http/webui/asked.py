"""What clients of the webui may ask, by its names. What it would not know is passed over, as it does."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Asked(BaseModel):
    """A null is as good as nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Drawing(Asked):
    """What both ways to draw have. What is left out is decided by Fooo, and not by the webui's defaults."""

    prompt: str | None = ""
    negative_prompt: str | None = ""
    styles: tuple[str, ...] | None = None
    seed: int | None = -1
    subseed: int | None = -1
    subseed_strength: float | None = 0
    seed_resize_from_h: int | None = -1
    seed_resize_from_w: int | None = -1
    sampler_name: str | None = None
    sampler_index: str | None = None
    scheduler: str | None = None
    batch_size: int | None = 1
    n_iter: int | None = 1
    steps: int | None = None
    cfg_scale: float | None = None
    width: int | None = None
    height: int | None = None
    restore_faces: bool | None = None
    tiling: bool | None = None
    denoising_strength: float | None = None
    eta: float | None = None
    s_churn: float | None = None
    s_tmin: float | None = None
    s_tmax: float | None = None
    s_noise: float | None = None
    override_settings: dict[str, Any] | None = None
    override_settings_restore_afterwards: bool | None = True
    refiner_checkpoint: str | None = None
    refiner_switch_at: float | None = None
    script_name: str | None = None
    alwayson_scripts: dict[str, Any] | None = None
    send_images: bool | None = True


class TextToImage(Drawing):
    enable_hr: bool | None = False
    hr_scale: float | None = 2.0
    hr_resize_x: int | None = 0
    hr_resize_y: int | None = 0
    hr_upscaler: str | None = None
    hr_second_pass_steps: int | None = 0
    hr_checkpoint_name: str | None = None
    hr_sampler_name: str | None = None
    hr_scheduler: str | None = None
    hr_prompt: str | None = ""
    hr_negative_prompt: str | None = ""
    firstphase_width: int | None = 0
    firstphase_height: int | None = 0


class ImageToImage(Drawing):
    init_images: tuple[str, ...] | None = None
    resize_mode: int | None = 0
    mask: str | None = None
    include_init_images: bool | None = False


class Extras(Asked):
    resize_mode: int | None = 0
    gfpgan_visibility: float | None = 0
    codeformer_visibility: float | None = 0
    upscaling_resize: float | None = 2
    upscaling_resize_w: int | None = 512
    upscaling_resize_h: int | None = 512
    upscaling_crop: bool | None = True
    upscaler_1: str | None = "None"
    upscaler_2: str | None = "None"
    extras_upscaler_2_visibility: float | None = 0


class ExtraSingle(Extras):
    image: str = ""


class NamedPicture(Asked):
    data: str
    name: str = ""


class ExtraBatch(Extras):
    # the webui's own name, which clients send
    imageList: tuple[NamedPicture, ...]  # noqa: N815


class OnePicture(Asked):
    image: str


class GivenOptions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    @property
    def given(self) -> dict[str, Any]:
        return dict(self.model_extra or {})
