from dataclasses import dataclass

from fooo.interface.http.accounts import Patience, Sessions
from fooo.interface.people import Account, Accounts, Person, new_password


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
    accounts = Accounts([("ann", "same"), ("bob", "same")])
    ann, bob = accounts.get("ann"), accounts.get("bob")
    assert ann
    assert bob
    assert ann.digest != bob.digest


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
    clock, ann = Clock(), Account.of(Person("ann"), "secret")
    sessions = Sessions({"ann": ann}.get, clock)
    token, other = sessions.begin(ann), sessions.begin(ann)
    assert sessions.account(token) == ann
    assert sessions.account("made up") is sessions.account(None) is None
    sessions.end(token)
    assert sessions.account(token) is None
    assert sessions.account(other) == ann
    clock.now += 31 * 24 * 3600
    assert sessions.account(other) is None


def test_a_new_password_ends_the_sessions_of_the_old_one() -> None:
    accounts = {"ann": Account.of(Person("ann"), "secret")}
    sessions = Sessions(accounts.get)
    token = sessions.begin(accounts["ann"])
    accounts["ann"] = Account.of(Person("ann"), "secret")
    assert sessions.account(token) is None


def test_made_passwords_are_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 16 for password in made)
