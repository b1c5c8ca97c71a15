from dataclasses import dataclass

from fooo.interface.http.accounts import Accounts, Patience, Sessions, new_password


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_only_the_right_pair_fits() -> None:
    accounts = Accounts([("ann", "secret"), ("bob", "other")])
    assert accounts.fit("ann", "secret")
    assert not accounts.fit("ann", "other")
    assert not accounts.fit("nobody", "secret")
    assert not accounts.fit("", "")


def test_passwords_are_not_kept() -> None:
    assert "secret" not in repr(vars(Accounts([("ann", "secret")])))


def test_equal_passwords_have_different_hashes() -> None:
    hashes = vars(Accounts([("ann", "same"), ("bob", "same")]))["_hashes"]
    assert hashes["ann"] != hashes["bob"]


def test_three_tries_are_free_then_the_wait_doubles_up_to_a_minute() -> None:
    clock = Clock()
    patience = Patience(clock)
    waits: list[float] = []
    for _ in range(12):
        patience.wrong("at 1.2.3.4")
        waits.append(patience.wait("at 1.2.3.4"))
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_waiting_ends_and_a_right_password_forgets() -> None:
    clock = Clock()
    patience = Patience(clock)
    for _ in range(4):
        patience.wrong("as ann")
    assert patience.wait("as ann", "at home") == 2
    clock.now += 2
    assert patience.wait("as ann", "at home") == 0
    patience.right("as ann")
    patience.wrong("as ann")
    assert patience.wait("as ann") == 0


def test_a_session_holds_until_it_ends() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    token, other = sessions.begin(), sessions.begin()
    assert sessions.holds(token)
    assert not sessions.holds("made up")
    assert not sessions.holds(None)
    sessions.end(token)
    assert not sessions.holds(token)
    clock.now += 31 * 24 * 3600
    assert not sessions.holds(other)


def test_made_passwords_are_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 16 for password in made)


def test_a_session_knows_whose_it_is() -> None:
    sessions = Sessions(clock=lambda: 0.0)
    token = sessions.begin("ann")
    assert sessions.user(token) == "ann"
    assert sessions.user("made up") is sessions.user(None) is None
    sessions.end(token)
    assert sessions.user(token) is None
