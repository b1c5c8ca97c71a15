"""Keys: shown once, kept as hashes, gone when they are removed."""

import stat
import sys
from pathlib import Path

import pytest

from fooo.errors import FoooError, RequestError, UnknownName
from fooo.interface.people import Account, Person
from fooo.interface.people.auth_file import write_accounts
from fooo.interface.people.keys import KEY_FILE, Key, KeyFile, key_in, new_key, read_keys, write_keys
from fooo.interface.people.keys_verb import manage_keys


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    return tmp_path / "auth.json"


def add(accounts: Path, capsys: pytest.CaptureFixture[str], name: str, person: str | None = None) -> str:
    """The key that is printed."""
    assert manage_keys("add", name, person=person, accounts=accounts) == 0
    return capsys.readouterr().out.strip()


def test_a_key_that_was_made_asks_in_its_persons_name(accounts: Path, capsys: pytest.CaptureFixture[str]):
    key = add(accounts, capsys, "backup", "ann")
    keys = KeyFile(accounts.with_name(KEY_FILE))
    assert keys.person(key) == "ann"
    assert keys.person(add(accounts, capsys, "bob")) == "bob"
    for wrong in ("", "fooo_", key[:-1], key + "x", new_key(), "\ud800"):
        assert keys.person(wrong) is None


def test_a_removed_key_is_forgotten_at_once(accounts: Path, capsys: pytest.CaptureFixture[str]):
    key = add(accounts, capsys, "backup")
    keys = KeyFile(accounts.with_name(KEY_FILE))
    assert keys.person(key) == "backup"
    manage_keys("remove", "backup", person=None, accounts=accounts)
    assert keys.person(key) is None


def test_the_file_holds_no_key_and_is_its_owners_alone(accounts: Path, capsys: pytest.CaptureFixture[str]):
    key = add(accounts, capsys, "backup")
    file = accounts.with_name(KEY_FILE)
    assert key.removeprefix("fooo_") not in file.read_text()
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    manage_keys("list", None, person=None, accounts=accounts)
    assert capsys.readouterr().out == "backup  for backup\n"


def test_no_two_keys_are_alike_nor_are_their_hashes():
    first, second = new_key(), new_key()
    assert first != second
    assert len(first) >= 48
    assert Key.of("a", "ann", first).digest != Key.of("b", "ann", first).digest


def test_a_key_has_a_name_of_its_own_and_a_person_who_may_log_in(accounts: Path, capsys: pytest.CaptureFixture[str]):
    write_accounts(accounts, {"ann": Account.of(Person("ann"), "her secret")})
    add(accounts, capsys, "backup", "ann")
    with pytest.raises(RequestError, match="already"):
        manage_keys("add", "backup", person="ann", accounts=accounts)
    with pytest.raises(UnknownName, match="did you mean: ann"):
        manage_keys("add", "other", person="anne", accounts=accounts)
    with pytest.raises(UnknownName):
        manage_keys("remove", "nothing", person=None, accounts=accounts)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"keys": {"a": 1}}', '{"keys": {"a": {"person": "b", "salt": "%"}}}']
)
def test_a_damaged_file_knows_nobody_and_says_so(tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture):
    file = tmp_path / KEY_FILE
    file.write_text(content)
    with pytest.raises(FoooError, match="damaged"):
        read_keys(file)
    assert KeyFile(file).person(new_key()) is None
    assert "no key is known" in caplog.text


def test_a_mended_file_is_read_again(tmp_path: Path):
    file, key = tmp_path / KEY_FILE, new_key()
    file.write_text("{")
    keys = KeyFile(file)
    assert keys.person(key) is None
    write_keys(file, {"a": Key.of("a", "ann", key)})
    assert keys.person(key) == "ann"


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"x-api-key": "fooo_a"}, "fooo_a"),
        ({"authorization": "Bearer fooo_a"}, "fooo_a"),
        ({"authorization": "bearer  fooo_a "}, "fooo_a"),
        ({"authorization": "Bearer ann:fooo_a"}, None),
        ({"authorization": "Bearer fooo_ann:secret"}, None),
        ({"authorization": "Basic fooo_a"}, None),
        ({}, None),
    ],
)
def test_a_key_is_told_from_a_password(headers: dict[str, str], key: str | None):
    assert key_in(headers) == key
