"""Pictures of one family stand together."""

from fooo.interface.web.view import Address, Finished, beside_parents


def finished(name: str, parent: str = "") -> Finished:
    where = Address(name, name)
    return Finished(
        job=name, number=0, address=where, name=name, width=8, height=8, prompt="", seed=1, id=name, parent=parent
    )


def test_what_was_made_from_a_picture_stands_beside_it_where_the_newest_of_them_is() -> None:
    newest_first = [
        finished("grandchild", "content of child"),
        finished("other"),
        finished("child", "content of parent"),
        finished("orphan", "content of nobody"),
        finished("parent"),
        finished("oldest"),
    ]
    shown = beside_parents(newest_first, lambda one: f"content of {one.name}")
    assert [one.name for one in shown] == ["grandchild", "child", "parent", "other", "orphan", "oldest"]


def test_without_families_no_file_is_read_for_the_order() -> None:
    def read(one: Finished) -> str:
        raise AssertionError(f"{one.name} was read")

    assert [one.name for one in beside_parents([finished("b"), finished("a")], read)] == ["b", "a"]
