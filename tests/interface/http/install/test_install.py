"""The page can be put among the programs of a machine."""

import io

import pytest
from PIL import Image
from starlette.testclient import TestClient

from fooo.app import make_application
from fooo.interface.http import Hosts
from fooo.interface.http.install import INSTALL_PATHS, draw_icon
from fooo.service import Fooo
from fooo.settings import ServeSettings


def ask(program: Fooo, *, accounts: tuple[tuple[str, str], ...] = ()) -> TestClient:
    serving = ServeSettings(accounts=accounts)
    return TestClient(make_application(program, serving, Hosts("127.0.0.1")), base_url="http://127.0.0.1")


@pytest.mark.parametrize("accounts", [(), (("ann", "a long password"),)], ids=["open", "behind a password"])
def test_the_manifest_names_icons_of_the_sizes_that_it_says(
    program: Fooo, accounts: tuple[tuple[str, str], ...]
) -> None:
    client = ask(program, accounts=accounts)
    answer = client.get("/manifest.json")
    told = answer.json()
    assert answer.headers["content-type"] == "application/manifest+json"
    assert (told["name"], told["display"], told["start_url"], told["theme_color"]) == (
        "Fooo",
        "standalone",
        "./",
        "#101114",
    )
    found = {(each["sizes"], each["purpose"]) for each in told["icons"]}
    assert found == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for each in told["icons"]:
        image = Image.open(io.BytesIO(client.get(f"/{each['src']}").content))
        assert f"{image.width}x{image.height}" == each["sizes"]
        assert image.format == "PNG"


def test_the_page_links_to_them_and_nothing_is_gradios(program: Fooo) -> None:
    client = ask(program)
    page = client.get("/").text
    assert '<link rel="manifest" href="/manifest.json"' in page
    assert (
        'rel=\\"apple-touch-icon\\" href=\\"icons/192.png' in page
    )  # in the page's configuration, whose script adds it
    assert client.get("/favicon.ico").content == draw_icon(48, kind="ICO")
    assert all(client.get(path).status_code == 200 for path in INSTALL_PATHS)


def test_a_mask_cuts_nothing_of_the_rings_and_the_other_icon_has_round_corners() -> None:
    whole = Image.open(io.BytesIO(draw_icon(512, maskable=True)))
    round_one = Image.open(io.BytesIO(draw_icon(512)))
    assert whole.getpixel((0, 0)) == (16, 17, 20, 255)
    assert round_one.getpixel((0, 0)) == (0, 0, 0, 0)
    for x in range(0, 512, 4):
        for y in range(0, 512, 4):
            if (x - 256) ** 2 + (y - 256) ** 2 > (0.4 * 512) ** 2:
                assert whole.getpixel((x, y)) == (16, 17, 20, 255)
