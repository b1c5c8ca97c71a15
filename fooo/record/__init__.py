"""What was made: enough to make it again."""

from fooo.record.archive import Archive
from fooo.record.metadata import png_bytes, read_record
from fooo.record.record import ModelUsed, Record, write_record

__all__ = ["Archive", "ModelUsed", "Record", "png_bytes", "read_record", "write_record"]
