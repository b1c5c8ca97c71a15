"""An engine in a process of its own: what crashes there ends one job, and not the program."""

from fooo.engine.process.anew import Anew
from fooo.engine.process.devices import CPU, read_devices
from fooo.engine.process.engine import ProcessEngine
from fooo.engine.process.patience import Patience

__all__ = ["CPU", "Anew", "Patience", "ProcessEngine", "read_devices"]
