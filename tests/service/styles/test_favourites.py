from pathlib import Path

from fooo.service.styles import FavouriteStyles

NAMES = ("Line Art", "油画", "../Evil/..")


def test_marks_are_each_persons_own_and_there_after_a_restart(tmp_path: Path) -> None:
    liked = FavouriteStyles.beside(tmp_path)
    for name in NAMES[1:]:
        liked.mark(name, "ann", favourite=True)
    liked.mark(NAMES[0], "", favourite=True)
    again = FavouriteStyles.beside(tmp_path)
    assert again.among(NAMES, "ann") == NAMES[1:]
    assert again.among(NAMES, "") == NAMES[:1]
    assert again.among(NAMES, "bob") == ()
    assert [path.name for path in tmp_path.iterdir()] == [".favourite_styles"]


def test_a_mark_is_taken_away_and_may_be_taken_away_twice(tmp_path: Path) -> None:
    liked = FavouriteStyles(tmp_path)
    liked.mark("Macro", "", favourite=True)
    for _ in range(2):
        liked.mark("Macro", "", favourite=False)
    assert liked.among(["Macro"], "") == ()
