import threading
from collections.abc import Iterator

import pytest

from fooo.engine.ahead import one_ahead


class Items:
    """Makes numbers, and notes which one is being made and in which thread."""

    def __init__(self, count: int, *, fails_at: int | None = None) -> None:
        self._count, self._fails_at = count, fails_at
        self.made: list[int] = []
        self.threads: set[int] = set()
        self.begun = [threading.Event() for _ in range(count)]

    def __iter__(self) -> Iterator[int]:
        for number in range(1, self._count + 1):
            self.threads.add(threading.get_ident())
            self.begun[number - 1].set()
            if number == self._fails_at:
                raise ValueError(number)
            self.made.append(number)
            yield number


def never() -> None:
    raise AssertionError("nobody gave up")


def test_the_items_come_in_order_each_made_in_the_same_other_thread():
    items = Items(5)
    assert list(one_ahead(iter(items), never)) == [1, 2, 3, 4, 5]
    assert len(items.threads) == 1
    assert threading.get_ident() not in items.threads


def test_the_next_item_is_being_made_while_one_is_used_and_no_further_one():
    items = Items(4)
    for number in one_ahead(iter(items), never):
        if number < 4:
            assert items.begun[number].wait(timeout=60)
        assert len(items.made) <= number + 1


def test_a_failure_comes_in_its_turn_and_loses_nothing_before_it():
    numbers = one_ahead(iter(Items(5, fails_at=3)), never)
    assert [next(numbers), next(numbers)] == [1, 2]
    with pytest.raises(ValueError, match="3"):
        next(numbers)


def test_who_wants_no_more_lets_the_one_that_is_made_end_soon():
    ended, gave_up = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        yield 1
        assert gave_up.wait(timeout=60)
        ended.set()
        yield 2

    numbers = one_ahead(items(), gave_up.set)
    assert next(numbers) == 1
    numbers.close()
    assert ended.is_set()


def test_an_error_of_who_uses_the_items_is_such_an_end_too():
    gave_up: list[int] = []

    def use() -> None:
        for number in one_ahead(iter(Items(9)), lambda: gave_up.append(1)):
            if number == 2:
                raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk"):
        use()
    assert gave_up == [1]
