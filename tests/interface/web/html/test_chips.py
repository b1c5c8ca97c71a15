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
