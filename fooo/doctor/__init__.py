"""What this machine has, what is wrong with it, and how to mend that. Found here, printed by whoever asks."""

from fooo.doctor.examine import examine
from fooo.doctor.finding import Area, Finding, State, as_json, as_line, exit_code

__all__ = ["Area", "Finding", "State", "as_json", "as_line", "examine", "exit_code"]
