"""Guessing, fixing and keeping logins; and shutting an owner out by guessing."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import httpx
import pytest

from fooo.interface.http.accounts import Patience, Tries, mark_for, network_of
from fooo.interface.people import Account, Accounts, Person
from fooo.interface.people.auth_file import AuthFile, write_accounts
from tests.attacks.conftest import Target

COOKIE = "fooo-session-"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def tried(tries: Tries, user: str, password: str, address: str, mark: str = "") -> tuple[bool, float]:
    async def attempt() -> tuple[bool, float]:
        outcome = await tries.attempt(user, password, address=address, mark=mark)
        return outcome.account is not None, outcome.wait

    # in a thread of its own: Playwright's loop lives on in this one after the tests in a browser
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, attempt).result()


@pytest.fixture
def ann() -> Accounts:
    return Accounts([("ann", "her word")])


def test_a_session_that_a_stranger_has_chosen_is_never_taken_over(house: Target) -> None:
    with httpx.Client(base_url=house.address, cookies={f"{COOKIE}{house.port}": "chosen"}) as client:
        assert client.get("/config").status_code == 401
        answer = client.post("/login", data={"user": "ann", "password": "ann's word"})
        given = {name: value for name, value in answer.cookies.items() if name.startswith(COOKIE)}
        assert given
        assert "chosen" not in given.values()
    assert httpx.get(f"{house.address}/config", cookies={f"{COOKIE}{house.port}": "chosen"}).status_code == 401


def test_a_new_login_ends_the_session_before(house: Target) -> None:
    said = {"user": "ann", "password": "ann's word"}
    first = httpx.post(f"{house.address}/login", data=said).cookies[f"{COOKIE}{house.port}"]
    httpx.post(f"{house.address}/login", data=said, cookies={f"{COOKIE}{house.port}": first})
    assert httpx.get(f"{house.address}/config", cookies={f"{COOKIE}{house.port}": first}).status_code == 401


def test_cookies_are_not_for_scripts_or_other_sites_and_secure_behind_https(house: Target) -> None:
    said = {"user": "ann", "password": "ann's word"}
    plain = httpx.post(f"{house.address}/login", data=said)
    behind = httpx.post(f"{house.address}/login", data=said, headers={"x-forwarded-proto": "https"})
    for answer, secure in ((plain, False), (behind, True)):
        for cookie in answer.headers.get_list("set-cookie"):
            parts = {part.strip().lower() for part in cookie.split(";")}
            assert {"httponly", "samesite=lax"} <= parts
            assert ("secure" in parts) is secure


def test_a_logout_ends_the_session_on_the_server_too(house: Target) -> None:
    said = {"user": "ann", "password": "ann's word"}
    cookies = {
        f"{COOKIE}{house.port}": httpx.post(f"{house.address}/login", data=said).cookies[f"{COOKIE}{house.port}"]
    }
    assert httpx.get(f"{house.address}/config", cookies=cookies).status_code == 200
    answer = httpx.get(f"{house.address}/logout", cookies=cookies)
    assert "cache" in answer.headers["clear-site-data"]
    assert httpx.get(f"{house.address}/config", cookies=cookies).status_code == 401


def test_a_changed_password_ends_sessions_and_headers(house: Target) -> None:
    file = house.folder / "auth.json"
    accounts = dict(AuthFile(file).read())
    new = {**accounts, "eve": Account.of(Person("eve"), "old word")}
    write_accounts(file, new)
    with httpx.Client(base_url=house.address) as client:
        assert client.post("/login", data={"user": "eve", "password": "old word"}).status_code == 303
        assert client.get("/config").status_code == 200
        assert client.get("/v1/models", headers={"authorization": "Bearer eve:old word"}).status_code == 200
        write_accounts(file, {**new, "eve": Account.of(Person("eve"), "new word")})
        assert client.get("/config").status_code == 401
    old = httpx.get(f"{house.address}/v1/models", headers={"authorization": "Bearer eve:old word"})
    assert old.status_code == 401
    write_accounts(file, accounts)
    gone = httpx.get(f"{house.address}/v1/models", headers={"authorization": "Bearer eve:new word"})
    assert gone.status_code in {401, 429}


@pytest.mark.parametrize(
    "said", ["ann' OR '1'='1", "ann\0", "ANN", " ann", "*", "", "ann\r\nX: y", "a" * 3000, "\ud800"]
)
def test_no_other_spelling_of_a_name_gets_in(said: str) -> None:
    accounts = Accounts([("ann", "her word")])
    assert accounts.fit(said, "her word") is None
    assert accounts.fit("ann", said) is None


def test_an_unknown_name_takes_as_long_as_a_known_one(ann: Accounts) -> None:
    def seconds(user: str) -> float:
        begin = time.perf_counter()
        ann.fit(user, "a guess")
        return time.perf_counter() - begin

    pairs = [(seconds("ann"), seconds("nobody")) for _ in range(5)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    # without the hash of nobody it would be a thousandth; a busy machine shifts both
    assert 0.5 < unknown / known < 2


def test_guesses_are_counted_by_address_and_by_user(ann: Accounts) -> None:
    clock = Clock()
    tries = Tries(ann, Patience(clock))
    for number in range(4):
        tried(tries, f"user {number}", "x", "10.0.0.1")
    assert tried(tries, "ann", "her word", "10.0.0.1")[1] > 0
    for number in range(4):
        tried(tries, "bob", "x", f"10.0.1.{number}")
    assert tried(tries, "bob", "x", "10.0.2.2")[1] > 0


def test_addresses_of_one_household_are_one(ann: Accounts) -> None:
    tries = Tries(ann, Patience(Clock()))
    for number in range(4):
        tried(tries, f"user {number}", "x", f"2001:db8::{number}")
    assert tried(tries, "ann", "her word", "2001:db8::ffff")[1] > 0
    assert network_of("::ffff:10.0.0.1") == network_of("10.0.0.1")


def test_many_strangers_do_not_wash_away_what_one_has_guessed(ann: Accounts) -> None:
    patience = Patience(Clock())
    for number in range(12_000):
        patience.wrong("as ann", f"at {number}")
    assert patience.wait("as ann") == 60


def test_a_stranger_who_guesses_all_day_does_not_shut_the_owner_out(ann: Accounts) -> None:
    clock = Clock()
    tries = Tries(ann, Patience(clock))
    known = ann.get("ann")
    assert known
    mark = mark_for(known)
    for number in range(8):
        clock.now += 61
        assert tried(tries, "ann", f"guess {number}", "6.6.6.6") == (False, 0.0)
    assert tried(tries, "ann", "her word", "10.0.0.5")[1] > 0, "a browser that was never here waits"
    assert tried(tries, "ann", "her word", "10.0.0.5", mark) == (True, 0.0)
    clock.now += 60
    assert tried(tries, "ann", "her word", "10.0.0.5") == (True, 0.0), "and that for a minute at most"


@pytest.mark.parametrize("mark", ["", ".", "a.b", "\ud800.x", "." * 5000])
def test_a_made_up_mark_is_worth_nothing(ann: Accounts, mark: str) -> None:
    tries = Tries(ann, Patience(Clock()))
    for number in range(5):
        tried(tries, "ann", f"guess {number}", "6.6.6.6", mark)
    assert tried(tries, "ann", "her word", "6.6.6.6", mark)[1] > 0


def test_the_mark_of_one_is_not_the_mark_of_another() -> None:
    ann, bob = Account.of(Person("ann"), "one"), Account.of(Person("bob"), "two")
    accounts = Accounts(kept=lambda: {"ann": ann, "bob": bob})
    tries = Tries(accounts, Patience(Clock()))
    for number in range(5):
        tried(tries, "ann", f"guess {number}", "6.6.6.6", mark_for(bob))
    assert tried(tries, "ann", "one", "6.6.6.6", mark_for(bob))[1] > 0


def test_a_browser_that_is_known_may_not_guess_for_ever_either(ann: Accounts) -> None:
    account = ann.get("ann")
    assert account
    mark, tries = mark_for(account), Tries(ann, Patience(Clock()))
    for number in range(4):
        tried(tries, "ann", f"guess {number}", "6.6.6.6", mark)
    assert tried(tries, "ann", "her word", "6.6.6.6", mark)[1] > 0


def test_headers_are_counted_with_the_page_and_its_tries(besieged: Target) -> None:
    file = besieged.folder / "auth.json"
    accounts = dict(AuthFile(file).read())
    write_accounts(file, {**accounts, "zed": Account.of(Person("zed"), "a word of zed")})
    # one client, which need not be made each time: the first wait is a second long, also on a busy machine
    with httpx.Client(base_url=besieged.address, timeout=30) as client:
        guesses = [
            client.get("/v1/models", headers={"authorization": f"Bearer zed:{number}"}).status_code
            for number in range(5)
        ]
        assert 429 in guesses
        assert client.post("/login", data={"user": "zed", "password": "a word of zed"}).status_code == 429
    write_accounts(file, accounts)


def test_a_damaged_or_missing_file_lets_nobody_in(tmp_path: Path) -> None:
    file = tmp_path / "auth.json"
    write_accounts(file, {"ann": Account.of(Person("ann"), "her word")})
    accounts = Accounts(kept=AuthFile(file).read)
    assert accounts.fit("ann", "her word")
    for content in (b"", b"{}", b"[" * 100_000, b'{"people": {"ann": {"role": "owner"}}}', b"\xff"):
        file.write_bytes(content)
        assert accounts.fit("ann", "her word") is None
    file.unlink()
    assert accounts.fit("ann", "her word") is None


def test_nobody_but_the_owner_of_the_file_reads_the_hashes(tmp_path: Path) -> None:
    file = tmp_path / "auth.json"
    write_accounts(file, {"ann": Account.of(Person("ann"), "her word")})
    assert file.stat().st_mode & 0o777 == 0o600
    assert "her word" not in file.read_text()
    assert [each.name for each in tmp_path.iterdir()] == ["auth.json"]
    assert "digest" not in repr(AuthFile(file).read()["ann"])
