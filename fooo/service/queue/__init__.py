"""The queue of jobs, in a file or in memory."""

from fooo.service.queue.kept import open_queue
from fooo.service.queue.queue import Queue
from fooo.service.queue.rows import Queued, QueueState, StoredJob, Unplanned

__all__ = ["Queue", "QueueState", "Queued", "StoredJob", "Unplanned", "open_queue"]
