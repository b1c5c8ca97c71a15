"""Whose pictures lie where, below the folder of all."""

from fooo.interface.people.person import Person, Role
from fooo.record.archive import person_folder


def own_folders(person: Person) -> frozenset[str] | None:
    """The folders of the pictures that belong into their history, as `is_own` has it of jobs.

    Returns:
        The names; empty of what was drawn while nobody logged in. None: all folders there are.
    """
    if not person.name:
        return None if person.role is Role.OWNER else frozenset()
    own = frozenset({person_folder(person.name)})
    return own | {""} if person.role is Role.OWNER else own
