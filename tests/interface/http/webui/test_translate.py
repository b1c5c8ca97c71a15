"""What the webui's names mean here, without a server."""

import pytest

from fooo.catalog import Catalog
from fooo.errors import UnknownName
from fooo.interface.http.foreign import Refused
from fooo.interface.http.webui.asked import ImageToImage, TextToImage
from fooo.interface.http.webui.options import plain_name
from fooo.interface.http.webui.translate import image_to_image, text_to_image, upscaler_named
from fooo.request import Dialect, Expansion, Request, Vary


def asked(catalog: Catalog, **fields: object) -> Request:
    return text_to_image(TextToImage.model_validate(fields), {}, catalog)


def test_what_is_left_out_is_left_to_fooo(catalog: Catalog) -> None:
    request = asked(catalog, prompt="a cat")
    assert (request.size, request.sampling.steps, request.sampling.guidance) == (None, None, None)
    assert (request.dialect, request.expansion, request.styles) == (Dialect.WEBUI, Expansion.OFF, ())


def test_a_null_is_as_good_as_nothing(catalog: Catalog) -> None:
    nothing = dict.fromkeys(TextToImage.model_fields)
    assert asked(catalog, **nothing) == asked(catalog)


def test_no_end_of_the_added_noise_is_written_as_0(catalog: Catalog) -> None:
    assert asked(catalog, s_tmax=0).sampling.sampler_options.s_tmax == 10_000
    assert asked(catalog, s_tmax=5).sampling.sampler_options.s_tmax == 5


def test_restored_faces_are_mended_ones(catalog: Catalog) -> None:
    assert asked(catalog, restore_faces=True).faces.on is True
    assert asked(catalog).faces.on is False


@pytest.mark.parametrize(
    ("fields", "by", "to"),
    [
        ({"hr_scale": 1.5}, 1.5, None),
        ({"hr_resize_x": 1024, "hr_resize_y": 768}, 1.0, (1024, 768)),
        ({"hr_resize_y": 768, "width": 512, "height": 512}, 1.5, None),
    ],
)
def test_the_larger_size_is_said_in_three_ways(
    catalog: Catalog, fields: dict[str, object], by: float, to: tuple[int, int] | None
) -> None:
    enlarge = asked(catalog, enable_hr=True, denoising_strength=0.3, hr_second_pass_steps=9, **fields).enlarge
    assert (enlarge.by, enlarge.to, enlarge.repaint, enlarge.steps) == (by, to, 0.3, 9)


def test_one_side_alone_needs_the_size_before(catalog: Catalog) -> None:
    with pytest.raises(Refused, match="say width and height too"):
        asked(catalog, enable_hr=True, hr_resize_x=1024)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        (None, None),
        ("None", None),
        ("Latent (nearest-exact)", None),
        ("Lanczos", None),
        ("R-ESRGAN 4x+", "photo"),
        ("R-ESRGAN 4x+ Anime6B", "drawing"),
        ("4x-UltraSharp", "4x-UltraSharp"),
    ],
)
def test_upscalers_are_known_by_the_webuis_names(name: str | None, ours: str | None) -> None:
    assert upscaler_named(name) == ours


def test_a_title_is_a_name_and_a_hash() -> None:
    assert plain_name("sdxl/juggernaut.safetensors [aeb7e9e689]") == "sdxl/juggernaut.safetensors"
    assert plain_name("my model [v2]") == "my model [v2]"


def test_a_refiner_that_is_not_here_is_told(catalog: Catalog) -> None:
    with pytest.raises(UnknownName, match="refiner_checkpoint"):
        asked(catalog, refiner_checkpoint="nothing")
    assert asked(catalog, refiner_checkpoint="pocket/refiner", refiner_switch_at=0.7).models.refiner_switch == 0.7


def test_drawing_over_a_picture_leaves_a_quarter_of_it_by_itself(catalog: Catalog) -> None:
    request = image_to_image(ImageToImage(width=640), {}, catalog, "0" * 64)
    assert isinstance(request.start, Vary)
    assert request.start.strength == 0.75
    assert str(request.size) == "640x640"


@pytest.mark.parametrize("args", [[], [False], {}, None, [{"enabled": False, "module": "canny"}]])
def test_an_extension_that_is_switched_off_is_passed_over(catalog: Catalog, args: object) -> None:
    assert asked(catalog, alwayson_scripts={"ControlNet": {"args": args}}) == asked(catalog)


@pytest.mark.parametrize("args", [[True], {"x": 1}, [{"module": "canny"}], [False, {"enabled": True}]])
def test_an_extension_that_is_wanted_is_refused(catalog: Catalog, args: object) -> None:
    with pytest.raises(Refused, match="has no 'ControlNet'"):
        asked(catalog, alwayson_scripts={"ControlNet": {"args": args}})
