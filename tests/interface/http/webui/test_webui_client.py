"""The stock client of the webui, as it comes from the package index, asks a running server."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import webuiapi  # pyright: ignore[reportMissingTypeStubs]
from PIL import Image

from fooo.plan import Enlarge, Generate, Open
from fooo.request import Keep, Vary
from tests.interface.http.conftest import Served, until


@pytest.fixture
def client(here: Served) -> Any:
    return webuiapi.WebUIApi(host="127.0.0.1", port=here.port, steps=2)


def test_it_draws_as_many_pictures_as_batches_hold(client: Any) -> None:
    answer = client.txt2img(
        prompt="a (red:1.2) cat", negative_prompt="dog", seed=7, batch_size=2, n_iter=2, width=256, height=128
    )
    assert [image.size for image in answer.images] == [(256, 128)] * 4
    assert answer.info["all_seeds"] == [7, 8, 9, 10]
    assert (answer.info["width"], answer.info["height"]) == (256, 128)
    assert answer.parameters["prompt"] == "a (red:1.2) cat"
    text = answer.info["infotexts"][0]
    assert text.startswith("a (red:1.2) cat\nNegative prompt: dog\nSteps: 2, Sampler: Euler a,")
    assert answer.image.info["parameters"] == text


def test_its_words_are_drawn_and_nothing_of_a_presets_taste(client: Any, here: Served) -> None:
    client.txt2img(
        prompt="a cat", cfg_scale=6.5, sampler_name="DPM++ 2M Karras", tiling=True, subseed=3, subseed_strength=0.25
    )
    (shot,) = here.last.plan.shots
    (drawn,) = shot.generates
    assert shot.texts.positive == "a cat"
    assert (drawn.guidance, drawn.sampler.label, drawn.schedule.label) == (6.5, "DPM++ 2M", "Karras")
    assert (drawn.refiner, drawn.sharpness, drawn.loras, drawn.tiling.value) == (None, 0.0, (), "both")
    assert drawn.variation is not None
    assert (drawn.variation.seed, drawn.variation.strength) == (3, 0.25)


def test_a_style_is_put_on_by_its_name(client: Any, here: Served) -> None:
    client.txt2img(prompt="a cat", styles=["Sticker"])
    assert here.last.plan.shots[0].texts.positive != "a cat"
    assert here.last.plan.shots[0].texts.positive.startswith("a cat")


def test_it_draws_over_a_picture_with_the_end_of_the_steps(client: Any, here: Served, picture: Image.Image) -> None:
    answer = client.img2img(images=[picture], prompt="a dog", steps=10, denoising_strength=0.5, width=256, height=256)
    assert answer.image.size == (256, 256)
    assert answer.parameters["init_images"] is None
    assert isinstance(here.last.plan.request.start, Vary)
    (opens, draws, *_) = here.last.plan.shots[0].passes
    assert isinstance(opens, Open)
    assert isinstance(draws, Generate)
    # half of ten and one more, as the webui counts
    assert draws.steps == 6


def test_the_second_pass_enlarges_and_draws_over(client: Any, here: Served) -> None:
    answer = client.txt2img(prompt="a cat", width=128, height=128, enable_hr=True, hr_scale=2, denoising_strength=0.4)
    assert answer.image.size == (256, 256)
    kinds = [type(each) for each in here.last.plan.shots[0].passes]
    assert Enlarge in kinds
    assert kinds.count(Generate) == 2


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({"upscaling_resize": 3}, (768, 768)),
        ({"resize_mode": 1, "upscaling_resize_w": 600, "upscaling_resize_h": 300}, (600, 300)),
        (
            {"resize_mode": 1, "upscaling_resize_w": 512, "upscaling_resize_h": 300, "upscaling_crop": False},
            (512, 512),
        ),
    ],
)
def test_a_picture_is_enlarged(
    client: Any, here: Served, picture: Image.Image, asked: dict[str, Any], size: tuple[int, int]
) -> None:
    assert client.extra_single_image(picture, upscaler_1="R-ESRGAN 4x+", **asked).image.size == size
    assert isinstance(here.last.plan.request.start, Keep)


def test_many_pictures_are_enlarged_in_their_order(client: Any) -> None:
    given = [Image.new("RGB", (width, 64)) for width in (64, 80)]
    images = client.extra_batch_images(given, upscaler_1="photo").images
    assert [image.size for image in images] == [(128, 128), (160, 128)]


def test_without_an_upscaler_a_picture_comes_back_as_it_is(client: Any, picture: Image.Image) -> None:
    assert client.extra_single_image(picture).image.tobytes() == picture.tobytes()


def test_a_drawn_picture_tells_how_it_was_made(client: Any, picture: Image.Image) -> None:
    drawn = client.txt2img(prompt="a cat", seed=3)
    told = client.png_info(drawn.image)
    assert told.info == drawn.info["infotexts"][0]
    assert told.json["parameters"]["Prompt"] == "a cat"
    assert told.json["parameters"]["Seed"] == "3"
    assert client.png_info(picture).info == ""


def test_what_there_is_can_be_listed(client: Any) -> None:
    assert "DPM++ 2M" in client.util_get_sampler_names()
    assert {"automatic", "karras"} <= set(client.util_get_scheduler_names())
    assert client.util_get_model_names() == ["pocket/base"]
    assert [each["name"] for each in client.get_upscalers()] == ["None", "photo", "RealESRGAN_x4plus"]
    assert "Sticker" in {each["name"] for each in client.get_prompt_styles()}
    assert client.get_memory()["ram"]["total"] > 0
    assert client.get_embeddings() == {"loaded": {}, "skipped": {}}
    assert client.get_scripts() == {"txt2img": [], "img2img": []}
    for empty in ("sd_vae", "loras", "hypernetworks", "face_restorers", "realesrgan_models", "latent_upscale_modes"):
        assert getattr(client, f"get_{empty}")() == []
    assert client.refresh_checkpoints() is None
    assert client.get_cmd_flags()["api"] is True


def test_options_are_kept_and_a_model_that_is_not_here_is_refused(client: Any) -> None:
    client.set_options({"sd_model_checkpoint": "pocket/base [0123456789]", "some_colour": "red"})
    kept = client.get_options()
    assert (kept["some_colour"], kept["sd_vae"]) == ("red", "Automatic")
    assert client.util_get_current_model().startswith("pocket/base")
    assert "there is no 'nothing'" in client.set_options({"sd_model_checkpoint": "nothing"})["detail"]
    assert client.get_options()["sd_model_checkpoint"].startswith("pocket/base")


def test_one_messages_settings_hold_for_that_message(client: Any, here: Served) -> None:
    client.txt2img(prompt="a cat", override_settings={"CLIP_stop_at_last_layers": 3})
    assert here.last.plan.shots[0].generates[0].clip_skip == 3
    client.txt2img(prompt="a cat")
    assert here.last.plan.shots[0].generates[0].clip_skip != 3


def test_how_far_it_is_can_be_asked_and_it_can_be_interrupted(client: Any) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.txt2img, prompt="a cat", steps=200)
        until(lambda: client.get_progress()["progress"] > 0)
        far = client.get_progress()
        assert 0 < far["progress"] < 1
        assert far["state"]["sampling_steps"] == 200
        assert far["current_image"]
        client.interrupt()
        assert len(waiting.result(30).images) == 1
    client.util_wait_for_ready(check_interval=0.05)


def test_a_picture_is_skipped_and_the_next_is_drawn(client: Any) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.txt2img, prompt="a cat", steps=100, n_iter=2)
        until(lambda: client.get_progress()["progress"] > 0)
        client.skip()
        texts = waiting.result(60).info["infotexts"]
    assert len(texts) == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"script_name": "x/y/z plot"}, "runs no scripts"),
        ({"alwayson_scripts": {"ControlNet": {"args": [{"enabled": True}]}}}, "has no 'ControlNet'"),
        ({"seed_resize_from_h": 64, "seed_resize_from_w": 64}, "does not resize seeds"),
        ({"enable_hr": True, "hr_prompt": "a dog"}, "hr_prompt"),
        ({"enable_hr": True, "firstphase_width": 64}, "firstphase_width"),
        ({"sampler_name": "no such sampler"}, "there is no 'no such sampler'"),
        ({"styles": ["Stickr"]}, "did you mean: Sticker"),
        ({"steps": 1000}, "sampling.steps"),
        ({"width": 5}, "size.width"),
        ({"n_iter": 100}, "output.count"),
        ({"override_settings": {"sd_model_checkpoint": "nothing"}}, "there is no 'nothing'"),
        ({"override_settings": {"CLIP_stop_at_last_layers": "many"}}, "models.clip_skip"),
    ],
)
def test_what_cannot_be_done_is_said_in_the_webuis_form(client: Any, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(RuntimeError) as failure:
        client.txt2img(prompt="a cat", **asked)
    status, text = failure.value.args
    assert status in {422, 501}
    assert said in json.loads(text)["detail"]


def test_inpainting_is_refused_as_not_here_yet(client: Any, picture: Image.Image) -> None:
    with pytest.raises(RuntimeError, match="cannot inpaint yet") as failure:
        client.img2img(images=[picture], mask_image=picture)
    assert failure.value.args[0] == 501


def test_faces_of_a_finished_picture_are_not_restored(client: Any, picture: Image.Image) -> None:
    with pytest.raises(RuntimeError, match="gfpgan_visibility"):
        client.extra_single_image(picture, upscaler_1="photo", gfpgan_visibility=1)


def test_what_is_not_there_says_so(client: Any, picture: Image.Image) -> None:
    with pytest.raises(RuntimeError, match="Fooo has no POST /sdapi/v1/interrogate"):
        client.interrogate(picture)
