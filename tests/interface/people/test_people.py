"""The verb `people`, and how much a guest may ask for."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fooo.errors import FoooError, NotAllowed, RequestError, UnknownName
from fooo.events import JobDone
from fooo.interface.people import HOST, Accounts, Person, Quota, Role, check_quota
from fooo.interface.people.auth_file import AuthFile, read_accounts, write_accounts
from fooo.interface.people.verb import manage_people
from fooo.plan import Plan
from fooo.record import Intent, Record
from fooo.request import read_request
from fooo.service import Fooo, Queue
from fooo.service.jobs import Jobs
from fooo.service.keeping import Hold

PlanOf = Callable[..., Plan]
Say = Callable[..., int]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "auth.json"


@pytest.fixture
def people(file: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """The verb with a password typed behind it."""

    def say(action: str, name: str | None = None, *, guest: bool = False, typed: str = "a long word") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        return manage_people(action, name, guest=guest, file=file)

    return say


def test_who_was_added_may_log_in_as_what_they_were_added(people: Say, file: Path) -> None:
    assert people("add", "ann") == 0
    people("add", "gil", guest=True, typed="another word")
    accounts = Accounts(kept=AuthFile(file).read)
    found = accounts.fit("ann", "a long word"), accounts.fit("gil", "another word")
    assert [each and each.person.role for each in found] == [Role.OWNER, Role.GUEST]
    assert accounts.fit("gil", "a long word") is None


def test_they_are_listed_without_their_hashes(people: Say, capsys: pytest.CaptureFixture[str]) -> None:
    people("add", "ann")
    people("add", "gil", guest=True)
    capsys.readouterr()
    people("list")
    assert capsys.readouterr().out == "ann  owner\ngil  guest\n"


def test_a_password_that_is_left_empty_is_made_and_shown(
    people: Say, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people("add", "ann", typed="")
    password = capsys.readouterr().out.splitlines()[0].rsplit(" ", 1)[-1]
    assert len(password) == 16
    assert Accounts(kept=AuthFile(file).read).fit("ann", password)


def test_a_new_password_takes_the_place_of_the_old_one_and_the_role_stays(people: Say, file: Path) -> None:
    people("add", "ann")
    people("add", "gil", guest=True)
    kept = AuthFile(file)
    accounts = Accounts(kept=kept.read)
    assert accounts.fit("gil", "a long word")
    people("password", "gil", typed="a new word")
    found = accounts.fit("gil", "a new word")
    assert found
    assert found.person.role is Role.GUEST
    assert accounts.fit("gil", "a long word") is None


def test_who_was_removed_may_not_log_in(people: Say, file: Path) -> None:
    people("add", "ann")
    people("remove", "ann")
    assert not Accounts(kept=AuthFile(file).read)


@pytest.mark.parametrize("name", ["", "a:b", "../x", "a b", "a\nb", "x" * 41, "_a", "-a"])
def test_a_name_that_cannot_be_typed_at_a_login_is_refused(people: Say, name: str) -> None:
    with pytest.raises(RequestError, match="will not do"):
        people("add", name or " ")


@pytest.mark.parametrize("name", ["安", "jürgen", "a.b@c", "Ann-1"])
def test_names_of_every_language_will_do(people: Say, name: str) -> None:
    assert people("add", name) == 0


def test_what_leaves_nobody_in_charge_is_refused(people: Say) -> None:
    with pytest.raises(RequestError, match="add yourself first"):
        people("add", "gil", guest=True)
    people("add", "ann")
    people("add", "gil", guest=True)
    with pytest.raises(RequestError, match="last owner"):
        people("remove", "ann")


def test_the_same_name_twice_an_unknown_one_and_a_short_password_are_refused(people: Say) -> None:
    people("add", "ann")
    with pytest.raises(RequestError, match="already"):
        people("add", "ANN")
    with pytest.raises(UnknownName, match="did you mean: ann"):
        people("password", "anne")
    with pytest.raises(RequestError, match="at least 8"):
        people("password", "ann", typed="short")


def test_quotas_are_kept_with_the_guest(file: Path, people: Say) -> None:
    people("add", "ann")
    people("add", "gil", guest=True)
    text = file.read_text().replace('"pictures_a_day": 100', '"pictures_a_day": 3')
    file.write_text(text)
    assert read_accounts(file)["gil"].person.quota.pictures_a_day == 3
    write_accounts(file, read_accounts(file))
    assert read_accounts(file)["gil"].person.quota.pictures_a_day == 3


def test_a_damaged_file_is_told_and_not_written_over(people: Say, file: Path) -> None:
    people("add", "ann")
    file.write_text("{")
    with pytest.raises(FoooError, match="damaged"):
        people("add", "bob")
    assert file.read_text() == "{"


def test_pictures_that_are_coming_count_and_those_of_other_people_do_not(program: Fooo, plan_of: PlanOf) -> None:
    guest = Person("gil", Role.GUEST, Quota(pictures_a_day=3))
    two, one = plan_of(output={"count": 2}), plan_of()
    program.queue.pause()
    program.queue.add(two, person="gil")
    program.queue.add(two, person="ann")
    check_quota([one], guest, program)
    with pytest.raises(NotAllowed, match="left today: 1"):
        check_quota([two], guest, program)
    check_quota([two] * 50, HOST, program)


def test_the_day_is_that_of_the_name(program: Fooo) -> None:
    job = program.submit(read_request({"prompt": "a cat", "sampling": {"steps": 1}}), person="gil")
    list(job.events())
    guest = Person("gil", Role.GUEST, Quota(pictures_a_day=1))
    day = date.fromisoformat(job.pictures[0].path.name[:10])
    with pytest.raises(NotAllowed, match="left today: 0"):
        check_quota([job.plan], guest, program, day)
    check_quota([job.plan], guest, program, day.replace(year=day.year + 1))


def test_what_was_drawn_today_counts_also_where_its_jobs_are_no_longer_listed(
    program: Fooo, plan_of: PlanOf, record: Record, tmp_path: Path
) -> None:
    queue = Queue()
    jobs = Jobs(queue, Hold(), clock=lambda: 0.0, changed=lambda: None, most_ended=2)
    program.queue = jobs
    plan = plan_of()
    for number in range(5):
        job = jobs.add(plan, person="gil")
        path = tmp_path / f"2026-11-21_{number}.png"
        queue.intend(job.id, 0, Intent(path, path.with_suffix(".part"), ""), record)
        queue.keep(job.id, 0)
        jobs.finish(job, JobDone(1))
    assert len(jobs.all()) == 2
    today = date(2026, 11, 21)
    check_quota([plan], Person("gil", Role.GUEST, Quota(pictures_a_day=6)), program, today)
    with pytest.raises(NotAllowed, match="left today: 0"):
        check_quota([plan], Person("gil", Role.GUEST, Quota(pictures_a_day=5)), program, today)
