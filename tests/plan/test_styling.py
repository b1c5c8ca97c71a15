import pytest

from fooo.catalog import Style
from fooo.plan.plan import Source, Span
from fooo.plan.styling import Said, droppable, in_styles, left_out, phrases_of, pieces_of

PORTRAIT = Style(name="Portrait", prompt="studio portrait of {prompt}, softbox, 85mm lens", negative_prompt="noise")
STREET = Style(name="Street", prompt="street photo of {prompt}, 28mm lens, hard sun")
GRAIN = Style(name="Grain", prompt="film grain, 28mm lens")


def said(words: str, *styles: Style) -> str:
    return "".join(span.text for span in in_styles(words, styles))


def test_a_template_wraps_the_words():
    assert in_styles("a cat", [PORTRAIT]) == (
        Span(text="studio portrait of ", source=Source.STYLE),
        Span(text="a cat", source=Source.USER),
        Span(text=", softbox, 85mm lens", source=Source.STYLE),
    )


def test_the_first_template_with_a_place_wraps_and_all_others_come_behind_in_order():
    expected = "studio portrait of a cat, softbox, 85mm lens, film grain, 28mm lens, street photo, hard sun"
    assert said("a cat", GRAIN, PORTRAIT, STREET).startswith("studio portrait of a cat")
    assert said("a cat", PORTRAIT, GRAIN, STREET) == expected


def test_without_a_place_the_words_come_first():
    assert said("a cat", GRAIN) == "a cat, film grain, 28mm lens"


def test_without_words_no_template_has_a_hole():
    assert said("", PORTRAIT) == "studio portrait, softbox, 85mm lens"
    assert said("", STREET, PORTRAIT) == "street photo, 28mm lens, hard sun, studio portrait, softbox, 85mm lens"
    assert said("", Style(name="x", prompt="{prompt} as a toy, plastic")) == "a toy, plastic"
    assert said("") == ""


def test_braces_in_the_words_are_left_alone():
    assert said("{prompt} {x}", GRAIN) == "{prompt} {x}, film grain, 28mm lens"


def test_what_the_words_say_already_is_not_said_again():
    assert said("a cat, softbox", PORTRAIT) == "studio portrait of a cat, softbox, 85mm lens"
    assert said("a cat in the hard sun", STREET) == "street photo of a cat in the hard sun, 28mm lens"


def test_the_persons_own_repetitions_stay():
    assert said("cat, cat, cat", GRAIN) == "cat, cat, cat, film grain, 28mm lens"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("(({prompt})), x, x", "((a cat)), x"),
        ("({prompt}, soft light:1.2), x", "(a cat, soft light:1.2), x"),
        ("{prompt} and {prompt}", "a cat and a cat"),
        ("{prompt}", "a cat"),
        (", {prompt} ,", ", a cat"),
        ("photo of {prompt}, <lora:a,b:1>, x", "photo of a cat, <lora:a,b:1>, x"),
    ],
)
def test_brackets_of_a_template_stay_whole(template: str, expected: str):
    assert said("a cat", Style(name="s", prompt=template)) == expected


def test_a_bracket_around_the_place_stays_whole_where_the_style_comes_behind():
    weighed = Style(name="s", prompt="(oil painting of {prompt}:1.2), thick strokes")
    assert said("a cat", PORTRAIT, weighed).endswith(", (oil painting:1.2), thick strokes")


def test_praise_counts_once_in_whatever_words():
    assert list(Said("best quality").new("high quality, masterpiece, top quality, Masterpiece")) == ["masterpiece"]
    assert list(Said("a cat, detailed").new("highly detailed, intricate details")) == ["intricate details"]


def test_words_that_a_model_knows_apart_stay_apart():
    assert list(Said("").new("masterpiece, high score, great score")) == ["masterpiece", "high score", "great score"]
    assert list(Said("a cat in a hat").new("top hat, very dark, dark")) == ["top hat", "very dark", "dark"]


def test_a_style_may_say_more_than_another():
    assert list(Said("").new("creamy background blur, blurry, motion blur, blurred")) == [
        "creamy background blur", "blurry", "motion blur",
    ]  # fmt: skip


def test_chinese_phrases_are_told_apart_by_their_letters():
    assert list(Said("一只猫，柔光").new("柔光、高清，一只狗")) == ["高清", "一只狗"]


