"""People: who may log in, what each may do and see, and how much. The same for every face."""

from fooo.interface.people.accounts import Account, Accounts, new_password
from fooo.interface.people.drawing import check_quota, repeat, retry, submit
from fooo.interface.people.person import HOST, Deed, Person, Quota, Role, check_may, is_own, may, sees

__all__ = [
    "HOST",
    "Account",
    "Accounts",
    "Deed",
    "Person",
    "Quota",
    "Role",
    "check_may",
    "check_quota",
    "is_own",
    "may",
    "new_password",
    "repeat",
    "retry",
    "sees",
    "submit",
]
