"""The language of the page is switched on the page."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Show

Open = Callable[..., Page]


def test_an_english_browser_switches_to_chinese_and_back_and_loses_no_word(open_one: Open, one_show: Show) -> None:
    page = open_one()
    expect(page.locator("#generate")).to_have_text("Generate")
    page.locator("#field-prompt textarea").fill("a quiet lake")
    page.get_by_role("button", name="用中文显示本页").click()
    expect(page.locator("#generate")).to_have_text("生成")
    expect(page.locator("#field-prompt textarea")).to_have_value("a quiet lake")
    expect(page.locator("#field-prompt textarea")).to_have_attribute("placeholder", "想画什么？")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    expect(page.locator("#bar [data-do=drawer]")).to_have_attribute("aria-label", "设置")
    page.locator("#bar [data-do=drawer]").click()
    expect(page.locator("#drop")).to_contain_text("将文件拖放到此处")
    # what programs ask for speaks as before, whoever asks
    cookies = page.evaluate("document.cookie")
    assert "fooo-language=zh" in cookies
    asked = urllib.request.Request(
        f"{one_show.address}/api/v1/jobs",
        data=b'{"sampling": {"steps": -1}}',
        headers={"Cookie": cookies, "Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert json.loads(refused.value.read())["hint"].startswith("it should be")
    page.get_by_role("button", name="show this page in English").click()
    expect(page.locator("#generate")).to_have_text("Generate")
    expect(page.locator("#field-prompt textarea")).to_have_value("a quiet lake")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_choice_is_kept_for_that_browser_alone(open_one: Open) -> None:
    page = open_one(locale="zh-CN")
    page.locator("#bar [data-do=language]").click()
    expect(page.locator("#generate")).to_have_text("Generate")
    page.reload()
    expect(page.locator("#generate")).to_have_text("Generate")
    kept = [(each.get("value"), each.get("sameSite")) for each in page.context.cookies()]
    assert kept == [("en", "Lax")]
    expect(open_one(locale="zh-CN").locator("#generate")).to_have_text("生成")


def test_chinese_words_are_put_into_english_by_one_press(open_one: Open) -> None:
    page = open_one(locale="zh-CN")
    page.locator("#field-prompt textarea").fill("红色的猫，卡通")
    line = page.locator("#final .said")
    expect(line).to_contain_text("口袋模型只认识英文")
    expect(line).not_to_contain_text("照你写的画")
    line.get_by_role("button", name="换成英文").click()
    expect(page.locator("#field-prompt textarea")).to_have_value("red cat, cartoon")
    expect(line).not_to_contain_text("只认识英文")


def test_an_example_is_said_in_chinese_and_fills_in_what_the_model_reads(open_one: Open) -> None:
    page = open_one(locale="zh-CN")
    example = page.locator("#stage [data-do=example]").first
    expect(example).to_have_text(re.compile(r"[\u4e00-\u9fff]"))
    example.click()
    expect(page.locator("#field-prompt textarea")).to_have_value(re.compile(r"^[\x20-\x7e]+$"))
