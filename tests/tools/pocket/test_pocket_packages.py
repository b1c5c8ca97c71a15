from pathlib import Path

import pytest

from tests.tools.pocket.making import FakeNpm, pack
from tools.pocket.packages import PACKAGES, Package, PackageError, fetch, licence_table
from tools.pocket.words import Drawings


@pytest.fixture
def packages(npm: FakeNpm) -> tuple[Package, ...]:
    return (
        pack(npm, "@here/one", Drawings.NOTO, {"package/what": "one"}),
        pack(npm, "two", Drawings.TWEMOJI, {"package/what": "two"}),
        pack(npm, "three", None, {"package/what": "three"}),
    )


def test_every_package_comes_unpacked_under_what_it_is_for(tmp_path: Path, npm: FakeNpm, packages: tuple[Package, ...]):
    folders = fetch(tmp_path / "packages", packages, npm=npm.program)
    assert {name: (folder / "what").read_text() for name, folder in folders.items()} == {
        Drawings.NOTO: "one",
        Drawings.TWEMOJI: "two",
        None: "three",
    }
    assert npm.asked == ["@here/one@1.0.0", "two@1.0.0", "three@1.0.0"]


def test_what_is_there_whole_is_not_fetched_again(tmp_path: Path, npm: FakeNpm, packages: tuple[Package, ...]):
    fetch(tmp_path / "packages", packages, npm=npm.program)
    fetch(tmp_path / "packages", packages, npm=tmp_path / "no npm at all")
    assert len(npm.asked) == 3


def test_a_package_that_arrives_damaged_is_thrown_away_and_named_and_the_others_are_kept(
    tmp_path: Path, npm: FakeNpm, packages: tuple[Package, ...]
):
    file = npm.store / packages[1].file
    whole = file.read_bytes()
    file.write_bytes(whole[:-8] + b"damaged!")
    with pytest.raises(PackageError, match=r"two 1\.0\.0 arrived damaged .* run `data` again") as told:
        fetch(tmp_path / "packages", packages, npm=npm.program)
    assert "one" not in str(told.value)
    assert "three" not in str(told.value)
    kept = sorted(path.name for path in (tmp_path / "packages").iterdir())
    assert kept == ["here-one-1.0.0", "here-one-1.0.0.tgz", "three-1.0.0", "three-1.0.0.tgz"]
    file.write_bytes(whole)
    fetch(tmp_path / "packages", packages, npm=npm.program)
    assert npm.asked[3:] == ["two@1.0.0"]


def test_a_package_that_is_damaged_later_is_fetched_and_unpacked_anew(
    tmp_path: Path, npm: FakeNpm, packages: tuple[Package, ...]
):
    folders = fetch(tmp_path / "packages", packages, npm=npm.program)
    (tmp_path / "packages" / packages[0].file).write_bytes(b"cut")
    (folders[Drawings.NOTO] / "what").write_text("of another version")
    folders = fetch(tmp_path / "packages", packages, npm=npm.program)
    assert (folders[Drawings.NOTO] / "what").read_text() == "one"
    assert npm.asked[3:] == ["@here/one@1.0.0"]


def test_a_package_that_npm_does_not_find_is_named_with_what_npm_says_and_the_others_are_kept(
    tmp_path: Path, npm: FakeNpm, packages: tuple[Package, ...]
):
    (npm.store / packages[0].file).unlink()
    with pytest.raises(PackageError, match=r"@here/one 1\.0\.0 could not be fetched \(npm error 404"):
        fetch(tmp_path / "packages", packages, npm=npm.program)
    assert (tmp_path / "packages" / "three-1.0.0" / "package" / "what").read_text() == "three"


def test_a_machine_without_npm_is_told_what_to_install(tmp_path: Path, packages: tuple[Package, ...]):
    with pytest.raises(PackageError, match=r"npm, which is not installed; install Node\.js"):
        fetch(tmp_path / "packages", packages, npm=tmp_path / "no npm at all")


@pytest.mark.parametrize("path", ["../escaped", "package/../../../escaped"])
def test_a_file_that_would_escape_the_folder_is_refused(tmp_path: Path, npm: FakeNpm, path: str):
    bad = pack(npm, "bad", Drawings.NOTO, {"package/what": "bad", path: "out"})
    good = pack(npm, "good", None, {"package/what": "good"})
    with pytest.raises(PackageError, match=r"bad 1\.0\.0 cannot be unpacked"):
        fetch(tmp_path / "packages", (bad, good), npm=npm.program)
    assert not list(tmp_path.rglob("escaped"))
    assert not list((tmp_path / "packages").glob("bad-1.0.0*/"))
    assert (tmp_path / "packages" / "good-1.0.0" / "package" / "what").exists()


def test_an_unpacking_that_was_cut_off_is_not_taken_for_whole(
    tmp_path: Path, npm: FakeNpm, packages: tuple[Package, ...]
):
    half = tmp_path / "packages" / "two-1.0.0.part"
    half.mkdir(parents=True)
    (half / "left over").touch()
    folders = fetch(tmp_path / "packages", packages, npm=npm.program)
    assert (folders[Drawings.TWEMOJI] / "what").read_text() == "two"
    assert not list((tmp_path / "packages").rglob("left over"))


def test_the_pinned_packages_hold_every_set_once_and_the_table_of_licences_names_each():
    wanted = {package.drawings for package in PACKAGES}
    assert len(wanted) == len(PACKAGES)
    assert wanted == {*Drawings, None}
    table = licence_table()
    for package in PACKAGES:
        assert f"`{package.name}` {package.version} | {package.credit} | {package.licence} |" in table


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_the_pinned_packages_come_from_the_real_registry_as_they_were(tmp_path: Path):
    folders = fetch(tmp_path)  # checks each one's digest itself
    assert (folders[None] / "data-by-emoji.json").stat().st_size > 100_000
    for name in Drawings:
        holds = "assets/1f408.webp" if name is Drawings.FLUENT_3D else "icons.json"
        assert (folders[name] / holds).exists(), name
