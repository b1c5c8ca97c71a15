"""The queue of jobs: in a file that survives the program, or in memory.

Nothing here asks what time it is: order is kept in numbers, so a clock that jumps moves no job.
"""

import json
import logging
import sqlite3
from collections.abc import Sequence
from itertools import starmap
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from fooo.errors import QueueUnusable, RequestError
from fooo.events import ShotDone
from fooo.plan import Plan
from fooo.record import Intent, Record
from fooo.request import Request
from fooo.service.queue.database import Database, Value
from fooo.service.queue.recovery import end, recover, take_over
from fooo.service.queue.rows import Queued, QueueState, StoredJob, Unplanned, in_turn
from fooo.service.queue.seat import Seat, take_first

log = logging.getLogger(__name__)

_ID = "id = :id"
_NEXT_PLACE = "(SELECT coalesce(max(place), 0) + 1 FROM jobs)"


class Queue:
    """Safe from any thread. Several programs may have the same file: each draws what it was asked for itself.

    Args:
        path: Of the file; None keeps the queue in memory.
        patience: Seconds to wait for a file that another program writes.

    Raises:
        QueueDamaged: The file is no queue.
        QueueUnusable: It cannot be opened or written, or is from a newer version. Each method may raise it, too.
    """

    def __init__(self, path: Path | None = None, *, patience: float = 5.0) -> None:
        self._path = path
        self._file = Database(path, patience=patience)
        self._seat: Seat | None = None
        if path is None:
            return
        try:
            self._seat = take_first(path)
            take_over(self._file, path, self._number)
            recover(self._file, self._number)
        except (sqlite3.Error, QueueUnusable) as error:
            self.close()
            if isinstance(error, QueueUnusable):
                raise
            raise QueueUnusable(f"The folder {path.parent} cannot be locked ({error}); choose another one.") from None

    @property
    def is_kept(self) -> bool:
        """Whether it survives the program."""
        return self._path is not None

    def submit(self, job_id: str, plan: Plan, *, person: str = "", priority: int = 0) -> None:
        """Put a job behind its person's others. Its plan is kept as it is, whatever becomes of the catalog."""
        with self._file.writing() as file:
            self._add(file, job_id, person, priority, QueueState.WAITING, len(plan.shots))
            file.execute("INSERT INTO plans VALUES (?, ?)", (job_id, plan.model_dump_json()))

    def wait_for_files(
        self, job_id: str, request: Request, files: Sequence[str], *, person: str = "", priority: int = 0
    ) -> None:
        """Put a request behind its person's jobs that cannot be planned before these files are here."""
        with self._file.writing() as file:
            self._add(file, job_id, person, priority, QueueState.WAITING_FOR_FILE, 0)
            values = (job_id, request.model_dump_json(exclude_unset=True), json.dumps(list(files)))
            file.execute("INSERT INTO requests VALUES (?, ?, ?)", values)

    def planned(self, job_id: str, plan: Plan) -> bool:
        """The files of a request are here, and this is its plan. Returns: Whether the job still waits for them."""
        with self._file.writing() as file:
            changed = file.execute(
                "UPDATE jobs SET state = 'waiting', shots = ? WHERE id = ? AND state = 'waiting for a file'",
                (len(plan.shots), job_id),
            ).rowcount
            if changed:
                file.execute("INSERT INTO plans VALUES (?, ?)", (job_id, plan.model_dump_json()))
                file.execute("DELETE FROM requests WHERE job = ?", (job_id,))
            return bool(changed)

    def take(self) -> str | None:
        """The id of the next job, which runs from now on; None where none waits or the queue is paused."""
        if self.is_paused:
            return None
        with self._file.writing() as file:
            found = file.execute(
                "SELECT id FROM jobs WHERE seat = ? AND state = 'waiting' AND interrupted ORDER BY number LIMIT 1",
                (self._number,),
            ).fetchone()
            job_id: str | None = found[0] if found else self._fairly(file)
            running = "UPDATE jobs SET state = 'running', interrupted = 0, tries = tries + 1 WHERE id = ?"
            file.execute(running, (job_id,))
            return job_id

    def intend(self, job_id: str, shot: int, intent: Intent, record: Record) -> None:
        """A picture of the job is about to be written. It counts from `keep` on.

        Why twice, and in this order: file and row cannot be written in one breath, so a program may be killed between
        them. The row comes first and says which bytes will have which name, and a name is only ever given to whole
        bytes. After a crash one look at the name tells on which side of it the crash came: the bytes are there, and
        the picture counts; or they are not, and the shot is drawn again. So it is never there twice, for what does not
        count is not there; and never half.
        """
        path, part = (str(each.absolute()) for each in (intent.path, intent.part))
        values = (job_id, shot, path, part, intent.sha256, record.model_dump_json())
        with self._file.writing() as file:
            file.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, 0)", values)

    def keep(self, job_id: str, shot: int) -> None:
        """The picture that was intended is written."""
        with self._file.writing() as file:
            file.execute("UPDATE pictures SET kept = 1 WHERE job = ? AND shot = ?", (job_id, shot))
            file.execute("UPDATE jobs SET tries = 0 WHERE id = ?", (job_id,))

    def finished_shots(self, job_id: str) -> frozenset[int]:
        """Numbers of the job's pictures that are there."""
        rows = self._file.read("SELECT shot FROM pictures WHERE job = ? AND kept", (job_id,))
        return frozenset(int(shot or 0) for (shot,) in rows)

    def drawn(self, person: str, day: str) -> int:
        """How many of the person's pictures were made on a day. Args: day: As their files' names begin with it."""
        sql = "SELECT path FROM pictures JOIN jobs ON id = job WHERE person = ? AND kept AND instr(path, ?)"
        return sum(Path(str(path)).name.startswith(day) for (path,) in self._file.read(sql, (person, day)))

    def remember(self, job_id: str, plan: Plan, done: ShotDone, *, person: str = "") -> None:
        """A picture that an earlier program has made, as a job of its own that has ended."""
        with self._file.writing() as file:
            self._add(file, job_id, person, 0, QueueState.RUNNING, 1)
            file.execute("INSERT INTO plans VALUES (?, ?)", (job_id, plan.model_dump_json()))
            values = (job_id, done.record.shot.number, str(done.path), done.record.model_dump_json())
            file.execute("INSERT INTO pictures VALUES (?, ?, ?, '', '', ?, 1)", values)
            end(file, _ID, QueueState.DONE, job_id=job_id)

    def end(self, job_id: str, state: QueueState, *, error: str | None = None) -> None:
        """The job has ended. Args: error: Why it failed."""
        with self._file.writing() as file:
            end(file, _ID, state, error=error, job_id=job_id)

    def put_back(self, job_id: str) -> None:
        """A running job was interrupted: it goes on before all others, unless the person has ended it."""
        with self._file.writing() as file:
            end(file, f"{_ID} AND stopping", QueueState.STOPPED, job_id=job_id)
            again = "UPDATE jobs SET state = 'waiting', interrupted = 1, tries = 0 WHERE id = ? AND state = 'running'"
            file.execute(again, (job_id,))

    def cancel(self, job_id: str) -> bool:
        """End a job at the person's wish.

        Returns:
            Whether it is over; one that runs ends at its next step, or after a crash does not go on.
        """
        with self._file.writing() as file:
            file.execute("UPDATE jobs SET stopping = 1 WHERE id = ? AND state = 'running'", (job_id,))
            waits = f"{_ID} AND state IN ('waiting', 'waiting for a file')"
            return end(file, waits, QueueState.STOPPED, job_id=job_id)

    def prioritise(self, job_id: str, priority: int) -> None:
        """Larger comes first among the person's own jobs. Raises: RequestError: It does not wait."""
        with self._file.writing() as file:
            self._waiting(file, job_id)
            file.execute("UPDATE jobs SET priority = ? WHERE id = ?", (priority, job_id))

    def move(self, job_id: str, *, before: str | None) -> None:
        """Put a job right before another of the same person, with its priority; None: behind them all.

        Raises:
            RequestError: One of them does not wait, or they are not the same person's.
        """
        with self._file.writing() as file:
            person, lowest, _ = self._waiting(file, job_id)
            if before is None:
                sql = "SELECT min(priority) FROM jobs WHERE seat = ? AND person = ? AND state = 'waiting'"
                lowest = file.execute(sql, (self._number, person)).fetchone()[0]
                file.execute(f"UPDATE jobs SET priority = ?, place = {_NEXT_PLACE} WHERE id = ?", (lowest, job_id))
                return
            owner, priority, place = self._waiting(file, before)
            if owner != person:
                raise RequestError("before", "that job is somebody else's", "choose one of the same person")
            if job_id != before:
                file.execute("UPDATE jobs SET place = place + 1 WHERE place >= ? AND ended IS NULL", (place,))
                file.execute("UPDATE jobs SET priority = ?, place = ? WHERE id = ?", (priority, place, job_id))

    def pause(self) -> None:
        """Begin no further job, also after a restart, until `resume`."""
        with self._file.writing() as file:
            file.execute("INSERT OR IGNORE INTO paused VALUES (?)", (self._number,))

    def resume(self) -> None:
        with self._file.writing() as file:
            file.execute("DELETE FROM paused WHERE seat = ?", (self._number,))

    @property
    def is_paused(self) -> bool:
        return bool(self._file.read("SELECT 1 FROM paused WHERE seat = ?", (self._number,)))

    def waiting(self) -> tuple[Queued, ...]:
        """The jobs that wait their turn, in the order in which they will have it."""
        sql = """SELECT id, person, priority, place, number, interrupted, shots FROM jobs
            WHERE seat = ? AND state = 'waiting'"""
        rows = cast(list[tuple[str, str, int, int, int, bool, int]], self._file.read(sql, (self._number,)))
        turns = cast(list[tuple[str, int]], self._file.read("SELECT name, turn FROM people"))
        return in_turn(starmap(Queued, rows), dict(turns))

    def unplanned(self) -> tuple[Unplanned, ...]:
        """The requests that wait for files, oldest first."""
        return self._unplanned("seat = ? AND state = 'waiting for a file'", (self._number,))

    def without_plan(self, job_id: str) -> Unplanned | None:
        """A request that waits for files, or has ended without ever having been planned."""
        return next(iter(self._unplanned("id = ?", (job_id,))), None)

    def _unplanned(self, which: str, values: tuple[Value, ...]) -> tuple[Unplanned, ...]:
        sql = f"""SELECT id, person, request, files, state, error FROM jobs JOIN requests ON job = id
            WHERE {which} ORDER BY number"""
        return tuple(
            Unplanned(
                str(job_id),
                str(person),
                Request.model_validate_json(str(request)),
                tuple(json.loads(str(files))),
                QueueState(str(state)),
                str(error) if error else None,
            )
            for job_id, person, request, files, state, error in self._file.read(sql, values)
        )

    def stored(self, *, most_ended: int = 200) -> tuple[StoredJob, ...]:
        """The jobs of earlier runs: the newest that have ended, oldest first, then those that wait, in order of asking.

        One whose plan cannot be read any more fails, and says so.
        """
        ended = """SELECT id, person, state, plan, error FROM jobs JOIN plans ON job = id
            WHERE ended IS NOT NULL ORDER BY ended DESC LIMIT ?"""
        waiting = """SELECT id, person, state, plan, error FROM jobs JOIN plans ON job = id
            WHERE seat = ? AND state IN ('waiting', 'running') ORDER BY number"""
        rows = [*reversed(self._file.read(ended, (most_ended,))), *self._file.read(waiting, (self._number,))]
        return tuple(job for row in rows if (job := self._stored(row)))

    def ended(self, job_id: str) -> StoredJob | None:
        """A job that has ended, also of another program on the same file; None where there is none of that id."""
        sql = """SELECT id, person, state, plan, error FROM jobs JOIN plans ON job = id
            WHERE id = ? AND ended IS NOT NULL"""
        return next((job for row in self._file.read(sql, (job_id,)) if (job := self._stored(row))), None)

    def close(self) -> None:
        """Leave the file; its jobs wait for the next program."""
        self._file.close()
        if self._seat:
            self._seat.leave()

    @property
    def _number(self) -> int:
        """Of the seat; 0 in memory."""
        return self._seat.number if self._seat else 0

    def _add(
        self, file: sqlite3.Connection, job_id: str, person: str, priority: int, state: QueueState, shots: int
    ) -> None:
        file.execute(
            f"""INSERT INTO jobs (id, seat, person, priority, place, state, shots)
                VALUES (?, ?, ?, ?, {_NEXT_PLACE}, ?, ?)""",
            (job_id, self._number, person, priority, state.value, shots),
        )

    def _fairly(self, file: sqlite3.Connection) -> str | None:
        """The first job of the person who had a turn least recently, and this is a turn."""
        person = file.execute(
            """SELECT person FROM jobs LEFT JOIN people ON name = person WHERE seat = ? AND state = 'waiting'
                GROUP BY person ORDER BY coalesce(turn, 0), min(number) LIMIT 1""",
            (self._number,),
        ).fetchone()
        if person is None:
            return None
        file.execute(
            """INSERT INTO people VALUES (?, (SELECT coalesce(max(turn), 0) + 1 FROM people))
                ON CONFLICT (name) DO UPDATE SET turn = excluded.turn""",
            person,
        )
        return file.execute(
            """SELECT id FROM jobs WHERE seat = ? AND state = 'waiting' AND person = ?
                ORDER BY priority DESC, place LIMIT 1""",
            (self._number, *person),
        ).fetchone()[0]

    def _waiting(self, file: sqlite3.Connection, job_id: str) -> tuple[str, int, int]:
        """Person, priority and place of a job. Raises: RequestError: It does not wait."""
        sql = "SELECT person, priority, place FROM jobs WHERE id = ? AND seat = ? AND state = 'waiting'"
        found = file.execute(sql, (job_id, self._number)).fetchone()
        if found is None:
            raise RequestError("job", f"{job_id} does not wait", "choose one that waits")
        return found

    def _stored(self, row: Sequence[Value]) -> StoredJob | None:
        job_id, person, state, plan, error = row
        try:
            return StoredJob(
                id=str(job_id),
                person=str(person),
                state=QueueState(str(state)),
                plan=Plan.model_validate_json(str(plan)),
                pictures=self._pictures(str(job_id)),
                error=str(error) if error else None,
            )
        except ValidationError:
            why = "It was planned by another version of Fooo; ask for it again."
            log.warning("The job %s is left out. %s", job_id, why)
            self.end(str(job_id), QueueState.FAILED, error=why)
            return None

    def _pictures(self, job_id: str) -> tuple[ShotDone, ...]:
        rows = self._file.read("SELECT record, path FROM pictures WHERE job = ? AND kept ORDER BY shot", (job_id,))
        return tuple(ShotDone(Record.model_validate_json(str(record)), Path(str(path))) for record, path in rows)