@pytest.mark.parametrize(
    ("words", "template", "expected"),
    [
        ("a cat, soft light", "{prompt}，soft light，fine grain", "a cat, soft light，fine grain"),
        ("一只猫，柔光", "{prompt}，柔光、高清，柔光", "一只猫，柔光，高清"),
        ("一只猫", "{prompt}，柔光、高清", "一只猫，柔光、高清"),
        ("(一只猫，柔光:1.2)", "{prompt}，柔光", "(一只猫，柔光:1.2)"),
        ("a cat, soft light", "{prompt}, (soft light, fine grain:1.2)", "a cat, soft light, (fine grain:1.2)"),
        (
            "a cat, soft light",
            "{prompt}, ((soft light)), [fine grain, grain, soft light]",
            "a cat, soft light, [fine grain, grain]",
        ),
        ("a cat, soft light", "{prompt}, (soft light:1.2)", "a cat, soft light"),
        ("(a cat, soft light)", "{prompt} (soft, light), soft light, x", "(a cat, soft light) (soft, light), x"),
        ("a cat, light", "{prompt}, [dark:light:0.5], [light, x|y]", "a cat, light, [dark:light:0.5], [light, x|y]"),
    ],
)
def test_an_echo_is_heard_behind_chinese_commas_and_in_brackets(words: str, template: str, expected: str):
    assert said(words, Style(name="s", prompt=template)) == expected


def test_an_echo_of_what_another_style_has_in_brackets_is_heard():
    weighed = Style(name="w", prompt="(fine grain, hard sun:1.2)")
    assert said("a cat", weighed, Style(name="s", prompt="hard sun, rain")) == "a cat, (fine grain, hard sun:1.2), rain"
    assert said("a cat", PORTRAIT, Style(name="s", prompt="(softbox, rain:1.1)")).endswith("85mm lens, (rain:1.1)")


def test_what_is_wanted_is_left_out_of_brackets_too():
    wanted = Said("a photo of a cat, 高清")
    assert list(Said("").new("(photo, blurry:1.3), (高清), noise", wanted)) == ["(blurry:1.3)", "noise"]


def test_chinese_beside_english_is_not_overheard():
    assert list(Said("film").new("film 质感, film")) == ["film 质感"]


def test_embeddings_are_no_echo_of_each_other():
    found = Said("<lora:x:1>, a cat").new(
        "embedding:a, embedding:b, (embedding:a:0.8), embedding:b cat, cat, __x__, __y__"
    )
    assert list(found) == ["embedding:a", "embedding:b", "embedding:b cat", "__x__", "__y__"]


def test_a_comma_of_the_words_is_enough():
    assert said("a cat,", PORTRAIT) == "studio portrait of a cat, softbox, 85mm lens"
    assert said("一只猫，", Style(name="s", prompt="{prompt}，高清")) == "一只猫，高清"


def test_phrases_are_parted_by_commas_outside_of_brackets():
    assert phrases_of("a (b, c), [d, e]: f, , !, {g,h}") == ("a (b, c)", "[d, e]: f", "{g,h}")


def left(words: str, *styles: Style, without: tuple[str, ...]) -> str:
    return "".join(span.text for span in left_out(in_styles(words, styles), without))


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        (("softbox",), "studio portrait of a cat, 85mm lens"),
        (("85mm lens",), "studio portrait of a cat, softbox"),
        (("SOFTBOX", "85MM lens"), "studio portrait of a cat"),
        (("studio portrait of",), "a cat, softbox, 85mm lens"),
        (("studio portrait of", "softbox", "85mm lens"), "a cat"),
        (("a cat", "portrait", ""), "studio portrait of a cat, softbox, 85mm lens"),
    ],
)
def test_an_added_phrase_is_left_out_and_the_persons_words_never(without: tuple[str, ...], expected: str):
    assert left("a cat", PORTRAIT, without=without) == expected


@pytest.mark.parametrize(
    ("template", "without", "expected"),
    [
        ("oil, thick paint of {prompt}", "oil", "thick paint of a cat"),
        ("oil, thick paint of {prompt}", "thick paint of", "oil, a cat"),
        ("still, {prompt}, x", "still", "a cat, x"),
        ("{prompt} as a toy, plastic", "as a toy", "a cat, plastic"),
        ("{prompt} and {prompt}", "and", "a cat, a cat"),
        ("({prompt}, soft light:1.2), x", "x", "(a cat, soft light:1.2)"),
        ("({prompt}, soft light:1.2), x", "soft light:1.2)", "(a cat, soft light:1.2), x"),
        ("{prompt}, (soft, warm:1.2), x", "(soft, warm:1.2)", "a cat, x"),
    ],
)
def test_what_is_left_of_a_template_stays_parted_and_closed(template: str, without: str, expected: str):
    assert left("a cat", Style(name="x", prompt=template), without=(without,)) == expected


def test_without_words_nothing_begins_with_a_comma():
    spans = (*in_styles("", [GRAIN]), Span(text=", warm light", source=Source.EXPANSION))
    assert "".join(span.text for span in left_out(spans, ("film grain", "28mm lens"))) == "warm light"


def test_pieces_are_the_text_and_each_phrase_has_its_name():
    text = ", film grain, (soft, warm:1.2)，锐利 "
    assert pieces_of(text) == (", film grain", ", (soft, warm:1.2)", "，锐利 ")
    assert [droppable(piece) for piece in pieces_of(text)] == ["film grain", "(soft, warm:1.2)", "锐利"]
    assert droppable(" ((") == droppable(", soft:1.2)") == ""
