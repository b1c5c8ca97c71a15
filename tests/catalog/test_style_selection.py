"""Which styles are tried together, and which pictures come with them."""

from pathlib import Path

import pytest

from fooo.catalog import POCKET_FAMILY, Catalog
from fooo.catalog.styles import find_pictures, picture_name, suiting, varied
from fooo.settings import Settings

NOBODYS: tuple[str, ...] = ()


def test_the_pocket_model_suits_its_own_styles_and_others_all_others(catalog: Catalog) -> None:
    styles = catalog.styles.values()
    own, others = (suiting(styles, pocket=each) for each in (True, False))
    assert {style.family for style in own} == {POCKET_FAMILY}
    assert {*own, *others} == {*styles}
    assert not {*own} & {*others}


def test_favourites_come_first_then_each_family_in_turn(catalog: Catalog) -> None:
    styles = suiting(catalog.styles.values(), pocket=False)
    names = varied(styles, 12, favourites=("Hatching", "Macro"), chosen=NOBODYS, seed=1)
    assert {*names[:2]} == {"Hatching", "Macro"}
    assert len({*names}) == len(names) == 12
    families = [catalog.styles[name].family for name in names[2:]]
    assert len({*families}) == len({style.family for style in styles}) == 10


def test_what_is_chosen_comes_last_so_that_never_only_that_is_tried(catalog: Catalog) -> None:
    own = suiting(catalog.styles.values(), pocket=True)
    chosen = own[0].name
    names = varied(own, 12, favourites=(chosen,), chosen=(chosen,), seed=1)
    assert {*names} == {style.name for style in own}
    assert names[-1] == chosen
    assert chosen not in varied(own, len(own) - 1, favourites=(chosen,), chosen=(chosen,), seed=1)


def test_a_seed_gives_the_same_styles_and_another_one_others(catalog: Catalog) -> None:
    styles = suiting(catalog.styles.values(), pocket=False)
    tries = [varied(styles, 12, favourites=NOBODYS, chosen=NOBODYS, seed=seed) for seed in (1, 1, 2)]
    assert tries[0] == tries[1] != tries[2]


@pytest.mark.parametrize(
    ("style", "name"), [("Line Art", "line-art.webp"), ("../Étude: 35mm!", "étude-35mm.webp"), ("油画", "油画.webp")]
)
def test_a_picture_is_named_as_its_style_and_never_leads_out_of_the_folder(style: str, name: str) -> None:
    assert picture_name(style) == name


def test_pictures_are_found_by_their_style_and_links_are_none(tmp_path: Path) -> None:
    (tmp_path / "line-art.webp").write_bytes(b"1")
    (tmp_path / "nobody.webp").write_bytes(b"2")
    (tmp_path / "sticker.webp").symlink_to(tmp_path / "nobody.webp")
    assert find_pictures(tmp_path, ["Line Art", "Sticker", "Glossy"]) == {"Line Art": tmp_path / "line-art.webp"}
    assert find_pictures(tmp_path / "gone", ["Line Art"]) == {}


def test_every_style_of_the_pocket_model_ships_with_a_picture_and_all_are_small(catalog: Catalog) -> None:
    own = {style.name for style in suiting(catalog.styles.values(), pocket=True)}
    assert {*catalog.style_pictures} == own
    shipped = [*(Settings().styles / "thumbnails").iterdir()]
    assert {path.name for path in shipped} == {path.name for path in catalog.style_pictures.values()}
    assert sum(path.stat().st_size for path in shipped) < 400_000
