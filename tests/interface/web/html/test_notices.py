from fooo.interface.web.html.notices import notice_html


def test_the_same_sentence_twice_is_shown_twice() -> None:
    assert notice_html("Wrong.", 0) != notice_html("Wrong.", 1)
    assert notice_html("", 2) == ""
