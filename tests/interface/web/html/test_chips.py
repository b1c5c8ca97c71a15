import re

from fooo.interface.i18n import read_languages
from fooo.interface.web.html.chips import chips_html


def test_each_chosen_style_has_a_chip_that_takes_it_away_in_the_pages_language() -> None:
    html = chips_html([("Line Art", "线稿"), ("Sticker", "贴纸")], "速度", 2, read_languages()["zh"])
    assert re.findall(r'data-style="([^"]+)" aria-label="([^"]+)">([^<]+)<', html) == [
        ("Line Art", "去掉线稿", "线稿"),
        ("Sticker", "去掉贴纸", "贴纸"),
    ]
    assert html.index('data-at="styles"') > html.index("Sticker"), "what adds one stands behind those that are there"


def test_the_size_and_the_preset_are_named_and_lead_to_where_they_are_chosen() -> None:
    def drawer(html: str) -> list[tuple[str, str]]:
        return re.findall(r'data-do="drawer" data-at="([^"]+)">([^<]+)<', html)

    chosen = drawer(chips_html([], "", 1, read_languages()["en"], size="wide 16:9", preset="anime"))
    assert chosen[:2] == [("field-size", "wide 16:9"), ("field-preset", "anime")]
    assert [name for _, name in drawer(chips_html([], "", 1, read_languages()["zh"]))][:2] == ["尺寸", "预设"]
